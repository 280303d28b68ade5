"""Small texts: times as typed, colours, documents."""

import json

import click
import pytest
import yaml
from hypothesis import given
from hypothesis.strategies import characters, integers, text

from autoscaler.cli.output import document, document_of
from autoscaler.cli.paint import painted
from autoscaler.cli.terminal import color_of, printable
from autoscaler.cli.times import Moment, Span, instant
from autoscaler.model import codec
from autoscaler.model.freezes import Freeze
from autoscaler.model.quantities import Duration, Instant

NOW = Instant(1_774_746_000_000)
FREEZE = Freeze(subject="shop/web", who="ann@desk", why="no: 'really' ☃", at=NOW)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("2026-03-29T01:00", NOW, id="a time without an offset is UTC"),
        pytest.param("2026-03-29 03:00+02:00", NOW, id="a time with its offset"),
        pytest.param("2026-03-29", Instant(NOW - 3_600_000), id="a day begins at midnight"),
        pytest.param("2h", Instant(NOW - 7_200_000), id="a span is that long ago"),
    ],
)
def test_reads_times(typed: str, expected: Instant) -> None:
    assert instant(Moment().convert(typed, None, None), NOW) == expected


def test_no_time_is_now() -> None:
    assert instant(None, NOW) == NOW


@pytest.mark.parametrize("typed", ["yesterday", "", "99999999999999-01-01", "12", "2026-13-01"])
def test_refuses_what_is_no_time(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="2026-03-29T14:00"):
        Moment().convert(typed, None, None)


@given(text())
def test_no_text_breaks_the_reading_of_times(typed: str) -> None:
    try:
        Moment().convert(typed, None, None)
    except click.BadParameter:
        return


@pytest.mark.parametrize("typed", ["2", "two hours", "-1h", "1h2d"])
def test_refuses_what_is_no_span(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="write 15s"):
        Span().convert(typed, None, None)


@given(integers(1, 10**9))
def test_a_span_reads_as_it_is_shown(ms: int) -> None:
    assert Span().convert(str(Duration(ms)), None, None) == Duration(ms)


@given(text(characters(exclude_categories=["Cs"])))
def test_printable_text_has_no_control_characters(raw: str) -> None:
    shown = printable(raw)
    assert not [char for char in shown if (ord(char) < 32 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0]


@given(text())
def test_colours_change_no_word(raw: str) -> None:
    assert click.unstyle(painted(raw)) == printable(raw).rstrip("\n")


@pytest.mark.parametrize(
    ("line", "colour"),
    [
        pytest.param("  + pool general  2 -> 3 machines", "\x1b[32m", id="what is added is green"),
        pytest.param("  - pool general  3 -> 2 machines", "\x1b[31m", id="what is removed is red"),
        pytest.param("  ~ shop/web  3 -> 6 replicas", "\x1b[33m", id="what changes is yellow"),
        pytest.param("  - shop/web: 2 replicas from n1 to n2, no gap", "", id="a point of a list stays plain"),
        pytest.param("Workloads", "\x1b[1m", id="a title is bold"),
        pytest.param("Plan: 1 to add, 1 to change, 0 to remove.", "\x1b[1m", id="the last line is bold"),
        pytest.param("  ! failed    stop replica", "\x1b[31m\x1b[1m", id="a failure is red and bold"),
    ],
)
def test_paints_marks_and_titles(line: str, colour: str) -> None:
    shown = painted(line)
    assert shown.startswith(colour)
    assert ("\x1b" in shown) is bool(colour)


@pytest.mark.parametrize(
    ("choice", "environ", "expected"),
    [
        pytest.param("auto", {}, None, id="auto asks the stream"),
        pytest.param("auto", {"NO_COLOR": ""}, None, id="an empty NO_COLOR says nothing"),
        pytest.param("auto", {"NO_COLOR": "0"}, False, id="NO_COLOR counts whatever it says"),
        pytest.param("auto", {"TERM": "dumb"}, False, id="a dumb terminal has none"),
        pytest.param("never", {"FORCE_COLOR": "1"}, False, id="never is never"),
        pytest.param("always", {"NO_COLOR": "1", "TERM": "dumb"}, True, id="always is always"),
    ],
)
def test_decides_on_colour(choice: str, environ: dict[str, str], *, expected: bool | None) -> None:
    assert color_of(choice, environ) is expected


def test_a_document_reads_back() -> None:
    assert codec.loads(document(FREEZE, kind="freeze"), Freeze, kind="freeze") == FREEZE


def test_yaml_says_the_same_as_json() -> None:
    assert yaml.safe_load(document(FREEZE, kind="freeze", output="yaml")) == json.loads(document(FREEZE, kind="freeze"))


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        pytest.param(1, "freeze", id="one is itself"),
        pytest.param(2, "freezes", id="several are a list"),
        pytest.param(0, "freezes", id="none is an empty list"),
    ],
)
def test_several_values_make_one_document(count: int, kind: str) -> None:
    found = json.loads(document_of([FREEZE] * count, ("freeze", "freezes")))
    assert found["kind"] == kind
    assert isinstance(found["value"], dict) is (count == 1)
