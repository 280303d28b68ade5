"""What steps wait for, once they have names."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from autoscaler.model.commitments import NO_COMMITMENTS, Commitments, StepRecord
from autoscaler.model.plans import PlannedStep, Remark
from autoscaler.model.refs import PlanId, PoolName, StepId
from autoscaler.model.steps import AwaitNode
from autoscaler.planning.drafts import Draft, DraftStep
from autoscaler.planning.linking import linked, named, together

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


def draft(name: str, *after: tuple[int, ...]) -> Draft:
    steps = tuple(DraftStep(step=AwaitNode(pool=PoolName(name), count=1), after=one) for one in after)
    return Draft(operation=f"grow {name}", steps=steps, pool=PoolName(name))


def test_a_draft_that_a_guard_has_shortened_waits_for_none_of_anothers_steps() -> None:
    first, second = linked([draft("a", (1,)), draft("b", (3,))], (), NO_COMMITMENTS)
    assert (first.after, second.after) == ((), ())


def test_steps_wait_for_those_of_their_own_operation_whatever_else_is_planned() -> None:
    _, _, third, fourth = linked([draft("a", (), (0,)), draft("b", (), (0,))], (), NO_COMMITMENTS)
    assert (third.after, fourth.after) == ((), (third.id,))


def record(number: int, operation: str, *after: int) -> StepRecord:
    ids = tuple(StepId(f"p-old.{one}") for one in after)
    step = AwaitNode(pool=PoolName("general"), count=1)
    return StepRecord(planned=PlannedStep(id=StepId(f"p-old.{number}"), step=step, operation=operation, after=ids), plan=PlanId("p-old"))


def test_who_waited_for_a_growth_through_another_that_is_given_up_waits_for_the_growth_of_now() -> None:
    grow, given_up, waiting = record(1, "grow general"), record(2, "close a", 1), record(3, "close b", 2)
    (again,) = linked([draft("general", ())], (), NO_COMMITMENTS)
    old = Commitments(records=(grow, given_up, waiting))
    found = together((waiting.planned._replace(after=()),), (again,), old, ())
    assert {one.operation: one.after for one in found} == {"grow general": (), "close b": (again.id,)}


def test_a_plan_with_half_a_character_in_a_reason_has_a_name(small: Worlds) -> None:
    """As a terminal gives it for a byte that is no UTF-8: `freeze --why` takes any."""
    made = small().plan()
    told = replace(made, remarks=(Remark(subject="caf\udce9", reasons=()),))
    assert named(told).id != named(made).id
