"""A cloud says that it takes a machine, and the real engine moves what stands there before it does, as far as there is time."""

import pytest

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.explaining import plan_as_text
from autoscaler.model.policies import Availability, Bounds
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Duration, Instant, Money
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, PolicyName, PoolName, TrafficName, WorkloadRef
from autoscaler.simulation.harness import Trial
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.mischief import Mischief
from autoscaler.simulation.scenarios import Scenario
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import others
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.specs import Load, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import Machine
from autoscaler.simulation.world.views import pool_state
from autoscaler.simulation.world.world import World, build

SHOP = ClusterName("shop")
EDGE = TrafficName("edge")
NAMES = ("web", "api", "cart")


class Taken(Mischief):
    """The only accident: at the first tick the first machine gets notice."""

    def __init__(self, trial: Trial, seconds: int) -> None:
        super().__init__(trial.world, trial.runtime, trial.dice)
        self.world, self.seconds, self.done = trial.world, seconds, False

    def strike(self) -> None:
        machine = first(self.world)
        if machine and not self.done:
            self.done = True
            others.notice(self.world, machine, self.world.state.now + self.seconds * 1000)


def first(world: World) -> Machine | None:
    return next((one for one in world.state.machines.values() if one.name == "general-2" or one.noticed), None)


def scenario() -> Scenario:
    workloads = tuple(WorkloadSpec(name=name, replicas=2, load=Load(base=50), traffic=True) for name in NAMES)
    pool = WorldPool(name="general", nodes=2, offerings=(OfferingSpec(name="standard", price=Money(1)),))
    policies = tuple(
        Policy(
            name=PolicyName(name),
            workload=WorkloadRef(SHOP, name),
            bounds=Bounds(min=1, max=4),
            rules=(),
            availability=Availability(traffic=EDGE, drain=Duration(10_000)),
        )
        for name in NAMES
    )
    pools = (PoolPolicy(spec=PoolSpec(name=PoolName("general"), cluster=SHOP, min=2, max=4)),)
    return Scenario(
        world=WorldSpec(workloads=workloads, pools=(pool,)),
        policies=ClusterPolicies(cluster=SHOP, policies=policies, pools=pools, traffic=(EDGE,)),
        ticks=15,
        interval=Duration(5000),
    )


def trial(kit: Kit, seconds: int) -> Trial:
    plain = scenario()
    made = Trial(1, kit, plain, VirtualRuntime(1))
    made.mischief = Taken(made, seconds)
    made.go()
    return made


def test_with_two_minutes_everybody_moves_without_a_gap(kit: Kit) -> None:
    made = trial(kit, 120)
    assert not made.result().violations
    ended = [line for line in made.lines if " ended " in line or " stopping " in line]
    stopped = {f"{name}.{number}" for name, number in (("web", 4), ("api", 6), ("cart", 8))}
    assert stopped <= {line.rpartition(" ")[2] for line in ended if " ours " in line}
    assert not any(" world down general-2" in line for line in made.lines), "it was given back before its end"
    assert made.world.state.tally.lost == made.world.state.tally.lost_otherwise == 0


def test_with_ten_seconds_whoever_cannot_make_it_is_named(kit: Kit) -> None:
    made = trial(kit, 10)
    assert not made.result().violations
    assert any("world down general-2" in line or "world ended web.4" in line for line in made.lines)
    plans = made.store.records(SHOP).plans(until=Instant(made.runtime.now()), limit=1000)
    first_plan = min(plans, key=lambda plan: plan.made_at)
    late = {one.subject: why.numbers for one in first_plan.remarks for why in one.reasons if why.code is Code.TOO_LATE}
    assert late == {f"shop/{name}": (35_000, 10_000) for name in NAMES}
    assert "shop/web needs 35s to leave general-2, which the cloud takes in 10s" in " ".join(plan_as_text(first_plan).split())


@pytest.mark.parametrize("bound", [False, True])
def test_a_noticed_machine_is_shown_and_goes_at_its_time(*, bound: bool) -> None:
    spec = WorldSpec(workloads=scenario().world.workloads, pools=scenario().world.pools, bound=bound)
    world = build(spec, SHOP, 1_000_000)
    machine = first(world)
    assert machine is not None
    others.notice(world, machine, 1_005_000)
    shown = {one.node_name: one.ends_at for one in pool_state(world.core, "general", Instant(1_000_000)).instances}
    assert shown == {"general-1": None, "general-2": 1_005_000}
    heard: list[Happening] = []
    world.listen(heard.extend)
    world.advance(1_004_999)
    assert not heard
    world.advance(1_005_000)
    assert (What.DOWN, "general-2") in [(one.what, one.subject) for one in heard]
    assert pool_state(world.core, "general", Instant(1_005_000)).wanted == 1
