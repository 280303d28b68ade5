"""The world gives each replica its devices, whole or in part, and never more of one than there is."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from autoscaler.errors import ConflictError, NoCapacityError, PolicyError
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.refs import ClusterName, Token, WorkloadRef
from autoscaler.model.steps import Place
from autoscaler.simulation.virtual_runtime import EPOCH, VirtualRuntime
from autoscaler.simulation.world import views
from autoscaler.simulation.world.devices import DeviceNeed, DeviceSpec
from autoscaler.simulation.world.specs import NodeSpec, WorkloadSpec, WorldSpec
from autoscaler.simulation.world.world import World, build
from autoscaler_simulated.cluster_writer import SimulatedClusterWriter
from autoscaler_simulated.worlds import Live

SHOP = ClusterName("shop")
TWO = (DeviceSpec(product="T4"), DeviceSpec(product="A100"))
PART, WHOLE_ONE, NEWER = DeviceNeed(share=Share(400)), DeviceNeed(whole=1), DeviceNeed(share=Share(1000), products=("A100",))


def world(*needs: tuple[DeviceNeed | None, int]) -> World:
    """One node with two devices, and so many replicas of each need, the first placed first."""
    workloads = tuple(WorkloadSpec(name=f"w{at}", device=need, replicas=count, priority=9 - at) for at, (need, count) in enumerate(needs))
    return build(WorldSpec(nodes=(NodeSpec(name="n1", devices=TWO),), workloads=workloads), SHOP, EPOCH)


@pytest.mark.parametrize(
    ("needs", "given"),
    [
        pytest.param([(PART, 5)], [(), (0,), (0,), (1,), (1,)], id="two parts of each, and one waits"),
        pytest.param([(PART, 1), (WHOLE_ONE, 2)], [(), (0,), (1,)], id="a device that is shared is no whole one"),
        pytest.param([(NEWER, 2)], [(), (1,)], id="only of the model it accepts, and all of it"),
        pytest.param([(DeviceNeed(whole=2), 1), (PART, 1)], [(), (0, 1)], id="several whole ones, of which no part is left"),
        pytest.param([(None, 2)], [(), ()], id="whoever asks for none gets none"),
    ],
)
def test_who_is_given_which(needs: list[tuple[DeviceNeed | None, int]], given: list[tuple[int, ...]]) -> None:
    state = views.cluster_state(world(*needs).core, Instant(EPOCH))
    assert sorted(one.devices for one in state.replicas) == given
    assert state.nodes[0].devices == (Device("gpu", "T4"), Device("gpu", "A100"))


def test_all_of_one_device_is_a_whole_one() -> None:
    assert NEWER.ask == DeviceAsk(kind="gpu", whole=1, products=("A100",))


@pytest.mark.parametrize(
    ("whole", "share"),
    [pytest.param(0, Share(0), id="nothing"), pytest.param(1, Share(300), id="whole ones and a part")],
)
def test_an_ask_is_for_whole_ones_or_a_part(whole: int, share: Share) -> None:
    with pytest.raises(PolicyError):
        DeviceNeed(whole=whole, share=share)


@dataclass
class Hall:
    """Two nodes of two devices each, on which we place replicas ourselves."""

    state: ClusterState
    hands: SimulatedClusterWriter
    read: Callable[[], ClusterState]

    def scale(self, path: str, change: int, *places: tuple[str, tuple[int, ...]]) -> None:
        seen = next(one.wanted for one in self.read().workloads if one.ref.path == path)
        there = tuple(self.place(*one) for one in places)
        self.hands.set_replicas(WorkloadRef(SHOP, path), seen=seen, wanted=seen + change, victims=frozenset(), mark=None, places=there)

    def start(self, path: str, *where: tuple[str, tuple[int, ...]]) -> None:
        for name, devices in where:
            self.hands.start_replica(WorkloadRef(SHOP, path), self.place(name).node, token=Token(f"{name} {devices}"), devices=devices)

    def place(self, name: str, devices: tuple[int, ...] = ()) -> Place:
        return Place(node=next(node.ref for node in self.state.nodes if node.name == name), devices=devices)

    def standing(self) -> list[tuple[str, str, tuple[int, ...]]]:
        found = ((one.workload.path, one.node.id if one.node else "", one.devices) for one in self.read().replicas)
        names = {node.ref.id: node.name for node in self.state.nodes}
        return sorted((path, names.get(node, ""), devices) for path, node, devices in found)


@pytest.fixture
def hall() -> Hall:
    runtime = VirtualRuntime()
    workloads = (
        WorkloadSpec(name="part", device=PART, replicas=0),
        WorkloadSpec(name="whole", device=WHOLE_ONE, replicas=0),
        WorkloadSpec(name="pair", device=DeviceNeed(whole=2), replicas=0),
        WorkloadSpec(name="web", replicas=0),
    )
    nodes = tuple(NodeSpec(name=name, devices=(DeviceSpec(count=2),)) for name in ("n1", "n2"))
    made = build(WorldSpec(bound=True, nodes=nodes, workloads=workloads), SHOP, runtime.now())

    def read() -> ClusterState:
        return views.cluster_state(made.core, runtime.now())

    return Hall(read(), SimulatedClusterWriter(Live(made, runtime)), read)


def test_where_we_place_we_may_name_devices() -> None:
    assert views.capabilities(build(WorldSpec(bound=True), SHOP, EPOCH).core).names_devices
    assert not views.capabilities(build(WorldSpec(), SHOP, EPOCH).core).names_devices


def test_named_devices_are_exactly_those_that_are_given(hall: Hall) -> None:
    hall.scale("part", 3, ("n2", (1,)), ("n2", (1,)), ("n1", (1,)))
    hall.start("whole", ("n1", (0,)))
    hall.scale("web", 1, ("n2", ()))
    assert hall.standing() == [
        ("part", "n1", (1,)),
        ("part", "n2", (1,)),
        ("part", "n2", (1,)),
        ("web", "n2", ()),
        ("whole", "n1", (0,)),
    ]


def test_who_comes_without_a_place_gets_one_from_the_orchestrator(hall: Hall) -> None:
    hall.scale("whole", 2, ("n2", (1,)))
    assert hall.standing() == [("whole", "n1", (0,)), ("whole", "n2", (1,))]


TAKEN = {
    "a device that somebody has": ("part", [("n1", (0,))]),
    "a device named once too often": ("part", [("n2", (0,)), ("n2", (0,)), ("n2", (0,))]),
    "fewer than it asks for": ("pair", [("n2", (0,))]),
    "one device twice": ("pair", [("n2", (0, 0))]),
    "a number that no device has": ("part", [("n2", (7,))]),
    "devices for who asks for none": ("web", [("n2", (0,))]),
}


@pytest.mark.parametrize(("path", "places"), [pytest.param(*case, id=name) for name, case in TAKEN.items()])
def test_of_places_that_are_not_free_together_nobody_starts(hall: Hall, path: str, places: list[tuple[str, tuple[int, ...]]]) -> None:
    hall.start("whole", ("n1", (0,)))
    before = hall.read()
    with pytest.raises(ConflictError):
        hall.scale(path, len(places), *places)
    assert hall.read() == before


def test_a_replica_is_not_started_on_a_device_that_somebody_has(hall: Hall) -> None:
    hall.start("whole", ("n1", (0,)))
    with pytest.raises(NoCapacityError):
        hall.start("part", ("n1", (0,)))
    assert hall.standing() == [("whole", "n1", (0,))]
