"""From texts to numbers, times and words."""

import pytest
from hypothesis import given
from hypothesis.strategies import text

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.json_values import counted, load, member
from autoscaler_sources.moments import moment
from autoscaler_sources.numbers import count, number
from autoscaler_sources.query_words import Form, Words, understood

FORMS = (Form("list", ("KEY",)), Form("lag", ("STREAM", "GROUP")), Form("ready", ("QUEUE", "VHOST"), optional=1))


def why(found: object) -> object:
    return found.why if isinstance(found, Unknown) else found


@pytest.mark.parametrize(
    ("written", "milli"),
    [
        pytest.param("12.3456", 12_346, id="to thousandths"),
        pytest.param("0", 0, id="zero is a value"),
        pytest.param("1e+06", 10**9, id="an exponent"),
        pytest.param("1e-9999999", 0, id="smaller than anything"),
        pytest.param("1e12", 10**15, id="the largest"),
        pytest.param("1000000000001", Code.NOT_A_NUMBER, id="beyond the largest"),
        pytest.param("1e9999999", Code.NOT_A_NUMBER, id="beyond what a decimal holds"),
        pytest.param("1e999999999", Code.NOT_A_NUMBER, id="an exponent nobody can hold"),
        pytest.param("-0.0", Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param("NaN", Code.NOT_A_NUMBER, id="not a number"),
        pytest.param("-Infinity", Code.NOT_A_NUMBER, id="infinite"),
        pytest.param("", Code.NOT_A_NUMBER, id="empty"),
        pytest.param(" 1", Code.NOT_A_NUMBER, id="a blank before it"),
        pytest.param("1_000", Code.NOT_A_NUMBER, id="an underscore"),
        pytest.param("1,5", Code.NOT_A_NUMBER, id="a comma"),
        pytest.param("٣", Code.NOT_A_NUMBER, id="digits of another script"),
        pytest.param("0x10", Code.NOT_A_NUMBER, id="hexadecimal"),
    ],
)
def test_numbers(written: str, milli: int | Code) -> None:
    assert why(number(written)) == milli


def test_a_count_is_never_below_zero() -> None:
    assert (number("-2.5"), why(count("-2.5")), count("2.5")) == (-2500, Code.NOT_A_NUMBER, 2500)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        pytest.param("1767225600", 1_767_225_600_000, id="seconds"),
        pytest.param("1767225600.25", 1_767_225_600_250, id="parts of a second"),
        pytest.param("1767225600250", 1_767_225_600_250, id="milliseconds"),
        pytest.param("2026-01-01T00:00:00Z", 1_767_225_600_000, id="with its zone"),
        pytest.param("2026-01-01 01:00:00.250+01:00", 1_767_225_600_250, id="with another zone"),
        pytest.param("2026-01-01T00:00:00", Code.MALFORMED, id="without a zone"),
        pytest.param("yesterday", Code.MALFORMED, id="a word"),
        pytest.param("-5", Code.MALFORMED, id="before 1970"),
        pytest.param("1e999999999", Code.MALFORMED, id="after everything"),
        pytest.param("", Code.MALFORMED, id="nothing"),
    ],
)
def test_times(written: str, at: int | Code) -> None:
    assert why(moment(written)) == at


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param('{"n": 7}', 7000, id="a number"),
        pytest.param('{"n": "7.5"}', Code.MALFORMED, id="a text"),
        pytest.param('{"n": NaN}', Code.NOT_A_NUMBER, id="not a number"),
        pytest.param('{"n": -Infinity}', Code.NOT_A_NUMBER, id="infinite"),
        pytest.param('{"n": -1}', Code.NOT_A_NUMBER, id="below zero"),
        pytest.param('{"n": ' + "9" * 5000 + "}", Code.NOT_A_NUMBER, id="thousands of digits"),
        pytest.param('{"n": 1, "n": 1}', Code.CONTRADICTORY, id="twice"),
        pytest.param('{"n": null}', Code.MISSING, id="null"),
        pytest.param('{"n": true}', Code.MALFORMED, id="a boolean"),
        pytest.param('{"n": [1]}', Code.MALFORMED, id="a list"),
        pytest.param('{"m": 1}', Code.MISSING, id="another key"),
        pytest.param("7", Code.MISSING, id="no map"),
        pytest.param("", Code.MALFORMED, id="nothing"),
        pytest.param("[" * 100_000, Code.MALFORMED, id="brackets without end"),
    ],
)
def test_what_json_counts(body: str, found: int | Code) -> None:
    loaded = load(body)
    assert why(loaded if isinstance(loaded, Unknown) else counted(member(loaded, "n"))) == found


def test_a_text_that_is_a_number_counts_where_texts_do() -> None:
    assert (counted("7.5", texts=True), why(counted("many", texts=True))) == (7500, Code.NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("list mail", Words("list", ("mail",)), id="one name"),
        pytest.param('  lag "my orders"  billing ', Words("lag", ("my orders", "billing")), id="a name with a blank"),
        pytest.param("ready mail", Words("ready", ("mail",)), id="without what may be left out"),
        pytest.param("ready mail /", Words("ready", ("mail", "/")), id="with what may be left out"),
    ],
)
def test_queries(query: str, words: Words) -> None:
    assert understood(query, FORMS) == words


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("", "is empty; write list KEY or lag STREAM GROUP or ready QUEUE [VHOST]", id="nothing"),
        pytest.param(" lst mail", "'lst' at character 2; write list KEY", id="another word"),
        pytest.param("lag orders", "the GROUP is missing at character 11; write lag STREAM GROUP", id="too few"),
        pytest.param("list a b", "'b' at character 8 is too much; write list KEY", id="too many"),
        pytest.param('list "a', "at or after character 6", id="a quote that is not closed"),
        pytest.param('list a"b', "at or after character 6", id="a quote within a word"),
        pytest.param('list ""', "at or after character 6", id="an empty name"),
    ],
)
def test_queries_nobody_understands(query: str, said: str) -> None:
    found = understood(query, FORMS)
    assert isinstance(found, Unknown)
    assert (found.why, said in found.detail) == (Code.REFUSED, True), found.detail


@given(text(max_size=60))
def test_no_text_raises(written: str) -> None:
    for found in (number(written), moment(written), understood(written, FORMS), load(written)):
        assert not isinstance(found, Unknown) or 0 < len(found.detail) <= 200
