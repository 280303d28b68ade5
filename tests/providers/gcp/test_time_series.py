"""What goes over the wire to Google, and what comes of what it answers."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Rng
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_gcp.series_queries import monitoring_question
from autoscaler_gcp.settings import GcpSettings
from autoscaler_gcp.time_series import TimeSeriesReader
from tests.providers.asking import SOON, codes, outcome, query
from tests.providers.gcp.fake_google import FakeGoogle, error, listed, point, series, time
from tests.providers.loopback import Reply, answer
from tests.providers.strange import numbers, status, strange

FILTER = 'metric.type="custom.googleapis.com/rps"'
TEXT = f"filter='{FILTER}'"


def one(value: object) -> Callable[[], Reply]:
    return lambda: listed(series(point(30, value)))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(one(3.5), 3500, id="a double"),
        pytest.param(one(7), 7000, id="64 bits, as a text"),
        pytest.param(one(0), 0, id="zero is a value"),
        pytest.param(one(-2), -2000, id="below zero"),
        pytest.param(one({"doubleValue": 4}), 4000, id="a double without a point"),
        pytest.param(lambda: listed(series(point(90, 1), point(30, 2), point(150, 3))), 2000, id="the newest counts"),
        pytest.param(lambda: listed(series(point(30, 1), point(90, {"stringValue": "x"}))), 1000, id="older points are not looked at"),
        pytest.param(listed, Code.MISSING, id="no series"),
        pytest.param(lambda: listed(series()), Code.MISSING, id="a series without points"),
        pytest.param(lambda: listed(series(point(30, 1)), series(point(30, 1))), Code.CONTRADICTORY, id="two series"),
        pytest.param(lambda: listed(series(*[point(30, 1)] * 2)), Code.CONTRADICTORY, id="two points of one time"),
        pytest.param(
            lambda: listed(series(point(30, 1)), executionErrors=[{"code": 14, "message": "m"}]), Code.CONTRADICTORY, id="in part"
        ),
        pytest.param(lambda: listed(series(point(30, 1)), unreachable=["eu"]), Code.CONTRADICTORY, id="a region is missing"),
        pytest.param(lambda: listed(series(point(30, 1)), unreachable=7), Code.CONTRADICTORY, id="something may be missing"),
        pytest.param(lambda: listed(series(point(30, 1)), nextPageToken="t"), Code.TOO_LARGE, id="it goes on"),
        pytest.param(one({"doubleValue": "Infinity"}), Code.NOT_A_NUMBER, id="infinite"),
        pytest.param(one({"doubleValue": "-Infinity"}), Code.NOT_A_NUMBER, id="infinitely small"),
        pytest.param(one(float("nan")), Code.NOT_A_NUMBER, id="not a number, in JSON that is none"),
        pytest.param(one(-0.0), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(one({"int64Value": "-0"}), Code.NOT_A_NUMBER, id="negative zero in 64 bits"),
        pytest.param(one(1e300), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(one({"doubleValue": "1.5"}), Code.MALFORMED, id="a double that is a text"),
        pytest.param(one({"int64Value": 7}), Code.MALFORMED, id="64 bits that are no text"),
        pytest.param(one({"int64Value": "7.5"}), Code.MALFORMED, id="64 bits with a part"),
        pytest.param(one({"int64Value": "7", "doubleValue": 8}), Code.MALFORMED, id="two values in one"),
        pytest.param(one({"boolValue": True}), Code.MALFORMED, id="yes or no"),
        pytest.param(one({"doubleValue": True}), Code.MALFORMED, id="yes or no, called a double"),
        pytest.param(one({"stringValue": "7"}), Code.MALFORMED, id="a text"),
        pytest.param(one({"distributionValue": {"count": "3"}}), Code.MALFORMED, id="a distribution"),
        pytest.param(lambda: listed(series({"interval": {"endTime": "yesterday"}, "value": {}})), Code.MALFORMED, id="no time"),
        pytest.param(lambda: listed(series({"interval": {"endTime": "2026-02-30T00:00:00Z"}, "value": {}})), Code.MALFORMED, id="no day"),
        pytest.param(lambda: answer({"timeSeries": {"points": []}}), Code.MALFORMED, id="series that are none"),
        pytest.param(lambda: answer({"timeSeries": [7]}), Code.MALFORMED, id="a series that is none"),
        pytest.param(lambda: answer([]), Code.MALFORMED, id="another JSON"),
        pytest.param(lambda: Reply(body=b""), Code.MALFORMED, id="nothing"),
        pytest.param(lambda: Reply(body=b"[" * 100_000), Code.MALFORMED, id="brackets without end"),
        pytest.param(lambda: Reply(body=b"", status=204), Code.MALFORMED, id="fine, and empty"),
        pytest.param(lambda: listed(series(point(301, 1))), Code.STALE, id="old"),
        pytest.param(lambda: listed(series(point(-60, 1))), Code.SKEWED, id="of the future"),
        pytest.param(lambda: replace(listed(series(point(30, 1))), ahead=40), Code.SKEWED, id="its clock is ahead"),
        pytest.param(lambda: replace(listed(series(point(30, 1))), ahead=-40), Code.SKEWED, id="its clock is behind"),
        pytest.param(lambda: replace(listed(series(point(30, 1))), date=False), 1000, id="no Date: our own clock"),
        pytest.param(lambda: error(400, "INVALID_ARGUMENT"), Code.REFUSED, id="a filter it cannot read"),
        pytest.param(lambda: error(403, "PERMISSION_DENIED"), Code.REFUSED, id="not allowed"),
        pytest.param(lambda: error(404, "NOT_FOUND"), Code.NOT_FOUND, id="no such metric"),
        pytest.param(lambda: Reply(status=302, headers={"Location": "http://elsewhere/"}), Code.REFUSED, id="elsewhere"),
    ],
)
def test_answers(google: FakeGoogle, monitoring: TimeSeriesReader, reply: Callable[[], Reply], found: object) -> None:
    # Made now: a time taken when the tests were collected is long past when this one runs.
    google.series["rps"] = reply()
    (reading,) = monitoring.read((query(TEXT),), SOON)
    assert codes((reading,)) == [found]
    assert not isinstance(reading, Unknown) or 0 < len(reading.detail) <= 200


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param(TEXT, {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN"}, id="a mean over a minute unless said"),
        pytest.param(f"{TEXT} align=none", {}, id="points as they were taken"),
        pytest.param(
            f"{TEXT} align=p99 period=5m reduce=sum",
            {"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_PERCENTILE_99", "crossSeriesReducer": "REDUCE_SUM"},
            id="a percentile, and one series of all",
        ),
    ],
)
def test_what_is_asked(google: FakeGoogle, monitoring: TimeSeriesReader, text: str, sent: dict[str, str]) -> None:
    assert codes(monitoring.read((query(text),), SOON)) == [Code.MISSING]
    (asked,) = google.lists
    assert {name.removeprefix("aggregation."): value for name, value in asked.params.items() if name.startswith("aggregation.")} == sent
    assert asked.params["filter"] == FILTER


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        pytest.param("", ":00.000000Z", id="with a period that is over"),
        pytest.param("period=1h settle=90s", ":00:00.000000Z", id="however long"),
    ],
)
def test_only_periods_that_are_over_are_asked_for(google: FakeGoogle, monitoring: TimeSeriesReader, words: str, ends: str) -> None:
    monitoring.read((query(f"{TEXT} {words}"),), SOON)
    end = google.lists[0].params["interval.endTime"]
    assert end.endswith(ends)
    assert end < time(90 if words else 0)


def test_alike_questions_are_asked_once_and_we_sign_in_once(google: FakeGoogle, monitoring: TimeSeriesReader) -> None:
    google.series["rps"] = listed(series(point(30, 1)))
    for _ in range(2):
        assert codes(monitoring.read((query(TEXT), query(f"{TEXT} period=1m")), SOON)) == [1000, 1000]
    assert [asked.path for asked in google.asked] == ["/token", *["/v3/projects/shop-prod/timeSeries"] * 2]


@pytest.mark.parametrize(
    ("measure", "metric"),
    [
        pytest.param("", "num_undelivered_messages", id="the backlog unless said"),
        pytest.param("measure=backlog", "num_undelivered_messages", id="the backlog"),
        pytest.param("measure=oldest", "oldest_unacked_message_age", id="how long the oldest waits"),
    ],
)
def test_a_subscription_is_asked_for_as_its_points_were_taken(
    google: FakeGoogle, pubsub: TimeSeriesReader, measure: str, metric: str
) -> None:
    google.series["mail"] = listed(series(point(70, 12)))
    assert codes(pubsub.read((query(f"subscription=mail {measure}"),), SOON)) == [12_000]
    filter_ = f'metric.type="pubsub.googleapis.com/subscription/{metric}" AND resource.labels.subscription_id="mail"'
    assert google.lists[0].params["filter"] == filter_
    assert not [name for name in google.lists[0].params if name.startswith("aggregation")]


@pytest.mark.parametrize("reply", [error(429, "RESOURCE_EXHAUSTED"), error(500, "INTERNAL"), Reply(status=502, body=b"<html>")])
def test_throttled_or_broken_is_unavailable_and_the_rest_is_left(google: FakeGoogle, monitoring: TimeSeriesReader, reply: Reply) -> None:
    google.series = {"rps0": listed(series(point(30, 1))), "rps": reply}
    queries = tuple(query(TEXT.replace("rps", f"rps{number}")) for number in range(20))
    assert Counter(codes(monitoring.read(queries, SOON))) == {1000: 1, Code.UNAVAILABLE: 19}
    assert len(google.lists) == 8
    with pytest.raises(UnavailableError):
        monitoring.read(queries[1:], SOON)


def test_a_text_that_means_nothing_stops_no_other(google: FakeGoogle, monitoring: TimeSeriesReader) -> None:
    google.series["rps"] = listed(series(point(30, 1)))
    assert codes(monitoring.read((query("up"), query(TEXT)), SOON)) == [Code.REFUSED, 1000]


def test_slow_is_late_within_the_deadline(google: FakeGoogle, monitoring: TimeSeriesReader, site: Site) -> None:
    google.series["rps"] = replace(listed(series(point(30, 1))), pause=lambda: site.runtime.sleep(Duration(50)))
    monitoring.read((query(TEXT.replace("rps", "other")),), SOON)  # signs in
    began = site.runtime.monotonic()
    assert codes(monitoring.read((query(TEXT),), Duration(300))) == [Code.LATE]
    assert site.runtime.monotonic() - began < 700


def test_nobody_there_is_unavailable(google: FakeGoogle, settings: GcpSettings, site: Site) -> None:
    nobody = TimeSeriesReader(replace(settings, url=Url("http://127.0.0.1:1")), site, monitoring_question)
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1 does not answer"):
        nobody.read((query(TEXT),), SOON)


def test_an_answer_larger_than_allowed_is_unknown(google: FakeGoogle, settings: GcpSettings, site: Site) -> None:
    google.series["rps"] = listed(series(*(point(30 + age, 1) for age in range(20))))
    reader = TimeSeriesReader(replace(settings, max_answer=Memory(1024)), site, monitoring_question)
    assert codes(reader.read((query(TEXT),), SOON)) == [Code.TOO_LARGE]


@pytest.mark.parametrize(
    ("token", "error_type"),
    [
        pytest.param(answer({"error": "invalid_grant", "error_description": "hunter2"}, 400), SetupError, id="an account that is no more"),
        pytest.param(answer({"access_token": "other", "expires_in": 3600}), SetupError, id="a token that is not accepted"),
        pytest.param(Reply(body=b"x" * (2**20 + 1)), UnavailableError, id="a token without end"),
    ],
)
def test_signing_in_that_fails_is_told_without_what_was_said(
    google: FakeGoogle, monitoring: TimeSeriesReader, token: Reply, error_type: type[Exception]
) -> None:
    google.token = token
    with pytest.raises(error_type) as caught:
        monitoring.read((query(TEXT),), SOON)
    assert "hunter2" not in str(caught.value)


def test_a_token_that_is_no_longer_accepted_is_asked_for_anew(google: FakeGoogle, monitoring: TimeSeriesReader) -> None:
    good, google.token = google.token, answer({"access_token": "revoked", "expires_in": 3600})
    with pytest.raises(SetupError, match="HTTP 401 UNAUTHENTICATED"):
        monitoring.read((query(TEXT),), SOON)
    google.token = good
    assert codes(monitoring.read((query(TEXT),), SOON)) == [Code.MISSING]


def test_without_an_account_it_is_told_what_to_run(
    google: FakeGoogle, monitoring: TimeSeriesReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    with pytest.raises(SetupError) as caught:
        monitoring.read((query(TEXT),), SOON)
    assert "gcloud auth application-default login" in caught.value.hint


def test_without_google_auth_it_is_told_what_to_install(
    google: FakeGoogle, monitoring: TimeSeriesReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(SetupError) as caught:
        monitoring.read((query(TEXT),), SOON)
    assert caught.value.hint == "pip install 'poolkeeper[gcp]'"


def test_a_quota_project_of_the_account_is_sent(google: FakeGoogle, monitoring: TimeSeriesReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "billing")
    monitoring.read((query(TEXT),), SOON)
    assert google.lists[0].headers["x-goog-user-project"] == "billing"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param({"project": "Shop"}, "'Shop' is no project", id="no project"),
        pytest.param({"url": Url("ftp://host")}, "http or https", id="another scheme"),
        pytest.param({"timeout": Duration(0)}, "without time or room", id="no time"),
        pytest.param({"max_answer": Memory(0)}, "without time or room", id="no room"),
    ],
)
def test_settings_that_cannot_work(said: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        GcpSettings(**{"project": "shop-prod", **said})  # type: ignore[arg-type]


@pytest.mark.parametrize("project", ["shop-prod", "example.com:shop-prod", "123456789012"])
def test_projects(project: str) -> None:
    assert GcpSettings(project=project).project == project


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="hundreds"), pytest.param(100_000, id="a hundred thousand", marks=pytest.mark.bodies)]
)
def test_no_answer_of_whatever_shape_raises_or_becomes_a_value_it_does_not_hold(
    google: FakeGoogle, monitoring: TimeSeriesReader, count: int
) -> None:
    seen = Counter[type]()
    for seed in range(count):
        good = listed(series(point(30, seed % 7), point(90, seed / 8), a="b"), executionErrors=[], unreachable=[])
        google.series["rps"] = Reply(status=status(dice := Rng(seed)), body=(body := strange(dice, json.loads(good.body))))
        found = outcome(monitoring, TEXT)
        seen[type(found)] += 1
        assert not isinstance(found, Sample) or found.milli in numbers(body, texts=True), (seed, body)
        google.asked.clear()
    assert min(seen[Sample], seen[Unknown]) > count // 10


def test_looking_at_the_plugin_loads_no_sdk(tmp_path: Path) -> None:
    program = "import sys, autoscaler_gcp.plugin; print({'google.auth', 'httpx2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "set()"
