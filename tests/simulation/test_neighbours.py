"""Whether it is noticed when a deed of ours breaks what workloads ask of their neighbours: one deed in a quiet world each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Rng
from autoscaler.model.constraints import Taint, Toleration
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, PlanId, ReplicaId, StoreId, Token, WorkloadRef
from autoscaler.simulation.invariants.neighbours import NeighboursHold
from autoscaler.simulation.invariants.watch import Watch
from autoscaler.simulation.neighbours import neighbourly
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import others
from autoscaler.simulation.world.constraints import Apart, Spread, Together
from autoscaler.simulation.world.specs import NodeSpec, WorkloadSpec, WorldSpec
from autoscaler.simulation.world.state import Host
from autoscaler.simulation.world.views import node_ref
from autoscaler.simulation.world.world import build
from autoscaler.store.memory import MemoryStore
from autoscaler_simulated.cluster_writer import SimulatedClusterWriter
from autoscaler_simulated.worlds import Live

SHOP = ClusterName("shop")
TAINT = Taint(key="for", value="few")
NODES = tuple(NodeSpec(name=f"{zone}{number}", labels=(("zone", zone),)) for zone in "ab" for number in (1, 2))
NODES += (NodeSpec(name="c1", labels=(("zone", "c"),), taints=(TAINT,)),)
DB = WorkloadSpec(name="db", labels=(("app", "db"),))
WEB = WorkloadSpec(name="web", labels=(("app", "web"),))
TO_DB = (("app", "db"),)
ALONE = replace(WEB, apart=(Apart(),))
ZONED = replace(WEB, apart=(Apart(topology="zone"),))
SHY = replace(WEB, apart=(Apart(from_=TO_DB),))
BESIDE = replace(WEB, together=(Together(with_=TO_DB, topology="zone"),), replicas=2)
HUDDLED = replace(WEB, together=(Together(topology="zone"),), replicas=2)
EVEN = replace(WEB, spread=(Spread(topology="zone"),), only_on=(), tolerates=(Toleration(),))
FOUR = replace(EVEN, replicas=4)
THREE_ZONES = replace(FOUR, spread=(Spread(topology="zone", min_domains=3),))
"""Two of the four stand in zone a."""


@dataclass
class Scene:
    """A quiet world under watch, and the hands that change it."""

    watch: Watch
    hands: SimulatedClusterWriter

    def host(self, name: str) -> Host:
        return next(host for host in self.watch.core.state.hosts.values() if host.name == name)

    def start(self, path: str, name: str) -> None:
        self.hands.start_replica(WorkloadRef(SHOP, path), node_ref(self.host(name)), token=Token(f"{path} {name}"))

    def stop(self, path: str, name: str) -> None:
        self.hands.stop_replica(self.on(path, name))

    def on(self, path: str, name: str) -> ReplicaId:
        there = self.watch.core.state.on(self.host(name).id)
        return next(ReplicaId(unit.id) for unit in there if unit.service == path and unit.live)

    def scale(self, path: str, wanted: int, *victims: ReplicaId) -> None:
        seen = self.watch.core.state.services[path].wanted
        self.hands.set_replicas(WorkloadRef(SHOP, path), seen=seen, wanted=wanted, victims=frozenset(victims), mark=None)

    def set_(self, name: str, availability: NodeAvailability) -> None:
        mark = Mark(store=StoreId("ours"), plan=PlanId("p"), field="availability", was="open", ours=availability)
        self.hands.set_availability(node_ref(self.host(name)), availability, mark)

    def pass_(self, ms: int) -> None:
        self.watch.runtime.sleep(Duration(ms))
        self.watch.world.advance(self.watch.runtime.now())


def scene(*workloads: WorkloadSpec, bound: bool = True) -> Scene:
    runtime = VirtualRuntime()
    world = build(WorldSpec(bound=bound, nodes=NODES, workloads=workloads), SHOP, runtime.now())
    watch = Watch(world=world, policies=ClusterPolicies(cluster=SHOP, policies=()), runtime=runtime, store=MemoryStore(runtime))
    world.listen(NeighboursHold(watch).happened)
    return Scene(watch, SimulatedClusterWriter(Live(world, runtime)))


def beside_one_that_ends(made: Scene) -> None:
    made.stop("web", "a1")
    made.start("web", "a1")


def after_it_ended(made: Scene) -> None:
    made.scale("web", 0, made.on("web", "a1"))
    made.pass_(10_000)
    made.start("web", "a1")


def move_the_only_company(made: Scene) -> None:
    made.start("db", "b1")
    made.stop("db", "a1")


def add_company_and_take_one(made: Scene) -> None:
    made.start("db", "a2")
    made.stop("db", "a1")


def drain(made: Scene) -> None:
    made.set_("c1", NodeAvailability.EMPTYING)


def fence(made: Scene) -> None:
    made.set_("c1", NodeAvailability.FENCED)


def die(made: Scene) -> None:
    others.fail(made.watch.world, made.host("c1"))


def move_from_the_emptiest_zone(made: Scene) -> None:
    made.start("web", "b2")
    made.stop("web", "c1")


def close_the_emptiest_zone(made: Scene) -> None:
    fence(made)
    move_from_the_emptiest_zone(made)


def start_elsewhere_before_the_old_one_ends(made: Scene) -> None:
    made.set_("a1", NodeAvailability.FENCED)
    made.start("web", "b2")


def leave_a_zone_that_others_closed(made: Scene) -> None:
    others.fence(made.watch.world, made.host("c1"), NodeAvailability.FENCED)
    move_from_the_emptiest_zone(made)


def move_from_the_fullest_zone(made: Scene) -> None:
    made.start("web", "b2")
    made.stop("web", "a1")


def uneven_then_lower(made: Scene) -> None:
    made.scale("web", 2, made.on("web", "c1"))


def lower_what_is_too_many(made: Scene) -> None:
    made.scale("web", 3, made.on("web", "a1"))


@pytest.mark.parametrize(
    ("workloads", "deed", "rules"),
    [
        pytest.param((ALONE,), lambda s: s.start("web", "a2"), set(), id="one that must be alone comes to an empty node"),
        pytest.param((ALONE,), lambda s: s.start("web", "a1"), {15}, id="and to where one stands"),
        pytest.param((ALONE,), beside_one_that_ends, {15}, id="and to where one is about to end"),
        pytest.param((ALONE,), after_it_ended, set(), id="and to where one was"),
        pytest.param((ZONED,), lambda s: s.start("web", "a2"), {15}, id="one that must be alone in its zone comes to the node beside"),
        pytest.param((DB, SHY), lambda s: s.start("web", "a1"), {15}, id="one that shuns another comes to it"),
        pytest.param((SHY, DB), lambda s: s.start("db", "a1"), {15}, id="one that is shunned comes to who shuns it"),
        pytest.param((WEB,), lambda s: s.start("web", "c1"), {15}, id="a node with a taint is given what does not tolerate it"),
        pytest.param((EVEN,), lambda s: s.start("web", "c1"), set(), id="or what does"),
        pytest.param((replace(EVEN, replicas=2),), lambda s: s.start("web", "a1"), {15}, id="a zone gets two while another has none"),
        pytest.param((replace(EVEN, replicas=2),), lambda s: s.start("web", "c1"), set(), id="the one that has none gets it"),
        pytest.param((FOUR,), move_from_the_emptiest_zone, {15}, id="one moves out of a zone that has no other, into one that has"),
        pytest.param((FOUR,), leave_a_zone_that_others_closed, {15}, id="so does one from a zone that others closed: it is a zone still"),
        pytest.param(
            (replace(EVEN, replicas=3),),
            start_elsewhere_before_the_old_one_ends,
            set(),
            id="who stands on a node that we close counts until the end",
        ),
        pytest.param((FOUR,), close_the_emptiest_zone, set(), id="so does one from a zone that we close: it is none any more"),
        pytest.param((FOUR,), move_from_the_fullest_zone, set(), id="one moves out of the zone that has most"),
        pytest.param((FOUR,), uneven_then_lower, {15}, id="a lower count ends the wrong one, by our choice"),
        pytest.param((FOUR,), lower_what_is_too_many, set(), id="a lower count ends the right one"),
        pytest.param((THREE_ZONES,), drain, {15}, id="a drain leaves two zones where three must be"),
        pytest.param((THREE_ZONES,), fence, {15}, id="closing one leaves two as well"),
        pytest.param((THREE_ZONES,), die, set(), id="what an accident does is not held against us"),
        pytest.param((DB, BESIDE), move_the_only_company, {15}, id="the only company moves away"),
        pytest.param((HUDDLED,), lambda s: s.start("web", "b1"), {15}, id="one comes to a zone where its own kind is not"),
        pytest.param((HUDDLED,), lambda s: s.start("web", "a2"), set(), id="one comes to the zone where they all are"),
        pytest.param((DB, BESIDE), add_company_and_take_one, set(), id="company moves within its zone"),
        pytest.param((DB, BESIDE), lambda s: s.scale("db", 0, s.on("db", "a1")), set(), id="company is wanted no longer"),
    ],
)
def test_who_is_blamed(workloads: tuple[WorkloadSpec, ...], deed: Callable[[Scene], None], rules: set[int]) -> None:
    made = scene(*workloads)
    deed(made)
    assert {found.rule for found in made.watch.found} == rules


def test_whom_an_orchestrator_ends_is_not_held_against_us() -> None:
    made = scene(replace(EVEN, replicas=3), bound=False)
    others.fail(made.watch.world, made.host("c1"))
    made.pass_(10_000)
    others.revive(made.watch.world, made.host("c1"))
    others.scale(made.watch.world, "web", 4)
    made.scale("web", 3)
    assert not any(unit.live for unit in made.watch.core.state.on(made.host("c1").id))
    assert made.watch.found == []


def test_nobody_is_asked_for_company_that_is_placed_after() -> None:
    """So that nobody waits for somebody who waits for him."""
    plain = WorldSpec(workloads=tuple(WorkloadSpec(name=name) for name in "abc"), nodes=NODES)
    made = [neighbourly(Rng(seed), plain) for seed in range(400)]
    wanted = {(one.name, dict(rule.with_).get("app", "")) for world in made for one in world.workloads for rule in one.together}
    assert ("c", "b") in wanted
    assert all(other <= name for name, other in wanted)


def test_three_of_four_worlds_are_left_as_they_are() -> None:
    plain = WorldSpec(workloads=(WEB,), nodes=NODES)
    assert 60 <= sum(neighbourly(Rng(seed), plain) is plain for seed in range(100)) <= 90
