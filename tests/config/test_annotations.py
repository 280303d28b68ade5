"""Which types a setting may have, and what YAML says for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, NewType, Optional

import pytest

from autoscaler.config.annotations import settings_shape, shape_of
from autoscaler.config.binding import FAILED, Binder
from autoscaler.config.markers import Least, Spelt
from autoscaler.config.places import Mark, Source
from autoscaler.config.secrets import Secret, Url
from autoscaler.config.yaml_nodes import compose
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, Number, Share
from autoscaler.model.refs import ClusterName, NodeRef, WorkloadRef
from tests.config.doubles import PLUGINS

Label = NewType("Label", str)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0
    class_: str = ""


def bound(annotation: object, text: str) -> object:
    """The value of `text`, or the problems with it."""
    binder = Binder(PLUGINS)
    source = Source.of("x", text)
    value = binder.bind(shape_of(annotation), compose(source, binder.problems), Mark(source))
    assert (value is FAILED) == bool(binder.problems.count)
    return [problem.problem for problem in binder.problems.told()] if value is FAILED else value


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        pytest.param(int, "12", 12, id="a whole number"),
        pytest.param(int, "12.0", 12, id="a whole number with a point, as in JSON"),
        pytest.param(bool, "true", True, id="true"),
        pytest.param(str, "no", "no", id="no is text"),
        pytest.param(str, "on", "on", id="on is text"),
        pytest.param(str, "'5'", "5", id="a number in quotes is text"),
        pytest.param(str, "12:30:45", "12:30:45", id="no sexagesimals"),
        pytest.param(str, "2024-01-01", "2024-01-01", id="no dates"),
        pytest.param(str, "|\n  a\n  b\n", "a\nb\n", id="text of several lines"),
        pytest.param(Label, "a", "a", id="a name"),
        pytest.param(Colour, "red", Colour.RED, id="an enum"),
        pytest.param(Literal["up", "down"], "up", "up", id="a literal"),
        pytest.param(Duration, "1h30m", Duration(5_400_000), id="a duration"),
        pytest.param(Share, "2.5%", Share(25), id="a share"),
        pytest.param(Number, "0.25", Number(250), id="a number"),
        pytest.param(Cpu, "0.5", Cpu(500), id="bare cpu"),
        pytest.param(Cpu, "500m", Cpu(500), id="cpu in thousandths"),
        pytest.param(Memory, "256Mi", Memory(2**28), id="memory"),
        pytest.param(Money, "0.096 USD", Money(96_000), id="money"),
        pytest.param(Secret, "${TOKEN}", Secret("TOKEN"), id="a secret"),
        pytest.param(Url, "http://a", Url("http://a"), id="an address"),
        pytest.param(WorkloadRef, "shop/a/b", WorkloadRef(ClusterName("shop"), "a/b"), id="a workload"),
        pytest.param(tuple[int, ...], "[1, 2]", (1, 2), id="a list"),
        pytest.param(tuple[Point, ...], "- {x: 1}\n- {x: 2}", (Point(x=1), Point(x=2)), id="a list of maps"),
        pytest.param(tuple[tuple[str, str], ...], "{b: x, a: y}", (("a", "y"), ("b", "x")), id="pairs, sorted"),
        pytest.param(Mapping[str, int], "{b: 1, 2: 2}", {"b": 1, "2": 2}, id="a mapping, whose keys are text"),
        pytest.param(dict[Label, Point], "{b: {x: 1}}", {"b": Point(x=1)}, id="a mapping of maps"),
        pytest.param(int | None, "null", None, id="nothing"),
        pytest.param(int | None, "~", None, id="nothing, by a tilde"),
        pytest.param(Optional[Share], "5%", Share(50), id="optional"),  # noqa: UP045 - plugins may still write it so
        pytest.param(int | Share, "4", 4, id="a count or a share: the count"),
        pytest.param(int | Share, "4%", Share(40), id="a count or a share: the share"),
        pytest.param(Share | Number, "4", Number(4000), id="a share or a number: the number"),
        pytest.param(Point | int, "{x: 1}", Point(x=1), id="a map or a number: the map"),
        pytest.param(Point, "{x: 1, class: b}", Point(x=1, class_="b"), id="a key that Python reserves"),
        pytest.param(Annotated[int, Least(3)], "3", 3, id="a number of at least"),
        pytest.param(Annotated[str, Spelt("a+", "write a")], "aa", "aa", id="text of a pattern"),
    ],
)
def test_is_read(annotation: object, text: str, value: object) -> None:
    assert bound(annotation, text) == value


@pytest.mark.parametrize(
    ("annotation", "text", "problem"),
    [
        pytest.param(int, "-1", "no whole number", id="a number below nothing"),
        pytest.param(int, "1_000", "found the text", id="a number with underscores"),
        pytest.param(int, "1e3", "no whole number", id="a number with an exponent"),
        pytest.param(int, "true", "found true", id="a flag for a number"),
        pytest.param(int, "~", "found nothing", id="nothing for a number"),
        pytest.param(str, "5", "found the number 5", id="a number for text"),
        pytest.param(str, "null", "found nothing", id="nothing for text"),
        pytest.param(str, "[a]", "found a list", id="a list for text"),
        pytest.param(bool, "yes", "found the text 'yes'", id="yes for a flag"),
        pytest.param(Colour, "blue", "none of red", id="no such choice"),
        pytest.param(Number, ".inf", "'.inf' is not a number", id="infinity"),
        pytest.param(Number, ".nan", "'.nan' is not a number", id="no number"),
        pytest.param(Number, "0.0001", "is not a number", id="too many decimals"),
        pytest.param(int | Share, "4m", "a whole number or a share is wanted", id="none of several"),
        pytest.param(int | None, "x", "a whole number is wanted", id="not what is optional"),
        pytest.param(Annotated[int, Least(3)], "2", "from 3 to", id="a number below its least"),
        pytest.param(Annotated[tuple[int, ...], Least(1)], "[]", "the list is empty", id="an empty list"),
        pytest.param(Annotated[Mapping[str, int], Least(1)], "{}", "the map is empty", id="an empty map"),
        pytest.param(Annotated[str, Spelt("a+", "write a")], "b", "'b' is not allowed here", id="text off its pattern"),
        pytest.param(Point, "{}", "'x' is missing", id="a map without a key it needs"),
    ],
)
def test_is_refused(annotation: object, text: str, problem: str) -> None:
    found = bound(annotation, text)
    assert isinstance(found, list)
    assert problem in found[0]


@dataclass(frozen=True)
class Unresolved:
    what: "NowhereToBeFound"  # type: ignore[name-defined]  # noqa: F821 - what this is about


@pytest.mark.parametrize(
    "annotation", [float, bytes, object, list[int], set[int], tuple[int, str], Mapping[int, str], Unresolved, Literal[1], NodeRef | float]
)
def test_a_type_no_file_can_hold_is_the_plugins_fault(annotation: object) -> None:
    with pytest.raises(SetupError):
        shape_of(annotation)


def test_a_settings_class_is_read_once() -> None:
    assert settings_shape(Point) is settings_shape(Point)
