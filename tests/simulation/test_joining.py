"""Machines that run and never become nodes: the real engine gives them back, tries again later each time, and says why."""

from dataclasses import replace

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.explaining import plan_as_text
from autoscaler.model.policies import Availability, Bounds
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Duration, Instant, Money
from autoscaler.model.refs import ClusterName, PolicyName, PoolName, WorkloadRef
from autoscaler.simulation.harness import Trial
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.mischief import Mischief
from autoscaler.simulation.scenarios import Scenario
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.specs import Load, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec

SHOP = ClusterName("shop")
NEVER = Duration(10**10)


class Mended(Mischief):
    """The only accident is a boot script that joins nobody, until somebody mends it at an instant."""

    def __init__(self, trial: Trial, after: Duration) -> None:
        super().__init__(trial.world, trial.runtime, trial.dice)
        self.world, self.at = trial.world, trial.runtime.now() + after.ms

    def strike(self) -> None:
        pools = self.world.core.pools
        if self.world.state.now >= self.at and pools["general"].join == NEVER:
            pools["general"] = replace(pools["general"], join=Duration(5000))


def scenario(minutes: int) -> Scenario:
    pool = WorldPool(name="general", nodes=1, offerings=(OfferingSpec(name="standard", price=Money(1)),), launch=Duration(5000), join=NEVER)
    policy = Policy(
        name=PolicyName("web"),
        workload=WorkloadRef(SHOP, "web"),
        bounds=Bounds(min=1, max=4),
        rules=(),
        availability=Availability(drain=Duration(10_000)),
    )
    spec = PoolSpec(name=PoolName("general"), cluster=SHOP, min=2, max=4, join_timeout=Duration(120_000))
    return Scenario(
        world=WorldSpec(workloads=(WorkloadSpec(name="web", replicas=2, load=Load(base=50)),), pools=(pool,)),
        policies=ClusterPolicies(cluster=SHOP, policies=(policy,), pools=(PoolPolicy(spec=spec),)),
        ticks=minutes * 4,
        interval=Duration(15_000),
    )


def trial(kit: Kit, minutes: int, mended: Duration) -> Trial:
    made = Trial(1, kit, scenario(minutes), VirtualRuntime(1))
    made.mischief = Mended(made, mended)
    made.go()
    return made


def changes(made: Trial) -> list[tuple[int, str, str]]:
    """Minutes since the beginning, what happened, to which machine."""
    began = int(made.lines[0].partition(" ")[0])
    told = (line.split()[:4] for line in made.lines)
    return [((int(at) - began) // 60_000, what, name) for at, _, what, name in told if what in ("launched", "released", "joined")]


def test_what_does_not_join_is_given_back_and_tried_again_after_twice_as_long_each_time(kit: Kit) -> None:
    made = trial(kit, 50, Duration(1_800_000))
    assert not made.result().violations
    assert changes(made) == [
        (0, "launched", "general-6"),
        (2, "released", "general-6"),
        (7, "launched", "general-7"),
        (10, "released", "general-7"),
        (20, "launched", "general-8"),
        (22, "released", "general-8"),
        (42, "launched", "general-9"),
        (42, "joined", "general-9"),
    ]


def test_the_plan_says_why(kit: Kit) -> None:
    made = trial(kit, 4, NEVER)
    *_, second, _first = made.store.records(SHOP).plans(until=Instant(made.runtime.now()))
    told = " ".join(plan_as_text(second).split())
    assert "give machine i-6 back to pool general, once it is seen empty: general-6 runs, and did not join its cluster within 2m" in told
    assert "pool general launches nothing before 2026-01-01 00:07:30 UTC: its machines did not join their cluster (try 1)" in told
