"""What was begun goes on: past its own effects, past a freeze, past nodes that die meanwhile."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.nodes import NodeState
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Limits
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import Token
from autoscaler.model.resources import Resources
from autoscaler.model.steps import AwaitNode, Fence, JoinTraffic, LeaveTraffic, ReleaseInstance, RemoveNode, SetReplicas
from autoscaler.model.workloads import Origin, Shape
from autoscaler.planning import records
from tests.planning.conftest import POOL

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


def begun(world: "World", made: Plan, kind: type[object]) -> Commitments:
    """`made`, carried out up to and with its first step of this kind."""
    place = next(place for place, one in enumerate(made.steps) if isinstance(one.step, kind))
    return world.finish(made, steps=place + 1)


def closed(plan: Plan) -> set[str]:
    return {one.operation for one in plan.steps if one.operation.startswith("close ")}


def test_a_close_may_use_up_what_there_was_to_spare(small: Worlds) -> None:
    world = small()
    world.node("n1")
    world.node("n2")
    shape = Shape(requests=Resources(2000, 2**20), origin=Origin.MEASURED)  # one more fits on n2, a second one does not
    world.workload("web", ["n1", "n2"], shape=shape, floor=Share(500), surge=1)
    made = world.plan()
    left = world.finish(made, steps=2)
    assert [type(one.planned.step).__name__ for one in left.records if one.status is StepStatus.DONE] == ["Fence", "LeaveTraffic"]
    assert world.plan(left).id == made.id


def test_what_was_frozen_in_mid_close_goes_on_before_anything_new(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    world.workload("web", ["n1", "n2", "n3"])
    world.limits = Limits(closing_at_once=1)
    made = world.plan()
    fenced = world.finish(made, steps=1)
    world.freezes.append(Freeze(subject=EVERYTHING, who="ops", why="sale", at=Instant(0)))
    frozen = world.plan(fenced)
    assert Code.FROZEN in {reason.code for one in frozen.withheld for reason in one.reasons}
    world.freezes.clear()
    again = world.plan(Commitments(plan=frozen, records=records(frozen, fenced, world.at)))
    assert closed(again) == closed(made)
    assert any(isinstance(one.step, ReleaseInstance) for one in again.steps)


def test_a_node_of_a_frozen_pool_is_not_opened_again_while_the_pool_cannot_be_read(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1", "n2"])
    world.finish(world.plan(), steps=1)
    world.pool_unknown = True
    lost = Commitments()  # nobody knows of the close any more: its mark is taken off, but for the freeze
    assert any(one.operation.startswith("mend ") for one in world.plan(lost).steps)
    world.freezes.append(Freeze(subject=f"pool:{POOL}", who="ops", why="sale", at=Instant(0)))
    assert world.plan(lost).steps == ()


def test_a_node_whose_machine_was_given_back_is_forgotten_in_any_weather(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    world.workload("web", ["n1"])
    released = begun(world, world.plan(), ReleaseInstance)
    world.nodes["n1"] = replace(world.nodes["n1"], state=NodeState.DOWN)
    world.limits = Limits(unhealthy=Share(100))
    again = world.plan(released)
    assert any(isinstance(one.step, RemoveNode) for one in again.steps)


def test_a_node_that_dies_while_it_is_closed_is_as_dead_as_any(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    web = world.workload("web", ["n1", "n2", "n2"])
    made = world.plan()
    fenced = world.finish(made, steps=1)
    name = next(iter(closed(made))).removeprefix("close ")
    world.nodes[name] = replace(world.nodes[name], state=NodeState.DOWN)
    world.limits = Limits(unhealthy=Share(100))
    world.decided[web] = 2
    again = world.plan(fenced)
    assert Code.CLUSTER_UNHEALTHY in {reason.code for one in again.withheld for reason in one.reasons}


def test_a_scale_down_begun_while_a_scale_up_ends_is_taken_back_when_nobody_wants_it_any_more(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2"):
        world.node(name)
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 4
    raised = world.finish(world.plan(), steps=1)  # the count is set, not all are in rotation
    world.decided[web] = 3
    lower = world.plan(raised)
    leaving = Commitments(plan=lower, records=tuple(_left(one) for one in records(lower, raised, world.at)))
    assert {type(one.planned.step) for one in leaving.open} == {JoinTraffic, SetReplicas}, "void: both ways must be under way"
    world.decided[web] = 4
    again = world.plan(leaving)
    assert not any(isinstance(one.step, SetReplicas) and one.step.change < 0 for one in again.steps)
    assert any(one.operation == "undo shop/web" for one in again.steps)


@pytest.mark.parametrize(
    ("there", "minimum", "later", "kind"),
    [
        pytest.param(4, 0, 0, SetReplicas, id="replicas move once the machine for them is there"),
        pytest.param(1, 2, 2, ReleaseInstance, id="a machine is given back once the pool has its minimum without it"),
        pytest.param(1, 1, 9, ReleaseInstance, id="also where that minimum is a new one"),
    ],
)
def test_a_close_that_goes_on_waits_for_the_growth_of_now(
    small: Worlds, there: int, minimum: int, later: int, kind: type[SetReplicas | ReleaseInstance]
) -> None:
    world = small()
    for name in ("n1", "n2"):
        world.node(name)
    web, api = world.workload("web", ["n1"] * there), world.workload("api", ["n2"] * there)
    world.bounds, world.drains, world.decided = (minimum, 20), {"n1"}, {web: there, api: there}
    fenced = begun(world, world.plan(), Fence)
    world.bounds, world.decided[api] = (later, 20), 12
    again = world.plan(fenced)
    (grown,) = (one.id for one in again.steps if isinstance(one.step, AwaitNode))
    first = next(one for one in again.steps if one.operation == "close n1" and isinstance(one.step, kind))
    assert first.id in {one.planned.id for one in fenced.records}, "void: the close must go on as it was"
    assert grown not in {one.planned.id for one in fenced.records}, "void: the growth must be another one"
    assert grown in first.after
    assert not world.finish(again).open


def _left(record: StepRecord) -> StepRecord:
    """Whoever was to leave the rotation has."""
    if not isinstance(record.planned.step, LeaveTraffic):
        return record
    return replace(record, status=StepStatus.DONE, intent=Intent(token=Token("t"), term=1), began_at=Instant(0), ended_at=Instant(0))
