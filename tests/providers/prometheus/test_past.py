"""What a query gave over a time that is over: in as many answers as it takes, and nothing made up."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis.strategies import binary, sampled_from

from autoscaler.contracts.past_reader import PastReader, Stretch
from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError, UsageError
from autoscaler.model.quantities import Duration, Instant
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.past import MOST, parse_range
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.prometheus.fake_prometheus import FakePrometheus, answer

MINUTE = Duration(60_000)
START = Instant(1_767_614_400_000)


def matrix(*series: list[tuple[float, str]]) -> bytes:
    found = [{"metric": {}, "values": [list(pair) for pair in one]} for one in series]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": found}}).encode()


def test_values_with_their_instants() -> None:
    assert parse_range(200, matrix([(1.5, "2"), (61.5, "3.25")])) == ((1500, 2.0), (61_500, 3.25))


def test_moments_without_a_value_are_left_out() -> None:
    assert parse_range(200, matrix([(0, "NaN"), (60, "+Inf"), (120, "4")])) == ((120_000, 4.0),)
    assert parse_range(200, matrix()) == ()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        pytest.param(200, matrix([(0, "1")], [(0, "2")]), "2 series where one is meant", id="two series"),
        pytest.param(400, b'{"status": "error", "error": "parse error"}', "refused: parse error", id="a query nobody can read"),
        pytest.param(502, b"<html>", "HTTP 502, and no answer of a Prometheus", id="a proxy's words"),
        pytest.param(200, b"[]", "no answer of a Prometheus", id="a list"),
        pytest.param(200, matrix([(0, "many")]), "no answer of a Prometheus", id="a word for a value"),
    ],
)
def test_what_is_no_series_is_refused(status: int, body: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_range(status, body)


@given(status=sampled_from([200, 400, 500]), body=binary(max_size=80))
def test_no_body_breaks_it(status: int, body: bytes) -> None:
    try:
        parse_range(status, body)
    except UsageError:
        return


def test_a_long_time_is_asked_for_in_parts(
    prometheus: FakePrometheus, settings: PrometheusSettings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prometheus, "question", lambda path: path)
    monkeypatch.setattr(prometheus, "answer", lambda _: answer({"resultType": "matrix", "result": []}))
    reader = PrometheusReader(settings, site)
    assert isinstance(reader, PastReader)
    assert reader.read_past("rps", Stretch(START, Instant(START + MOST * MINUTE.ms), MINUTE)) == ()
    asked = [parse_qs(urlsplit(path).query) for path in prometheus.asked]
    assert [(float(one["start"][0]), float(one["end"][0])) for one in asked] == [
        (START / 1000, START / 1000 + (MOST - 1) * 60),
        (START / 1000 + MOST * 60, START / 1000 + MOST * 60),
    ]


def test_nobody_answers(prometheus: FakePrometheus, settings: PrometheusSettings, site: Site) -> None:
    prometheus.stop()
    with pytest.raises(UnavailableError):
        PrometheusReader(settings, site).read_past("rps", Stretch(START, START, MINUTE))
