"""What a surge may count on beside a node that is being closed: the same that its scheduler does, and that plans did."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.constraints import TopologySpread
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import PlannedStep
from autoscaler.model.policies import Availability
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, StepId, StoreId
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Evacuate, Place
from autoscaler.model.workloads import Shape
from autoscaler.planning.conditions import precondition
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_at, refused_room

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

EVEN = Shape(requests=Resources(500, 2**20), constraints=(TopologySpread(),))


@pytest.mark.parametrize(
    ("availability", "reasons"),
    [
        pytest.param(NodeAvailability.FENCED, [Code.NO_ROOM], id="fenced with none of it, it keeps others from having two"),
        pytest.param(NodeAvailability.EMPTYING, [], id="while it is emptied it is no domain"),
    ],
)
def test_room_beside_a_node_that_is_closed(small: Worlds, availability: NodeAvailability, reasons: list[Code]) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    ref = world.workload("web", ["n1", "n2"], shape=EVEN)
    world.nodes["n3"] = replace(world.nodes["n3"], availability=availability)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert [one.code for one in refused_room(ctx, world.workloads[ref], 1)] == reasons


ZONED = Shape(requests=Resources(2000, 2**20), constraints=(TopologySpread(topology="zone"),))


@pytest.mark.parametrize(
    ("taken", "ends", "reasons"),
    [
        pytest.param(2000, False, [], id="where it may come there is room"),
        pytest.param(3000, False, [Code.BREAKS_RULE], id="there is none and its zone would have too few"),
        pytest.param(3000, True, [], id="nobody stays for that on a machine that its cloud takes"),
    ],
)
def test_who_leaves_a_zone_short_stays_until_there_is_room_there(small: Worlds, taken: int, ends: bool, reasons: list[Code]) -> None:  # noqa: FBT001
    world = small()
    for name, zone in (("n1", "a"), ("n2", "a"), ("n3", "b"), ("n4", "b")):
        world.node(name, labels=(("zone", zone),))
    web = world.workload("web", ["n1", "n3", "n4"], shape=ZONED, traffic=False)
    world.workload("api", ["n2"], cpu=taken)
    world.availability[web] = Availability(floor=Share(500))
    world.nodes["n1"] = replace(world.nodes["n1"], availability=NodeAvailability.FENCED)
    world.instances["n1"] = replace(world.instances["n1"], ends_at=Instant(world.at + 60_000) if ends else None)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    step = Evacuate(node=world.nodes["n1"].ref, workloads=(web,), at_once=1)
    planned = PlannedStep(id=StepId("p.1"), step=step, operation="close n1")
    assert [one.code for one in precondition(StepRecord(plan=PlanId("p"), planned=planned, status=StepStatus.WAITING), ctx)] == reasons


@pytest.mark.parametrize(
    ("bound", "reasons"),
    [
        pytest.param(True, [], id="where we choose the place nobody waits for a node that we empty"),
        pytest.param(False, [Code.SPREAD_IS_FULL], id="for a scheduler it is a domain until it is emptied"),
    ],
)
def test_the_last_one_leaves_a_fenced_node(small: Worlds, bound: bool, reasons: list[Code]) -> None:  # noqa: FBT001
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    web = world.workload("web", ["n1", "n1", "n2", "n2", "n3"], shape=EVEN)
    mark = Mark(store=StoreId("s"), plan=PlanId("p"), field="availability", was="open", ours="fenced")
    world.nodes["n3"] = replace(world.nodes["n3"], availability=NodeAvailability.FENCED, marks=(mark,))
    world.capabilities = Capabilities(moves=Moves.REPLICA, bound=bound, stops=True)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert [one.code for one in refused_at(ctx, world.workloads[web], [Place(node=world.nodes["n1"].ref)], StepId("p.1"))] == reasons
