"""What goes over the wire to a Prometheus, and what a bad one may do."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.selectors import with_time
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.loopback import Reply
from tests.providers.prometheus.fake_prometheus import FakePrometheus, vector

SOON = Duration(5000)
MINUTE = Duration(60_000)


def query(text: str, stale_after: Duration = MINUTE) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text, stale_after=stale_after)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


@pytest.fixture
def reader(settings: PrometheusSettings, site: Site) -> PrometheusReader:
    return PrometheusReader(settings, site)


def test_each_distinct_query_is_asked_once(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.default = vector(("1", 0))
    readings = reader.read((query("sum(a)"), query("sum(b)"), query("sum(a)")), SOON)
    assert (sorted(prometheus.asked), codes(readings)) == (["sum(a)", "sum(b)"], [1000, 1000, 1000])


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=text) for text in ("up", ' http_total{job="a",path=~"/x{2}.*"} ', "a:b:rate1m", "m{x='}'}")]
)
def test_a_plain_selector_is_asked_with_its_time(text: str) -> None:
    assert with_time(text).startswith(f"{text} or label_replace(timestamp({text})")


@pytest.mark.parametrize(
    "text", ["sum(up)", "up offset 5m", "up[1m]", "1", "up + up", 'up{a="}', "Inf", "{__name__=~'.+'}", "", "up or down"]
)
def test_any_other_query_is_asked_as_it_is(text: str) -> None:
    assert with_time(text) == text


def told(prometheus: FakePrometheus, settings: PrometheusSettings, site: Site, secret: Path) -> PrometheusReader:
    prometheus.default = vector(("1", 0))
    return PrometheusReader(replace(settings, token=Secret.parse(f"${{file:{secret}}}")), site)


def test_the_token_is_sent_and_read_anew_each_time(
    prometheus: FakePrometheus, settings: PrometheusSettings, site: Site, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    for word in ("one", "two"):
        secret.write_text(f"{word}\n")
        told(prometheus, settings, site, secret).read((query("sum(a)"),), SOON)
    assert [sent["authorization"] for sent in prometheus.headers] == ["Bearer one", "Bearer two"]


def test_a_token_that_cannot_be_sent_is_in_no_error(
    prometheus: FakePrometheus, settings: PrometheusSettings, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hunter2\nmore")
    with pytest.raises(SetupError) as caught:
        told(prometheus, settings, site, tmp_path / "token").read((query("sum(a)"),), SOON)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(lambda: Reply(body=b"x" * 2000), Code.TOO_LARGE, id="larger than allowed"),
        pytest.param(
            lambda: Reply(body=b"x" * 1000, headers={"Content-Length": "999999999"}),
            Code.UNAVAILABLE,
            id="says it is huge, and is cut short",
        ),
        pytest.param(lambda: Reply(status=302, headers={"Location": "http://elsewhere/"}), Code.REFUSED, id="redirects"),
        pytest.param(lambda: Reply(status=503, body=b"busy"), Code.UNAVAILABLE, id="busy"),
        pytest.param(lambda: replace(vector(("1", 0)), ahead=40), Code.SKEWED, id="its clock is ahead"),
        pytest.param(lambda: replace(vector(("1", 0)), ahead=-40), Code.SKEWED, id="its clock is behind"),
        pytest.param(lambda: vector(("1", 90)), Code.STALE, id="an old sample"),
        pytest.param(lambda: vector(("1", -60)), Code.SKEWED, id="a sample of the future"),
    ],
)
def test_bad_answers(prometheus: FakePrometheus, settings: PrometheusSettings, site: Site, reply: Callable[[], Reply], why: Code) -> None:
    # Made now: a time taken when the tests were collected is long past when this one runs.
    prometheus.answers["sum(a)"] = reply()
    reader = PrometheusReader(replace(settings, max_answer=Memory(1500)), site)
    prometheus.default = vector(("1", 0))
    assert codes(reader.read((query("sum(b)"), query("sum(a)")), SOON)) == [1000, why]


def dripping(site: Site, step: int) -> Callable[[], None]:
    return lambda: site.runtime.sleep(Duration(step))


def test_a_body_that_drips_is_late_within_the_deadline(prometheus: FakePrometheus, reader: PrometheusReader, site: Site) -> None:
    prometheus.default = replace(vector(("1", 0)), pause=dripping(site, 50))
    began = site.runtime.monotonic()
    assert codes(reader.read((query("sum(a)"), query("sum(b)")), Duration(200))) == [Code.LATE, Code.LATE]
    assert site.runtime.monotonic() - began < 600


def test_one_that_never_answers_is_unavailable(prometheus: FakePrometheus, settings: PrometheusSettings, site: Site) -> None:
    prometheus.default = Reply(body=b"x", headers={"Content-Length": "5"}, pause=dripping(site, 500))
    prometheus.answers["sum(a)"] = prometheus.default
    reader = PrometheusReader(replace(settings, timeout=Duration(100)), site)
    assert codes(reader.read((query("sum(a)"),), SOON)) == [Code.LATE]


def test_one_that_dies_in_between_leaves_the_rest_unknown(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.default = vector(("1", 0))
    prometheus.answers["sum(b)"] = Reply(status=200, headers={"Content-Length": "not a number"})
    queries = tuple(query(f"sum({letter})") for letter in "abcdefghijk")
    assert codes(reader.read(queries, SOON)) == [1000, Code.UNAVAILABLE, *[1000] * 6, *[Code.UNAVAILABLE] * 3]
    assert sorted(prometheus.asked) == sorted(one.text for one in queries[:8])


def test_several_are_asked_at_once(prometheus: FakePrometheus, reader: PrometheusReader, site: Site) -> None:
    def wait_for_all() -> None:
        while len(prometheus.asked) < 8:
            site.runtime.sleep(Duration(1))

    prometheus.default = replace(vector(("1", 0)), pause=wait_for_all)  # asked one by one, none would ever end
    assert codes(reader.read(tuple(query(f"sum({letter})") for letter in "abcdefgh"), SOON)) == [1000] * 8


def test_nobody_there_is_unavailable_and_names_the_url(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.stop()
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
        reader.read((query("sum(a)"),), SOON)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"url": Url("ftp://host")}, id="another scheme"),
        pytest.param({"url": Url("http://host/?a=b")}, id="a query of its own"),
        pytest.param({"url": Url("http://host"), "timeout": Duration(0)}, id="no time"),
        pytest.param({"url": Url("http://host"), "max_answer": Memory(0)}, id="no room"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        PrometheusSettings(**settings)  # type: ignore[arg-type]


def test_a_path_before_the_api_is_kept() -> None:
    assert PrometheusSettings(url=Url("https://host/prom/")).query_url == "https://host/prom/api/v1/query"


def test_looking_at_the_plugin_loads_no_http_client() -> None:
    program = "import sys, autoscaler_prometheus.plugin; print('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_unknown_is_never_a_sample(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.default = Reply(status=500)
    (reading,) = reader.read((query("sum(a)"),), SOON)
    assert isinstance(reading, Unknown)
