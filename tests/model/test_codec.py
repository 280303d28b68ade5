"""Every value of the model comes back from JSON as it went, and a damaged document is told apart, never believed."""

import importlib
import json
import pkgutil
import types
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoscaler import model
from autoscaler.model.budgets import Budget
from autoscaler.model.calendars import Window
from autoscaler.model.codec import FORMAT, FormatError, decode, dumps, encode, is_value, loads, slots
from autoscaler.model.commitments import Commitments, StepRecord
from autoscaler.model.content import content
from autoscaler.model.history import History, Recommendation, ScaleEvent
from autoscaler.model.observations import ClusterState
from autoscaler.model.plans import Plan, PlannedStep, Remark
from autoscaler.model.policies import Learning, Legacy, Limits, RateLimit
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PlanId, StepId, WorkloadRef
from autoscaler.model.samples import MetricReading, Sample, Unknown
from autoscaler.model.steps import Fence, GrowPool, SetReplicas, Step, Unfence

FENCE, UNFENCE = Fence(node=NodeRef("n", "1")), Unfence(node=NodeRef("n", "1"))


def why(*names: str) -> Reason:
    return Reason(Code.DECIDED, names=names)


def told(*reasons: Reason) -> Remark:
    return Remark(subject="x", reasons=reasons)


def stepping(*steps: Step) -> Commitments:
    planned = (PlannedStep(id=StepId("1"), step=step, operation="x") for step in steps)
    return Commitments(records=tuple(StepRecord(planned=one, plan=PlanId("p")) for one in planned))


PLAIN: dict[object, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**70), 2**70) | st.integers(0, 3),
    str: st.text(max_size=4) | st.sampled_from(("it's", '"', "\\", "\n")),
    bool: st.booleans(),
    type(None): st.none(),
}
COUNT = st.integers(1, 2**70)
SOUND: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    Limits: {
        **dict.fromkeys(("replicas_per_minute", "replicas_per_hour", "nodes_per_minute", "nodes_per_hour"), COUNT),
        **dict.fromkeys(("closing_at_once", "failed_launches"), COUNT),
        "unhealthy": st.integers(0, 999).map(Share),
        "fresh": st.integers(0, 30_000).map(Duration),
    },
    Learning: {
        "over": st.integers(3_600_000, 86_400_000).map(Duration),
        "lead": st.integers(0, 900_000).map(Duration),
        "cost": st.integers(1000, 2000).map(Share),
        "season": st.none() | st.integers(7_200_000, 604_800_000).map(Duration),
    },
    Window: {
        "cron": st.sampled_from(("0 8 * * mon-fri", "*/5 * 1 * *")),
        "for_": st.integers(1, 366 * 86_400_000).map(Duration),
        "timezone": st.sampled_from(("UTC", "Europe/Berlin")),
    },
    Budget: {"nodes": st.one_of(COUNT, st.integers(0, 1000).map(Share))},
    Legacy: {"factor": st.integers(1000, 1_000_000).map(Number), "minimum": COUNT},
}
"""Values that refuse some numbers."""


def is_of(found: object, module: str) -> bool:
    return is_value(found) and getattr(found, "__module__", "") == module


def values() -> list[type]:
    modules = [importlib.import_module(f"{model.__name__}.{each.name}") for each in pkgutil.iter_modules(model.__path__)]
    return [found for module in modules for found in vars(module).values() if is_of(found, module.__name__)]


@cache
def some(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation may be anything
    """Any value of the annotated type, every field filled in, also those with a default."""
    if hasattr(annotation, "__supertype__"):
        return some(annotation.__supertype__)
    if get_origin(annotation) in (Union, types.UnionType):
        return st.one_of([some(each) for each in get_args(annotation)])
    if get_origin(annotation) is tuple:
        return some_tuple(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return PLAIN[annotation] if annotation in PLAIN else some_value(annotation)


def some_tuple(kinds: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if kinds[1:] == (Ellipsis,):
        return st.lists(some(kinds[0]), max_size=2).map(tuple)
    return st.tuples(*(some(each) for each in kinds))


def some_value(kind: type) -> st.SearchStrategy[Any]:
    parts = {name: some(annotation) for name, _, annotation in slots(kind)}
    return st.builds(kind, **(parts | SOUND.get(kind, {})))


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in values()])
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_value_comes_back_as_it_went(kind: type, data: st.DataObject) -> None:
    value = data.draw(some(kind))
    text = dumps(value, kind="value")
    again: Any = loads(text, kind, kind="value")
    assert again == value
    assert dumps(again, kind="value") == text
    assert content(again) == content(value)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in (Plan, ClusterState, PlannedStep, Reason)])
@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_text_that_names_are_made_of_tells_any_two_values_apart(kind: type, data: st.DataObject) -> None:
    one, other = data.draw(some(kind)), data.draw(some(kind))
    assert (content(one) == content(other)) == (dumps(one, kind="value") == dumps(other, kind="value"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(why("a", "b"), why("a, b"), id="two names and one that holds a comma"),
        pytest.param(told(why("a"), why()), told(why(), why("a")), id="whose name it is"),
        pytest.param(told(why("a", "b")), told(why("a"), why("b")), id="one of two names and two of one"),
        pytest.param(stepping(FENCE, UNFENCE), stepping(UNFENCE, FENCE), id="which of two kinds comes first"),
        pytest.param(told(why("a']", "['b")), told(why("a']['b")), id="names that look like the end of a list"),
        pytest.param(why("a", "a"), why("2*'a'"), id="a name twice, and one that looks like it"),
        pytest.param(why("a\0", "b"), why("a", "\0b"), id="names with what parts them"),
        pytest.param(why("a", "b"), why("a\0b"), id="two names, and one with what parts them"),
    ],
)
def test_what_looks_alike_has_another_text(one: object, other: object) -> None:
    assert content(one) != content(other)


def test_there_are_values_at_all() -> None:
    wanted = {"Observation", "Decision", "Plan", "Recording", "Commitments", "Evacuate", "WorkloadRef"}
    assert wanted <= {kind.__name__ for kind in values()}


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in values()])
def test_no_field_is_named_like_the_tag_of_a_union(kind: type) -> None:
    assert "type" not in {name for name, _, _ in slots(kind)}


PAST = History(subject="shop/web", recommendations=(Recommendation(Instant(5), 3),), events=(ScaleEvent(Instant(6), -1, foreign=True),))
TEXT = dumps(PAST, kind="history")


def test_a_document_is_headed_by_its_format_and_has_one_spelling() -> None:
    assert TEXT == (
        '{"format":"autoscaler/v1","kind":"history","value":'
        '{"events":[{"at":6,"change":-1,"foreign":true}],"recommendations":[{"at":5,"count":3}],"subject":"shop/web"}}'
    )


def test_a_value_written_before_a_field_existed_has_its_default() -> None:
    assert decode({"subject": "shop/web"}, History) == History(subject="shop/web")


@pytest.mark.parametrize("cut", range(0, len(TEXT), 7))
def test_a_document_cut_short_is_no_document(cut: int) -> None:
    with pytest.raises(FormatError):
        loads(TEXT[:cut], History, kind="history")


def document(value: object, **changes: object) -> str:
    return json.dumps({"format": FORMAT, "kind": "history", "value": value, **changes})


WHOLE = {"subject": "shop/web"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param(b"\xff\xfe{", "not JSON", id="no text at all"),
        pytest.param("[" * 200_000, "not JSON", id="nested beyond reason"),
        pytest.param("9" * 5000, "not JSON", id="a number beyond reason"),
        pytest.param("[]", "not a history file", id="a list"),
        pytest.param(document(WHOLE, kind="plan"), "not a history file", id="another kind of document"),
        pytest.param(document(WHOLE, format="autoscaler/v2"), "autoscaler/v2", id="a format of the future"),
        pytest.param(document(WHOLE, format="x" * 5000), "format 'xxx", id="a format without end"),
        pytest.param(document(None), "value: History wanted, NoneType found", id="no value"),
        pytest.param(document({}), "value: History lacks subject", id="a field that is missing"),
        pytest.param(document({**WHOLE, "mood": 1}), "value: History has no 'mood'", id="a field nobody knows"),
        pytest.param(document({"subject": 3}), "value.subject: str wanted, int found", id="a number for a text"),
        pytest.param(document({**WHOLE, "events": {}}), "value.events: list wanted, dict found", id="an object for a list"),
        pytest.param(document({**WHOLE, "began": True}), "value.began: int or NoneType wanted, bool found", id="a truth for a number"),
        pytest.param(document({**WHOLE, "began": 1.5}), "value.began: int or NoneType wanted, float found", id="a fraction"),
        pytest.param(document({**WHOLE, "events": [{"at": 1}]}), "value.events[0]: ScaleEvent lacks change", id="deep inside"),
    ],
)
def test_a_damaged_document_says_where(text: str | bytes, says: str) -> None:
    with pytest.raises(FormatError) as broken:
        loads(text, History, kind="history")
    assert says in str(broken.value)
    assert len(str(broken.value)) < 200
    assert broken.value.hint


@pytest.mark.parametrize(
    ("data", "expected", "says"),
    [
        pytest.param({"type": "Explode"}, Step, "type 'Explode' is none of GrowPool", id="a step nobody knows"),
        pytest.param({"type": ["GrowPool"]}, Step, "is none of", id="a type that is no name"),
        pytest.param({}, Step, "type None is none of", id="a step without its type"),
        pytest.param({"type": "GrowPool", "pool": "p", "seen": 1, "wanted": 2, "more": 1}, Step, "no 'more'", id="a step with more"),
        pytest.param([1], Step, "wanted, list found", id="a list for a step"),
        pytest.param("sometimes", Code, "'sometimes' is no Code", id="a code nobody knows"),
        pytest.param([], Code, "[] is no Code", id="a list for a code"),
        pytest.param([1, 2, 3], tuple[int, int], "list wanted", id="three for a pair"),
        pytest.param({"milli": 1, "type": "Share"}, Share, "no 'type'", id="a type where none is due"),
    ],
)
def test_what_does_not_fit_is_refused(data: object, expected: type, says: str) -> None:
    with pytest.raises(FormatError, match="value") as broken:
        decode(data, expected)
    assert says in str(broken.value)


def test_only_a_choice_of_classes_is_told_by_name() -> None:
    step = GrowPool(pool="general", seen=2, wanted=3)  # type: ignore[arg-type]
    planned = PlannedStep(id=StepId("1"), step=step, operation="grow general")
    assert encode(planned, PlannedStep) == {
        "id": "1",
        "operation": "grow general",
        "step": {"type": "GrowPool", "pool": "general", "seen": 2, "wanted": 3},
    }


@pytest.mark.parametrize("change", [3, Share(250)], ids=["a number", "a share"])
def test_a_number_or_a_share_stays_what_it_was(change: int | Share) -> None:
    limit = RateLimit(change=change, per=Duration(1000))
    assert loads(dumps(limit, kind="limit"), RateLimit, kind="limit") == limit


def test_unknown_stays_unknown() -> None:
    web = WorkloadRef("shop", "web")  # type: ignore[arg-type]
    for reading in (Sample(0, Instant(1)), Unknown(Code.STALE)):
        read = MetricReading(metric="cpu", workload=web, reading=reading)  # type: ignore[arg-type]
        assert loads(dumps(read, kind="r"), MetricReading, kind="r").reading == reading


def test_what_is_no_value_of_ours_is_not_written() -> None:
    with pytest.raises(TypeError, match="float"):
        dumps(0.5, kind="number")


def test_steps_are_a_closed_union() -> None:
    module = importlib.import_module("autoscaler.model.steps")
    named = {found.__name__ for found in vars(module).values() if is_of(found, module.__name__)}
    assert {kind.__name__ for kind in get_args(Step)} == named - {"Place", "Progress"}
    assert SetReplicas in get_args(Step)
