"""Plans name machine and devices where the orchestrator lets us choose both, and go by what is seen as long as nothing has begun."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments
from autoscaler.model.constraints import NODE, TopologySpread
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Money
from autoscaler.model.refs import NodeRef, OfferingName, StepId, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import GrowPool, Place, SetReplicas, StartReplica, StopReplica
from autoscaler.model.workloads import Shape
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_at

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

GPU = Device("nvidia.com/gpu")
OURS = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True, names_devices=True)
SIZE = Resources(4000, 4 * 2**30)
TWO_GPUS = Offering(name=OfferingName("gpus"), capacity=SIZE, price=Money(900_000), devices=(GPU, GPU))


def asking(*, share: int = 0, whole: int = 0) -> Shape:
    return Shape(requests=Resources(100, 2**20), device=DeviceAsk(kind=GPU.kind, share=share, whole=whole))


def hall(small: Worlds, *names: str, capabilities: Capabilities = OURS) -> "World":
    """Nodes of two devices each."""
    world = small()
    world.capabilities, world.offerings = capabilities, (TWO_GPUS,)
    for name in names:
        world.node(name, devices=(GPU, GPU))
        world.instances[name] = replace(world.instances[name], offering=TWO_GPUS.name)
    world.workload("half", [], shape=asking(share=500), traffic=False)
    world.workload("whole", [], shape=asking(whole=1), traffic=False)
    return world


def ref(world: "World", name: str) -> WorkloadRef:
    return next(one for one in world.workloads if one.path == name)


def stand(world: "World", name: str, node: str, *devices: int) -> None:
    """One more of it, where its orchestrator shows it."""
    world.start(ref(world, name), node)
    world.replicas[-1] = replace(world.replicas[-1], devices=devices)
    world.workloads[ref(world, name)] = replace(world.workloads[ref(world, name)], wanted=len(world.on(node, ref(world, name))))


def places(made: Plan) -> list[tuple[str, int, tuple[Place, ...]]]:
    steps = [one.step for one in made.steps if isinstance(one.step, SetReplicas)]
    return [(one.workload.path, one.change, one.places) for one in steps]


def at(node: str, *devices: int) -> Place:
    return Place(node=NodeRef(node, "1"), devices=devices)


@pytest.mark.parametrize(
    ("capabilities", "named"),
    [
        pytest.param(OURS, (at("n1", 1), at("n1", 1)), id="where both are ours to choose"),
        pytest.param(replace(OURS, names_devices=False), (), id="not where the orchestrator chooses the device"),
        pytest.param(replace(OURS, bound=False), (), id="nor where it chooses the machine"),
    ],
)
def test_a_higher_count_says_where_each_starts(small: Worlds, capabilities: Capabilities, named: tuple[Place, ...]) -> None:
    world = hall(small, "n1", "n2", capabilities=capabilities)
    stand(world, "whole", "n1", 0)
    world.decided = {ref(world, "half"): 2, ref(world, "whole"): 1}
    assert places(world.plan()) == [("half", 2, named)]


def test_nothing_seen_anew_nothing_planned_anew(small: Worlds) -> None:
    world = hall(small, "n1", "n2")
    world.decided = {ref(world, "half"): 3, ref(world, "whole"): 1}
    made = world.plan()
    assert world.plan(world.adopt(made)) == made


def test_where_a_named_device_is_taken_before_it_began_another_is_named(small: Worlds) -> None:
    world = hall(small, "n1", "n2")
    world.decided = {ref(world, "half"): 1}
    made = world.plan()
    assert places(made) == [("half", 1, (at("n1", 0),))]
    stand(world, "whole", "n1", 0)
    again = world.plan(world.adopt(made))
    assert places(again) == [("half", 1, (at("n1", 1),))]


def test_who_waits_for_a_machine_is_given_a_place_once_it_is_there(small: Worlds) -> None:
    world = hall(small, "n1")
    stand(world, "whole", "n1", 0)
    stand(world, "whole", "n1", 1)
    world.decided = {ref(world, "half"): 1, ref(world, "whole"): 2}
    made = world.plan()
    assert places(made) == [("half", 1, ())]
    assert any(isinstance(one.step, GrowPool) for one in made.steps)
    done = world.finish(made, steps=1)
    world.nodes["m0003"] = replace(world.nodes["m0003"], devices=(GPU, GPU))
    assert places(world.plan(done)) == [("half", 1, (at("m0003", 0),))]


def started(made: Plan) -> list[tuple[int, ...]]:
    return [one.step.devices for one in made.steps if isinstance(one.step, StartReplica)]


@pytest.fixture
def drained(small: Worlds) -> "World":
    """A machine of which one replica goes to the other one, that has one half in use."""
    world = hall(small, "n1", "n2")
    stand(world, "half", "n1", 0)
    stand(world, "half", "n2", 1)
    world.workloads[ref(world, "half")] = replace(world.workloads[ref(world, "half")], wanted=2)
    world.decided = {ref(world, "half"): 2}
    world.drains = {"n1"}
    return world


def test_a_replacement_says_where_it_starts(drained: "World") -> None:
    made = drained.plan()
    assert started(made) == [(1,)]


def test_a_replacement_whose_device_is_taken_is_planned_anew(drained: "World") -> None:
    drained.workload("third", [], shape=asking(share=300), traffic=False)
    fenced = drained.finish(drained.plan(), steps=1)
    assert started(drained.plan(fenced)) == [(1,)]
    stand(drained, "third", "n2", 1)
    assert started(drained.plan(fenced)) == [(0,)]


def test_and_so_is_one_of_a_close_that_can_only_go_on(drained: "World") -> None:
    drained.workload("third", [], shape=asking(share=300), traffic=False)
    drained.nodes["n2"] = replace(drained.nodes["n2"], devices=(GPU,) * 3)
    stand(drained, "whole", "n1", 1)
    drained.decided[ref(drained, "whole")] = 1
    made = drained.plan()
    assert started(made) == [(1,), (0,)]
    begun = drained.finish(made, steps=1 + [type(one.step) for one in made.steps].index(StopReplica))
    stand(drained, "third", "n2", 0)
    assert started(drained.plan(begun))[-1:] == [(2,)]


@pytest.mark.parametrize("spread", [pytest.param(("zone",), id="over zones"), pytest.param(("zone", NODE), id="over zones and nodes")])
def test_what_must_stand_evenly_starts_where_fewest_are_by_then(small: Worlds, spread: tuple[str, ...]) -> None:
    """In the order of their names the first would come where one stands already, before the other zone has any."""
    world = hall(small, "n1", "n2", "n3", "n4", "n5")
    for name, zone in zip(("n1", "n2", "n3", "n4", "n5"), "aaabb", strict=True):
        world.nodes[name] = replace(world.nodes[name], labels=(("zone", zone),))
    shape = replace(asking(whole=2), constraints=tuple(TopologySpread(topology=one) for one in spread))
    even = world.workload("even", [], shape=shape, traffic=False)
    stand(world, "even", "n1", 0, 1)
    world.decided = {even: 4}
    (step,) = (one.step for one in world.plan().steps if isinstance(one.step, SetReplicas))
    assert len(step.places) == 3
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert not refused_at(ctx, world.workloads[even], step.places, StepId("p.1"))
