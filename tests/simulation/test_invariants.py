"""Each check on its own: one deed in a quiet world, and whether it is blamed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.contracts.store import Request, RequestKind
from autoscaler.model.freezes import Freeze
from autoscaler.model.marks import Mark, OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.policies import Availability, Bounds, Limits
from autoscaler.model.pool_asks import Ceiling
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Cpu, Duration, Money, Share
from autoscaler.model.refs import ClusterName, InstanceRef, PlanId, PolicyName, PoolName, StoreId, Token, TrafficName, WorkloadRef
from autoscaler.simulation.invariants.counts import NoFight
from autoscaler.simulation.invariants.every import checks
from autoscaler.simulation.invariants.watch import Check, Watch
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import others
from autoscaler.simulation.world.specs import Load, NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import Host
from autoscaler.simulation.world.views import node_ref
from autoscaler.simulation.world.world import build
from autoscaler.store.memory import MemoryStore
from autoscaler_simulated.cluster_writer import SimulatedClusterWriter
from autoscaler_simulated.pool_writer import SimulatedPoolWriter
from autoscaler_simulated.traffic_writer import SimulatedTrafficWriter
from autoscaler_simulated.worlds import Live

SHOP = ClusterName("shop")
EDGE = TrafficName("edge")
WEB = WorkloadRef(SHOP, "web")
API = WorkloadRef(SHOP, "api")
SPEC = WorldSpec(
    nodes=tuple(NodeSpec(name=f"node-{number}", cpu=Cpu(2000)) for number in range(2)),
    workloads=(
        WorkloadSpec(name="web", replicas=4, load=Load(base=100), traffic=True),
        WorkloadSpec(name="api", replicas=2, cpu=Cpu(400), declared=False),
    ),
    pools=(WorldPool(name="general", nodes=2, offerings=(OfferingSpec(name="standard", price=Money(1)),)),),
)
POLICIES = ClusterPolicies(
    cluster=SHOP,
    policies=(
        Policy(
            name=PolicyName("web"),
            workload=WEB,
            bounds=Bounds(min=2, max=6),
            rules=(),
            availability=Availability(floor=Share(750), surge=2, traffic=EDGE),
        ),
    ),
    pools=(PoolPolicy(spec=PoolSpec(name=PoolName("general"), cluster=SHOP, min=0, max=3), asks=(Ceiling(price=Money(2)),)),),
    traffic=(EDGE,),
    limits=Limits(replicas_per_minute=3),
)


@dataclass
class Scene:
    """A quiet world under watch, owned by us, and the hands that change it."""

    watch: Watch
    watching: tuple[Check, ...]
    cluster: SimulatedClusterWriter
    pool: SimulatedPoolWriter
    traffic: SimulatedTrafficWriter

    def began(self) -> None:
        for check in self.watching:
            check.began()

    def pass_(self, ms: int) -> None:
        self.watch.runtime.sleep(Duration(ms))
        self.watch.world.advance(self.watch.runtime.now())
        self.began()

    def saw(self) -> None:
        for check in self.watching:
            if isinstance(check, NoFight):
                check.seen(frozenset())

    def rules(self) -> set[int]:
        return {found.rule for found in self.watch.found}

    def host(self, name: str) -> Host:
        return next(host for host in self.watch.core.state.hosts.values() if host.name == name)

    def scale(self, path: str, wanted: int, mark: Mark | None = None) -> None:
        seen = self.watch.core.state.services[path].wanted
        self.cluster.set_replicas(WorkloadRef(SHOP, path), seen=seen, wanted=wanted, victims=frozenset(), mark=mark)

    def set_(self, name: str, availability: NodeAvailability, mark: Mark | None) -> None:
        self.cluster.set_availability(node_ref(self.host(name)), availability, mark)

    def leave(self, count: int) -> None:
        units = sorted((one for one in self.watch.core.state.of("web") if one.healthy), key=lambda one: -one.slot)
        for unit in units[:count]:
            self.traffic.leave(WEB, (unit.address,))


def mark(field: str, was: str, ours: str) -> Mark:
    return Mark(store=StoreId("ours"), plan=PlanId("p"), field=field, was=was, ours=ours)


@pytest.fixture
def scene() -> Scene:
    runtime = VirtualRuntime()
    world = build(SPEC, SHOP, runtime.now())
    store = MemoryStore(runtime)
    watch = Watch(world=world, policies=POLICIES, runtime=runtime, store=store, holder="us")
    live = Live(world, runtime)
    made = Scene(
        watch=watch,
        watching=checks(watch),
        cluster=SimulatedClusterWriter(live),
        pool=SimulatedPoolWriter(live, "general"),
        traffic=SimulatedTrafficWriter(live),
    )

    def heard(happenings: list[object]) -> None:
        for check in made.watching:
            check.happened(happenings)  # type: ignore[arg-type]  # the listener's own type, seen from below

    world.listen(heard)  # type: ignore[arg-type]  # as above
    lease = store.leases.acquire(SHOP, "us", Duration(3_600_000))
    made.began()
    made.cluster.claim(OwnerMark(store=store.id, term=lease.term, holder="us", at=runtime.now()), None)
    return made


def nothing(scene: Scene) -> None:
    scene.pass_(60_000)


def raise_within_bounds(scene: Scene) -> None:
    scene.scale("web", 6)


def leave_within_the_floor(scene: Scene) -> None:
    scene.leave(1)


def leave_below_the_floor(scene: Scene) -> None:
    scene.leave(2)


def leave_what_a_dead_node_left(scene: Scene) -> None:
    others.fail(scene.watch.world, scene.host("node-0"))
    scene.began()
    scene.leave(1)


def stop_in_rotation(scene: Scene) -> None:
    scene.scale("web", 3)


def surge_too_much(scene: Scene) -> None:
    scene.scale("web", 7, mark("replicas", "4", "7"))


def surge_as_allowed(scene: Scene) -> None:
    scene.scale("web", 6, mark("replicas", "4", "6"))


def overfill(scene: Scene) -> None:
    for name in ("node-1", "general-3", "general-4"):
        scene.set_(name, NodeAvailability.FENCED, mark("availability", "open", "fenced"))
    scene.scale("api", 5)


def release_a_busy_machine(scene: Scene) -> None:
    machine = next(iter(scene.watch.core.state.machines.values()))
    scene.pool.release(frozenset({InstanceRef(machine.id, machine.incarnation)}), token=Token("a"))


def launch_what_nobody_planned(scene: Scene) -> None:
    scene.pool.grow(seen=2, wanted=3, token=Token("a"))


def raise_above_the_bounds(scene: Scene) -> None:
    scene.scale("web", 7)


def change_too_fast(scene: Scene) -> None:
    scene.scale("api", 6)


def change_the_same_slowly(scene: Scene) -> None:
    scene.scale("api", 5)
    scene.pass_(60_000)
    scene.scale("api", 6)


def fight(scene: Scene) -> None:
    scene.scale("api", 3)
    for theirs in (2, 3):
        others.scale(scene.watch.world, "api", theirs)
        scene.began()
        scene.saw()
        scene.pass_(100_000)
    scene.scale("api", 4)


def harm_a_sick_cluster(scene: Scene) -> None:
    for name in ("node-0", "general-3"):
        others.fail(scene.watch.world, scene.host(name))
    scene.pass_(60_000)
    scene.scale("api", 1)


def write_for_another_owner(scene: Scene) -> None:
    owner = scene.watch.core.state.owner
    assert owner
    others.own(scene.watch.world, type(owner)(store=StoreId("theirs"), term=1, holder="they", at=owner.at))
    scene.scale("api", 3)


def write_without_the_lease(scene: Scene) -> None:
    scene.watch.holder = "somebody else"
    scene.scale("api", 3)


def claim_under_an_older_term(scene: Scene) -> None:
    owner = scene.watch.core.state.owner
    assert owner
    newer = replace(owner, term=owner.term + 1)
    scene.cluster.claim(newer, owner)
    scene.cluster.claim(owner, newer)


def freeze(scene: Scene, subject: str) -> None:
    scene.watch.store.records(SHOP).freeze(Freeze(subject=subject, who="operator", why="a try", at=scene.watch.runtime.now()))
    scene.began()


def scale_what_is_frozen(scene: Scene) -> None:
    freeze(scene, str(WEB))
    scene.scale("web", 5)


def scale_beside_what_is_frozen(scene: Scene) -> None:
    freeze(scene, str(API))
    scene.scale("web", 5)


def fence_a_node_of_a_frozen_pool(scene: Scene) -> None:
    freeze(scene, "pool:general")
    scene.set_("general-3", NodeAvailability.FENCED, mark("availability", "open", "fenced"))


def ask(scene: Scene, kind: RequestKind, subject: str) -> None:
    asked = Request(id=subject, kind=kind, subject=subject, who="operator", at=scene.watch.runtime.now())
    scene.watch.store.requests(SHOP).submit(asked)


def open_what_others_closed(scene: Scene) -> None:
    others.fence(scene.watch.world, scene.host("node-0"), NodeAvailability.FENCED)
    scene.set_("node-0", NodeAvailability.OPEN, None)


def close_without_a_mark(scene: Scene) -> None:
    scene.set_("node-0", NodeAvailability.FENCED, None)


@pytest.mark.parametrize(
    ("deed", "rules"),
    [
        pytest.param(nothing, set(), id="nothing is done"),
        pytest.param(raise_within_bounds, set(), id="a count is raised within its bounds"),
        pytest.param(leave_within_the_floor, set(), id="one leaves the traffic, the floor holds"),
        pytest.param(leave_below_the_floor, {3}, id="two leave the traffic, below the floor"),
        pytest.param(leave_what_a_dead_node_left, {3}, id="what is broken already is broken further"),
        pytest.param(stop_in_rotation, {3}, id="one is stopped in rotation"),
        pytest.param(surge_too_much, {3}, id="a surge of three where two are allowed"),
        pytest.param(surge_as_allowed, set(), id="a surge as allowed"),
        pytest.param(overfill, {4}, id="a node gets more than it holds"),
        pytest.param(release_a_busy_machine, {3, 5}, id="a busy machine is given back"),
        pytest.param(launch_what_nobody_planned, {6, 7}, id="a machine nobody planned is launched, above the price ceiling"),
        pytest.param(raise_above_the_bounds, {7}, id="a count is raised above its bounds"),
        pytest.param(change_too_fast, {7}, id="a count changes faster than allowed"),
        pytest.param(change_the_same_slowly, set(), id="the same change, slowly"),
        pytest.param(fight, {7}, id="a count others set twice is set again"),
        pytest.param(harm_a_sick_cluster, {3, 8}, id="something is taken from a sick cluster"),
        pytest.param(write_for_another_owner, {9}, id="another store owns the cluster"),
        pytest.param(write_without_the_lease, {9}, id="another process holds the lease"),
        pytest.param(claim_under_an_older_term, {9}, id="an older term claims the cluster"),
        pytest.param(scale_what_is_frozen, {8}, id="a frozen workload is scaled"),
        pytest.param(scale_beside_what_is_frozen, set(), id="another workload is frozen"),
        pytest.param(fence_a_node_of_a_frozen_pool, {8}, id="a node of a frozen pool is fenced"),
        pytest.param(open_what_others_closed, {10}, id="a node others closed is opened"),
        pytest.param(close_without_a_mark, {10}, id="a node is closed without a mark"),
    ],
)
def test_who_is_blamed(scene: Scene, deed: Callable[[Scene], None], rules: set[int]) -> None:
    deed(scene)
    assert scene.rules() == rules


@pytest.mark.parametrize(
    ("deed", "rules"),
    [
        pytest.param(nothing, set(), id="all as it was"),
        pytest.param(lambda s: s.set_("node-0", NodeAvailability.FENCED, mark("availability", "open", "fenced")), {12}, id="a fence left"),
        pytest.param(lambda s: s.scale("web", 5, mark("replicas", "4", "5")), {12}, id="a surge left"),
        pytest.param(lambda s: s.leave(1), {12}, id="one left out of rotation"),
        pytest.param(lambda s: ask(s, RequestKind.CANCEL_DRAIN, "node-0"), {12}, id="a request nobody answered"),
    ],
)
def test_what_must_not_be_left_in_the_end(scene: Scene, deed: Callable[[Scene], None], rules: set[int]) -> None:
    deed(scene)
    scene.pass_(60_000)
    for check in scene.watching[:-1]:
        check.ended()
    assert scene.rules() == rules
