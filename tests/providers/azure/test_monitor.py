"""What goes over the wire to Azure, and what comes of what Azure Monitor answers."""

import gc
import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Rng
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_azure.arm_reader import ArmReader
from autoscaler_azure.monitor_queries import monitor_question
from autoscaler_azure.settings import AzureSettings
from tests.providers.asking import SOON, codes, outcome, query
from tests.providers.azure.fake_azure import GROUP, METRICS, SUBSCRIPTION, FakeAzure, error, metric, metrics, series, value
from tests.providers.loopback import Reply, answer
from tests.providers.strange import numbers, status, strange

TEXT = "resource=Microsoft.Web/sites/web metric=Requests aggregation=average"
WEB = "/sites/web"


def one(number: object, **beside: str) -> Callable[[], Reply]:
    return lambda: metrics(metric(series(value(90, number)), **beside))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(one(3.5), 3500, id="a number"),
        pytest.param(one(7), 7000, id="a whole number"),
        pytest.param(one(0.0), 0, id="zero is a value"),
        pytest.param(lambda: metrics(metric(series(value(210, 3), value(90, 2), value(150, 1)))), 2000, id="the newest counts"),
        pytest.param(lambda: metrics(metric(series(value(90, 2), value(30, 9)))), 2000, id="a period that goes on does not count yet"),
        pytest.param(lambda: metrics(metric(series(value(150, 2), value(90, None)))), 2000, id="a period without a value yet is left out"),
        pytest.param(one(None), Code.MISSING, id="no period has a value"),
        pytest.param(lambda: metrics(metric(series(value(90, 5, "total")))), Code.MISSING, id="another aggregation"),
        pytest.param(lambda: metrics(metric(series(value(30, 9)))), Code.MISSING, id="only a period that goes on"),
        pytest.param(lambda: metrics(metric()), Code.MISSING, id="no time series"),
        pytest.param(metrics, Code.MISSING, id="no metric"),
        pytest.param(lambda: metrics(*[metric(series(value(90, 1)))] * 2), Code.CONTRADICTORY, id="two metrics"),
        pytest.param(lambda: metrics(metric(*[series(value(90, 1))] * 2)), Code.CONTRADICTORY, id="two time series"),
        pytest.param(lambda: metrics(metric(series(*[value(90, 1)] * 2))), Code.CONTRADICTORY, id="two values of one time"),
        pytest.param(lambda: metrics(metric(series(value(90, 1))), interval="PT5M"), Code.CONTRADICTORY, id="of other periods"),
        pytest.param(one(1, errorCode="InternalServerError", errorMessage="m"), Code.UNAVAILABLE, id="the metric failed"),
        pytest.param(one(1, name="Other"), Code.MALFORMED, id="another metric"),
        pytest.param(one(1, name="requests"), 1000, id="the metric in other letters"),
        pytest.param(one(float("inf")), Code.NOT_A_NUMBER, id="infinite"),
        pytest.param(one(-0.0), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(one(1e300), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(one("1"), Code.MALFORMED, id="a number that is a text"),
        pytest.param(one(json.loads("true")), Code.MALFORMED, id="yes or no"),
        pytest.param(one([1]), Code.MALFORMED, id="a list"),
        pytest.param(lambda: metrics(metric(series({"timeStamp": "yesterday", "average": 1}))), Code.MALFORMED, id="no time"),
        pytest.param(lambda: metrics(metric(series({"timeStamp": "2026-02-30T00:00:00Z"}))), Code.MALFORMED, id="no day"),
        pytest.param(lambda: metrics(metric({"data": 7})), Code.MALFORMED, id="data that are none"),
        pytest.param(lambda: answer({"value": 7}), Code.MALFORMED, id="metrics that are none"),
        pytest.param(lambda: answer({}), Code.MALFORMED, id="nothing of it"),
        pytest.param(lambda: Reply(body=b""), Code.MALFORMED, id="nothing"),
        pytest.param(lambda: metrics(metric(series(value(362, 1)))), Code.STALE, id="old"),
        pytest.param(lambda: replace(one(1)(), ahead=40), Code.SKEWED, id="its clock is ahead"),
        pytest.param(lambda: replace(one(1)(), ahead=-25), 1000, id="its clock is a little behind"),
        pytest.param(lambda: replace(metrics(metric(series(value(90, 1), value(150, 2)))), ahead=-35), Code.SKEWED, id="far behind"),
        pytest.param(lambda: error(400, "BadRequest"), Code.REFUSED, id="a metric it has not"),
        pytest.param(lambda: error(403, "AuthorizationFailed"), Code.REFUSED, id="not allowed"),
        pytest.param(lambda: error(404, "ResourceNotFound"), Code.NOT_FOUND, id="no such resource"),
        pytest.param(lambda: Reply(status=307, headers={"Location": "http://elsewhere/"}), Code.REFUSED, id="elsewhere"),
    ],
)
def test_answers(azure: FakeAzure, monitor: ArmReader, reply: Callable[[], Reply], found: object) -> None:
    # Made now: a time taken when the tests were collected is long past when this one runs.
    azure.replies[WEB] = reply()
    (reading,) = monitor.read((query(TEXT),), SOON)
    assert codes((reading,)) == [found]
    assert not isinstance(reading, Unknown) or 0 < len(reading.detail) <= 200


def test_what_is_asked(azure: FakeAzure, monitor: ArmReader) -> None:
    words = "namespace=Microsoft.Web/sites filter=\"Instance eq 'a'\" period=5m settle=2m"
    assert codes(monitor.read((query(f"{TEXT} {words}"),), SOON)) == [Code.NOT_FOUND]
    (asked,) = azure.reads
    assert asked.path == f"{GROUP}/providers/Microsoft.Web/sites/web{METRICS}"
    assert {name: found for name, found in asked.params.items() if name != "timespan"} == {
        "api-version": "2024-02-01",
        "metricnames": "Requests",
        "aggregation": "average",
        "interval": "PT5M",
        "metricnamespace": "Microsoft.Web/sites",
        "$filter": "Instance eq 'a'",
    }


@pytest.mark.parametrize("end", ["", "/blobServices/default"])
def test_a_resource_may_be_named_by_its_whole_id(azure: FakeAzure, monitor: ArmReader, end: str) -> None:
    resource = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/files{end}"
    monitor.read((query(f"resource={resource} metric=Requests aggregation=total"),), SOON)
    assert [asked.path for asked in azure.reads] == [f"{resource}{METRICS}"]


@pytest.mark.parametrize(
    ("settle", "found"),
    [
        pytest.param("0s", 3000, id="none"),
        pytest.param("45s", 2000, id="the newest is too young"),
        pytest.param("1h", Code.MISSING, id="all"),
    ],
)
def test_a_period_may_settle_first(azure: FakeAzure, monitor: ArmReader, settle: str, found: object) -> None:
    azure.replies[WEB] = metrics(metric(series(value(90, 3), value(150, 2))))
    assert codes(monitor.read((query(f"{TEXT} settle={settle}"),), SOON)) == [found]


def test_alike_questions_are_asked_once_and_we_sign_in_once(azure: FakeAzure, monitor: ArmReader) -> None:
    azure.replies[WEB] = one(1)()
    for _ in range(2):
        assert codes(monitor.read((query(TEXT), query(f"{TEXT} period=1m")), SOON)) == [1000, 1000]
    assert [asked.path.rpartition("/")[2] for asked in azure.asked] == ["token", "metrics", "metrics"]


@pytest.mark.parametrize("reply", [error(429, "TooManyRequests"), error(500, "InternalError"), Reply(status=502, body=b"<html>")])
def test_throttled_or_broken_is_unavailable_and_the_rest_is_left(azure: FakeAzure, monitor: ArmReader, reply: Reply) -> None:
    azure.replies = {"/sites/web0": one(1)(), "": reply}
    queries = tuple(query(TEXT.replace("/web", f"/web{number}")) for number in range(20))
    assert Counter(codes(monitor.read(queries, SOON))) == {1000: 1, Code.UNAVAILABLE: 19}
    assert len(azure.reads) == 8
    with pytest.raises(UnavailableError):
        monitor.read(queries[1:], SOON)


def test_a_text_that_means_nothing_stops_no_other(azure: FakeAzure, monitor: ArmReader) -> None:
    azure.replies[WEB] = one(1)()
    assert codes(monitor.read((query("up"), query(TEXT)), SOON)) == [Code.REFUSED, 1000]


def test_slow_is_late_within_the_deadline(azure: FakeAzure, monitor: ArmReader, site: Site) -> None:
    azure.replies[WEB] = replace(one(1)(), pause=lambda: site.runtime.sleep(Duration(50)))
    monitor.read((query(TEXT.replace("web", "other")),), SOON)  # signs in
    began = site.runtime.monotonic()
    assert codes(monitor.read((query(TEXT),), Duration(300))) == [Code.LATE]
    assert site.runtime.monotonic() - began < 700


def test_nobody_there_is_unavailable(azure: FakeAzure, settings: AzureSettings, site: Site) -> None:
    nobody = ArmReader(replace(settings, url=Url("http://127.0.0.1:1")), site, monitor_question)
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1 does not answer"):
        nobody.read((query(TEXT),), SOON)


def test_an_answer_larger_than_allowed_is_unknown(azure: FakeAzure, settings: AzureSettings, site: Site) -> None:
    azure.replies[WEB] = metrics(metric(series(*(value(90 + age, 1) for age in range(20)))))
    reader = ArmReader(replace(settings, max_answer=Memory(1024)), site, monitor_question)
    assert codes(reader.read((query(TEXT),), SOON)) == [Code.TOO_LARGE]


def test_the_token_is_asked_for_the_clouds_own_resource_manager(azure: FakeAzure, monitor: ArmReader) -> None:
    monitor.read((query(TEXT),), SOON)
    assert azure.asked[0].params["resource"] == azure.url


def test_a_token_that_is_no_longer_accepted_is_asked_for_anew(azure: FakeAzure, monitor: ArmReader) -> None:
    good, azure.token = azure.token, azure.token_named("revoked")
    with pytest.raises(SetupError, match="HTTP 401 InvalidAuthenticationToken"):
        monitor.read((query(TEXT),), SOON)
    azure.token = good
    assert codes(monitor.read((query(TEXT),), SOON)) == [Code.NOT_FOUND]


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(error(400, "BadRequest"), id="nobody vouches for us"),
        pytest.param(FakeAzure.token_named("revoked"), id="what vouches for us is not accepted"),
    ],
)
def test_signing_in_again_and_again_leaves_no_connection_open(azure: FakeAzure, monitor: ArmReader, refused: Reply) -> None:
    azure.token = refused
    gc.disable()  # else it may close what we forgot to
    try:
        for _ in range(5):
            outcome(monitor, TEXT)
        assert connections_to(azure) <= 1, "our own HTTP client's"
    finally:
        gc.enable()


def connections_to(azure: FakeAzure) -> int:
    """Ours that are open, used or not."""
    open_ones = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    port = urlsplit(azure.url).port
    return sum(port_of_the_other_side(one) == port for one in open_ones)


def port_of_the_other_side(one: socket.socket) -> int | None:
    """The other side's port; of one that listens none."""
    try:
        return int(one.getpeername()[1])
    except OSError:
        return None


def test_a_sign_in_that_fails_is_told_without_what_was_said(azure: FakeAzure, monitor: ArmReader, caplog: pytest.LogCaptureFixture) -> None:
    azure.token = error(400, "BadRequest", "hunter2")
    with pytest.raises(SetupError) as caught:
        monitor.read((query(TEXT),), SOON)
    assert caplog.records == []
    assert "hunter2" not in str(caught.value)
    assert "az login" in caught.value.hint


def test_without_azure_identity_it_is_told_what_to_install(azure: FakeAzure, monitor: ArmReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(SetupError) as caught:
        monitor.read((query(TEXT),), SOON)
    assert caught.value.hint == "pip install 'poolkeeper[azure]'"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param({"subscription": "shop"}, "'shop' is no subscription's id", id="a subscription by its name"),
        pytest.param({"resource_group": "a/b"}, "'a/b' is no resource group", id="no group"),
        pytest.param({"url": Url("ftp://host")}, "http or https", id="another scheme"),
        pytest.param({"timeout": Duration(0)}, "without time or room", id="no time"),
        pytest.param({"max_answer": Memory(0)}, "without time or room", id="no room"),
    ],
)
def test_settings_that_cannot_work(said: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        AzureSettings(**{"subscription": SUBSCRIPTION, "resource_group": "shop", **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="hundreds"), pytest.param(100_000, id="a hundred thousand", marks=pytest.mark.bodies)]
)
def test_no_answer_of_whatever_shape_raises_or_becomes_a_value_it_does_not_hold(azure: FakeAzure, monitor: ArmReader, count: int) -> None:
    seen = Counter[type]()
    for seed in range(count):
        good = metrics(metric(series(value(90, seed / 8), value(150, seed % 7), value(30, 3))))
        azure.replies[WEB] = Reply(status=status(dice := Rng(seed)), body=(body := strange(dice, json.loads(good.body))))
        found = outcome(monitor, TEXT)
        seen[type(found)] += 1
        assert not isinstance(found, Sample) or found.milli in numbers(body), (seed, body)
        azure.asked.clear()
    assert min(seen[Sample], seen[Unknown]) > count // 10


def test_looking_at_the_plugin_loads_no_sdk() -> None:
    program = "import sys, autoscaler_azure.plugin; print({'azure.identity', 'azure.core', 'httpx2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "set()"
