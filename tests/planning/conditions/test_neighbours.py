"""What a surge may count on beside a node that is being closed: the same that its scheduler does, and that plans did."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments
from autoscaler.model.constraints import TopologySpread
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.reasons import Code
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_room

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
