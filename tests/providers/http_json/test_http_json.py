"""What a JSON API is asked, and what is made of what it answers."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler_http_json.answers import told, value
from autoscaler_http_json.metrics_reader import HttpJsonReader
from autoscaler_http_json.queries import Asked, asked
from autoscaler_http_json.settings import HttpJsonSettings
from autoscaler_sources.numbers import Value
from tests.providers.loopback import Reply, answer, seconds
from tests.providers.sources import noise
from tests.providers.sources.fake_http import FakeHttp

SOON = Duration(5000)
NEW_YEAR = 1_767_225_600_000


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


@pytest.fixture
def reader(settings: HttpJsonSettings, site: Site) -> HttpJsonReader:
    return HttpJsonReader(settings, site)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("/queue/depth", Asked("", ("queue", "depth")), id="a place in what the URL itself answers"),
        pytest.param("/v1/stats#/0/depth", Asked("/v1/stats", ("0", "depth")), id="a place behind a path"),
        pytest.param("/stats?of=mail#/depth", Asked("/stats?of=mail", ("depth",)), id="a path with a query"),
        pytest.param("/depth at /time", Asked("", ("depth",), ("time",)), id="with its time"),
        pytest.param("/load#", Asked("/load", ()), id="the whole answer"),
        pytest.param("/a~1b/c~0d/~01", Asked("", ("a/b", "c~d", "~1")), id="slashes and tildes in keys"),
        pytest.param('"/my queue/depth" at "/my time"', Asked("", ("my queue", "depth"), ("my time",)), id="blanks in keys"),
        pytest.param("#/a#b/", Asked("", ("a#b", "")), id="odd keys, and empty ones"),
    ],
)
def test_queries(text: str, meant: Asked) -> None:
    assert asked(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(" ", "is empty", id="nothing"),
        pytest.param("depth", "'depth' at character 1 is no JSON pointer", id="no pointer"),
        pytest.param("/stats#depth", "'depth' at character 8 is no JSON pointer", id="no pointer behind a path"),
        pytest.param("/depth at time", "'time' at character 11 is no JSON pointer", id="no pointer of a time"),
        pytest.param("/depth on /time", "'on' at character 8 is out of place", id="another word"),
        pytest.param("/depth at", "'at' at character 8 is out of place", id="a time without a place"),
        pytest.param("/a/~2", "the ~ at character 4 is neither", id="a stray tilde"),
        pytest.param("stats#/depth", "'stats' at character 1 is no path", id="a path without a slash"),
        pytest.param("/../admin#/depth", "is no path that can be asked", id="a path that leaves the URL"),
        pytest.param("/%2e%2E/admin#/depth", "is no path that can be asked", id="one that does so in disguise"),
        pytest.param('"/a b#/depth"', "is no path that can be asked", id="a path with a blank"),
        pytest.param('"/depth', "a quote is out of place", id="a quote that is not closed"),
    ],
)
def test_queries_nobody_understands(text: str, said: str) -> None:
    found = asked(text)
    assert isinstance(found, Unknown)
    assert (found.why, said in found.detail) == (Code.REFUSED, True), found.detail


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param('{"n": 7, "t": 1767225600}', Value(7000, NEW_YEAR), id="seconds since 1970"),  # type: ignore[arg-type]
        pytest.param('{"n": 7, "t": 1767225600000}', Value(7000, NEW_YEAR), id="milliseconds"),  # type: ignore[arg-type]
        pytest.param('{"n": "7.5", "t": "2026-01-01T01:00:00+01:00"}', Value(7500, NEW_YEAR), id="texts"),  # type: ignore[arg-type]
        pytest.param('{"n": 7, "t": "2026-01-01T00:00:00"}', Code.MALFORMED, id="a time without a zone"),
        pytest.param('{"n": 7, "t": null}', Code.MALFORMED, id="no time"),
        pytest.param('{"n": 7}', Code.MISSING, id="a time that is not there"),
        pytest.param('{"n": 7, "t": 1, "t": 2}', Code.CONTRADICTORY, id="two times"),
        pytest.param('{"n": "7 mails", "t": 1}', Code.NOT_A_NUMBER, id="a text that is more than a number"),
        pytest.param('{"n": "", "t": 1}', Code.NOT_A_NUMBER, id="an empty text"),
        pytest.param('{"n": -7, "t": 1}', Code.NOT_A_NUMBER, id="below zero"),
        pytest.param('{"n": 1e400, "t": 1}', Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param('{"n": {"n": 1}, "t": 1}', Code.MALFORMED, id="a map"),
        pytest.param("7", Code.MISSING, id="a number alone"),
        pytest.param("<html>", Code.MALFORMED, id="a page"),
    ],
)
def test_values(body: str, found: Value | Code) -> None:
    whole = told(200, body.encode())
    answer = whole if isinstance(whole, Unknown) else value(whole, Asked("", ("n",), ("t",)))
    assert (answer.why if isinstance(answer, Unknown) else answer) == found


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_no_answer_of_whatever_shape_raises(amount: int) -> None:
    good = json.dumps({"a": [{"n": 7.5, "t": "2026-01-01T00:00:00Z"}], "n": 7, "t": 1767225600}).encode()

    @noise.of(amount)
    @given(
        noise.bodies("a", "n", "t", good=good), sampled_from(["/n at /t", "/a/0/n at /a/0/t", "/a/n", "#"]), sampled_from([200, 200, 503])
    )
    def holds(body: bytes, text: str, status: int) -> None:
        meant = asked(text)
        assert isinstance(meant, Asked)
        whole = told(status, body)
        assert noise.sound(whole if isinstance(whole, Unknown) else value(whole, meant))

    holds()


@given(text(max_size=40))
def test_no_query_raises(written: str) -> None:
    found = asked(written)
    assert isinstance(found, Asked) or 0 < len(found.detail) <= noise.LONGEST


def test_each_path_is_asked_once(api: FakeHttp, reader: HttpJsonReader) -> None:
    api.answers = {"/stats": answer({"a": 1, "b": 2})}
    assert codes(reader.read(tuple(map(query, ("/stats#/a", "/stats#/b", "/stats#/c", "stats"))), SOON)) == [
        1000,
        2000,
        Code.MISSING,
        Code.REFUSED,
    ]
    assert api.asked == ["/stats"]


def test_a_path_too_long_to_be_asked_spoils_no_other(api: FakeHttp, reader: HttpJsonReader) -> None:
    api.answers = {"/stats": answer({"a": 1})}
    assert codes(reader.read((query("/stats#/a"), query(f"/{'x' * 70_000}#/a")), SOON)) == [1000, Code.REFUSED]


def secret(folder: Path, word: str) -> Secret:
    (folder / "secret").write_text(f"{word}\n")
    return Secret.parse(f"${{file:{folder}/secret}}")


@pytest.mark.parametrize(
    ("field", "more", "header", "sent"),
    [
        pytest.param("token", {}, "Authorization", "Bearer hunter2", id="a bearer token"),
        pytest.param("token", {"token_header": "X-Api-Key"}, "X-Api-Key", "hunter2", id="a key of its own header"),
        pytest.param("password", {"user": "me"}, "Authorization", f"Basic {b64encode(b'me:hunter2').decode()}", id="a password"),
    ],
)
def test_what_lets_us_in(
    api: FakeHttp, settings: HttpJsonSettings, site: Site, tmp_path: Path, field: str, more: dict[str, str], header: str, sent: str
) -> None:
    api.default = answer({"a": 1})
    told = replace(settings, **{field: secret(tmp_path, "hunter2")}, **more)  # type: ignore[arg-type]
    assert codes(HttpJsonReader(told, site).read((query("/x#/a"),), SOON)) == [1000]
    assert [each[header.lower()] for each in api.headers] == [sent]


def test_a_token_that_cannot_be_sent_is_in_no_error(settings: HttpJsonSettings, site: Site, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        HttpJsonReader(replace(settings, token=secret(tmp_path, "hunter2\nmore")), site).read((query("/a"),), SOON)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(lambda: Reply(body=b"x" * 2000), Code.TOO_LARGE, id="larger than allowed"),
        pytest.param(lambda: Reply(status=302, headers={"Location": "http://elsewhere/"}), Code.REFUSED, id="redirects"),
        pytest.param(lambda: Reply(status=404), Code.NOT_FOUND, id="not there"),
        pytest.param(lambda: Reply(status=401), Code.REFUSED, id="not let in"),
        pytest.param(lambda: Reply(status=503), Code.UNAVAILABLE, id="busy"),
        pytest.param(lambda: replace(answer({"a": 1}), ahead=-400), Code.SKEWED, id="an old answer that a cache kept"),
    ],
)
def test_bad_answers(api: FakeHttp, settings: HttpJsonSettings, site: Site, reply: Callable[[], Reply], why: Code) -> None:
    api.answers = {"/good": answer({"a": 1}), "/bad": reply()}
    reader = HttpJsonReader(replace(settings, max_answer=Memory(1500)), site)
    assert codes(reader.read((query("/good#/a"), query("/bad#/a")), SOON)) == [1000, why]


@pytest.mark.parametrize("ahead", [pytest.param(20, id="a clock ahead"), pytest.param(-20, id="a clock behind")])
def test_the_age_is_by_the_sources_own_clock(api: FakeHttp, reader: HttpJsonReader, ahead: int) -> None:
    api.default = replace(answer({"a": 1, "t": seconds() + ahead - 50}), ahead=ahead)
    assert codes(reader.read((query("/x#/a at /t"),), SOON)) == [1000]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"url": Url("ftp://host")}, id="another scheme"),
        pytest.param({"url": Url("http://host/?key=b")}, id="a query of its own"),
        pytest.param({"token_header": "X-Api-Key"}, id="a header without a token"),
        pytest.param({"token_header": "Host", "token": Secret("T")}, id="a header that is no place for a token"),
        pytest.param({"token_header": "a: b", "token": Secret("T")}, id="no header"),
        pytest.param({"user": "me"}, id="a name without a password"),
        pytest.param({"password": Secret("P")}, id="a password without a name"),
        pytest.param({"user": "me", "password": Secret("P"), "token": Secret("T")}, id="two who ask"),
        pytest.param({"max_answer": Memory(0)}, id="no room"),
    ],
)
def test_settings_that_cannot_work(settings: HttpJsonSettings, changed: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        replace(settings, **changed)  # type: ignore[arg-type]


def test_looking_at_the_plugin_loads_no_http_client() -> None:
    program = "import sys, autoscaler_http_json.plugin; print('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"
