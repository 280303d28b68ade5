"""What steps need not name is waited for all the same."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.commitments import NO_COMMITMENTS, StepRecord, StepStatus
from autoscaler.model.plans import PlannedStep
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, NodeRef, PlanId, StepId, WorkloadRef
from autoscaler.model.steps import Evacuate, Fence, RemoveNode, Unfence
from autoscaler.planning.drafts import Draft, DraftStep
from autoscaler.planning.implying import outlasting, terse
from autoscaler.planning.linking import linked

WEB = WorkloadRef(ClusterName("shop"), "web")
QUICK = Duration(1000)


def close(node: str, needs: Sequence[str] = (), fenced: Sequence[str] = ()) -> Draft:
    ref = NodeRef(node, "1")
    evacuate = DraftStep(step=Evacuate(node=ref, workloads=(WEB,)), after=(0,), needs=tuple(needs), fenced=tuple(fenced))
    steps = (DraftStep(step=Fence(node=ref)), evacuate, DraftStep(step=RemoveNode(node=ref), after=(1,)))
    return Draft(operation=f"close {node}", steps=steps, node=ref, workloads=(WEB,))


def undo(node: str, needs: Sequence[str] = ()) -> Draft:
    """Opens it again, then waits for something else."""
    ref = NodeRef(node, "1")
    steps = (DraftStep(step=Unfence(node=ref)), DraftStep(step=RemoveNode(node=ref), after=(0,), needs=tuple(needs)))
    return Draft(operation=f"undo {node}", steps=steps, node=ref)


def names(drafts: Iterable[Draft]) -> list[list[tuple[str, ...]]]:
    return [[one.needs for one in draft.steps if one.needs] for draft in drafts]


def test_closes_in_turn_name_the_one_before_and_no_other() -> None:
    found = terse([close("a"), close("b", ["close a"]), close("c", ["close a", "close b"])])
    assert names(found) == [[], [("close a",)], [("close b",)]]


def test_fences_are_named_by_the_first_that_waits_for_them() -> None:
    every = ("close a", "close b")
    found = terse([close("a", fenced=every), close("b", ["close a"], every), close("c", fenced=every)])
    assert [one.steps[1].fenced for one in found] == [every, (), every]


def test_what_opens_a_node_again_has_waited_for_nothing_that_comes_after() -> None:
    found = terse([close("a"), undo("b", ["close a"]), close("c", ["close a", "undo b"])])
    assert names(found)[2] == [("undo b", "close a")]


def test_a_plan_that_closes_many_names_about_two_steps_in_each() -> None:
    nodes = [f"n{number}" for number in range(100)]
    closes = [f"close {node}" for node in nodes]
    steps = linked([close(node, closes[:place], closes) for place, node in enumerate(nodes)], (), NO_COMMITMENTS)
    assert sum(len(one.after) for one in steps) <= 4 * len(nodes)


@st.composite
def drafts(draw: st.DrawFn) -> list[Draft]:
    """Operations that wait for any before them in some order, listed in another."""
    kinds = draw(st.lists(st.sampled_from(("close", "undo")), min_size=1, max_size=7))
    listed = [f"{kind} {number}" for number, kind in enumerate(kinds)]
    fences = draw(st.lists(st.sampled_from(listed), unique=True))
    found = []
    for place, name in enumerate(listed):
        kind, _, node = name.partition(" ")
        needs = sorted(draw(st.sets(st.sampled_from(listed[:place])))) if place else []
        shut = fences if draw(st.booleans()) else []
        found.append(close(node, needs, shut) if kind == "close" else undo(node, needs))
    return draw(st.just(found) | st.permutations(found))


def waited_for(found: Sequence[Draft]) -> set[tuple[tuple[str, int], tuple[str, int]]]:
    """Which step comes, sooner or later, after which."""
    by_name = {one.operation: one for one in found}
    before = {(one.operation, place): set(_direct(by_name, one, place)) for one in found for place in range(len(one.steps))}
    for _ in before:
        for step, known in before.items():
            before[step] = known | set(chain.from_iterable(before[other] for other in known))
    return {(step, other) for step, known in before.items() for other in known}


def _direct(by_name: dict[str, Draft], draft: Draft, place: int) -> Iterable[tuple[str, int]]:
    step = draft.steps[place]
    yield from ((draft.operation, one) for one in step.after)
    yield from ((name, 0 if name.startswith("undo") else 2) for name in step.needs)
    yield from ((name, 0) for name in step.fenced if name.startswith("close"))


@given(found=drafts())
def test_whatever_was_waited_for_still_is(found: list[Draft]) -> None:
    assert waited_for(terse(found)) == waited_for(found)


def record(number: int, *after: int, status: StepStatus = StepStatus.WAITING) -> StepRecord:
    planned = PlannedStep(id=StepId(str(number)), step=Fence(node=NodeRef("a", "1")), operation="x", after=tuple(_ids(after)))
    return StepRecord(planned=planned, plan=PlanId("p-1"), status=status)


def _ids(numbers: Iterable[int]) -> Iterable[StepId]:
    return [StepId(str(number)) for number in numbers]


@pytest.mark.parametrize(
    ("records", "kept", "waits"),
    [
        pytest.param([record(1), record(2, 1), record(3, 2)], [1, 3], ["1"], id="one given up hands on what it waited for"),
        pytest.param([record(1), record(2, 1), record(3, 2), record(4, 3)], [1, 4], ["1"], id="two given up one after the other"),
        pytest.param([record(1), record(2, 1, status=StepStatus.DONE), record(3, 2)], [1, 3], [], id="what is done waits for nothing"),
        pytest.param([record(1), record(2), record(3, 1, 2)], [1, 3], ["1"], id="the others stay as they are"),
        pytest.param([record(3, 2)], [3], [], id="what nobody knows any more is not waited for"),
        pytest.param([record(1, 2), record(2, 1), record(3, 1)], [3], [], id="two that waited for each other end it"),
    ],
)
def test_a_step_outlasts_those_it_waited_for(records: list[StepRecord], kept: list[int], waits: list[str]) -> None:
    waits_of: Callable[[Iterable[StepId]], tuple[StepId, ...]] = outlasting(set(_ids(kept)), records)
    assert list(waits_of(records[-1].planned.after)) == waits
