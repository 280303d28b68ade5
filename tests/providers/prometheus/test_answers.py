"""From an answer's bytes to a value or a reason."""

import json

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_prometheus.answers import parse
from autoscaler_sources.numbers import Value
from tests.providers.sources import noise

AT = 1_767_225_600.25


def body(kind: object, result: object, **beside: object) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **beside}).encode()


def series(value: object, **labels: str) -> dict[str, object]:
    return {"metric": labels, "value": value}


@pytest.mark.parametrize(
    ("answer", "milli"),
    [
        pytest.param(body("vector", [series([AT, "12.3456"])]), 12_346, id="a number, to thousandths"),
        pytest.param(body("vector", [series([AT, "0"])]), 0, id="zero is a value"),
        pytest.param(body("vector", [series([AT, "1e+06"])]), 10**9, id="an exponent"),
        pytest.param(body("vector", [series([AT, "-2.5"])]), -2500, id="below zero"),
        pytest.param(body("scalar", [AT, "3"]), 3000, id="a scalar"),
        pytest.param(body("vector", [series([AT, "1"])], warnings=["PromQL info: metric might not be a counter"]), 1000, id="a remark"),
        pytest.param(body("vector", [series([AT, "1"])], infos=["anything"]), 1000, id="news"),
    ],
)
def test_values(answer: bytes, milli: int) -> None:
    found = parse(200, answer)
    assert isinstance(found, Value)
    assert (found.milli, found.at) == (milli, 1_767_225_600_250)


def test_a_sample_keeps_its_own_time_where_it_came_with_it() -> None:
    timed = [series([AT, "7"], job="a"), series([AT, "1767225500.5"], job="a", autoscaler_part="time")]
    assert parse(200, body("vector", timed)) == Value(7000, 1_767_225_500_500)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(body("vector", []), Code.MISSING, id="no series"),
        pytest.param(body("vector", [series([AT, "9"], autoscaler_part="time")]), Code.MISSING, id="a time without a value"),
        pytest.param(body("vector", [series([AT, "1"]), series([AT, "2"])]), Code.CONTRADICTORY, id="two series"),
        pytest.param(body("vector", [series([AT, "1"])], warnings=["store 2 not reached"]), Code.CONTRADICTORY, id="a part is missing"),
        pytest.param(body("vector", [series([AT, "NaN"])]), Code.NOT_A_NUMBER, id="not a number"),
        pytest.param(body("vector", [series([AT, "+Inf"])]), Code.NOT_A_NUMBER, id="infinite"),
        pytest.param(body("vector", [series([AT, "-Inf"])]), Code.NOT_A_NUMBER, id="infinitely small"),
        pytest.param(body("vector", [series([AT, "-0"])]), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(body("vector", [series([AT, "1e300"])]), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(body("vector", [series([10**400, "7"])]), Code.NOT_A_NUMBER, id="a time that is beyond them"),
        pytest.param(body("vector", [series([AT, "many"])]), Code.NOT_A_NUMBER, id="a word"),
        pytest.param(body("vector", [series([AT, 1.5])]), Code.MALFORMED, id="a number that is no text"),
        pytest.param(body("vector", [{"metric": {}, "histogram": [AT, {}]}]), Code.MALFORMED, id="a histogram"),
        pytest.param(body("matrix", [{"metric": {}, "values": [[AT, "1"]]}]), Code.MALFORMED, id="a range"),
        pytest.param(body("string", [AT, "1"]), Code.MALFORMED, id="a string"),
        pytest.param(b"<html>log in first</html>", Code.MALFORMED, id="a page"),
        pytest.param(b"", Code.MALFORMED, id="nothing"),
        pytest.param(b"[]", Code.MALFORMED, id="another JSON"),
        pytest.param(b'{"status": "success"}', Code.MALFORMED, id="no data"),
        pytest.param(b"[" * 100_000, Code.MALFORMED, id="brackets without end"),
        pytest.param(
            b'{"status":"error","errorType":"bad_data","error":"parse error"}', Code.REFUSED, id="an error that calls itself fine"
        ),
    ],
)
def test_reasons(answer: bytes, why: Code) -> None:
    found = parse(200, answer)
    assert isinstance(found, Unknown)
    assert (found.why, bool(found.detail), len(found.detail) <= 200) == (why, True, True)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        pytest.param(400, Code.REFUSED, id="a query nobody can read"),
        pytest.param(401, Code.REFUSED, id="no token"),
        pytest.param(422, Code.REFUSED, id="a query that cannot be carried out"),
        pytest.param(404, Code.NOT_FOUND, id="no such API"),
        pytest.param(429, Code.UNAVAILABLE, id="throttled"),
        pytest.param(500, Code.UNAVAILABLE, id="broken"),
        pytest.param(503, Code.UNAVAILABLE, id="busy"),
        pytest.param(302, Code.REFUSED, id="elsewhere"),
        pytest.param(204, Code.MALFORMED, id="fine, and empty"),
    ],
)
@pytest.mark.parametrize("answer", [b"<html>", b'{"status":"error","errorType":"x","error":"y"}', body("scalar", [AT, "1"])])
def test_statuses(status: int, why: Code, answer: bytes) -> None:
    found = parse(status, answer)
    assert isinstance(found, Unknown)
    assert (found.why, str(status) in found.detail) == (why, True)


KEYS = ("status", "data", "resultType", "result", "metric", "value", "warnings", "autoscaler_part")
TIMED = body("vector", [series([AT, "7"], job="a"), series([AT, "1767225500.5"], job="a", autoscaler_part="time")])


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_no_answer_of_whatever_shape_raises(amount: int) -> None:
    @noise.of(amount)
    @given(noise.bodies(*KEYS, good=TIMED), noise.maps(*KEYS), sampled_from([200, 200, 401, 503]))
    def holds(answer: bytes, found: object, status: int) -> None:
        for one in (answer, json.dumps({"status": "success", "data": found}).encode()):
            value = parse(status, one)
            # Unlike a count, what a query gives may be below zero; and what it says is cut, but may be nothing.
            assert len(value.detail) <= noise.LONGEST if isinstance(value, Unknown) else abs(value.milli) <= 10**15

    holds()
