"""What steps wait for, once they have names."""

from autoscaler.model.commitments import NO_COMMITMENTS
from autoscaler.model.refs import PoolName
from autoscaler.model.steps import AwaitNode
from autoscaler.planning.drafts import Draft, DraftStep
from autoscaler.planning.linking import linked


def draft(name: str, *after: tuple[int, ...]) -> Draft:
    steps = tuple(DraftStep(step=AwaitNode(pool=PoolName(name), count=1), after=one) for one in after)
    return Draft(operation=f"grow {name}", steps=steps, pool=PoolName(name))


def test_a_draft_that_a_guard_has_shortened_waits_for_none_of_anothers_steps() -> None:
    first, second = linked([draft("a", (1,)), draft("b", (3,))], (), NO_COMMITMENTS)
    assert (first.after, second.after) == ((), ())


def test_steps_wait_for_those_of_their_own_operation_whatever_else_is_planned() -> None:
    _, _, third, fourth = linked([draft("a", (), (0,)), draft("b", (), (0,))], (), NO_COMMITMENTS)
    assert (third.after, fourth.after) == ((), (third.id,))
