"""Seeded small clusters with a load that changes, and the faults that befall them."""

from dataclasses import dataclass, field, replace

from autoscaler.contracts.policy import ClusterPolicies, NamedRule, Policy, PoolPolicy
from autoscaler.contracts.rule import Rule, Situation
from autoscaler.contracts.runtime import Rng
from autoscaler.model.policies import (
    SCALE_UP,
    Availability,
    Behaviour,
    Bounds,
    Consolidation,
    Direction,
    Limits,
    Mode,
    RateLimit,
    Unmanaged,
)
from autoscaler.model.pool_asks import Ceiling, Headroom, PoolAsk, RoomFor, SpotShare, Utilisation, Warm, ZoneRatio
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, Share
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, PoolName, TrafficName, WorkloadRef
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from autoscaler.simulation.faults import CALM, Rates
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.neighbours import neighbourly
from autoscaler.simulation.world.devices import DeviceNeed, DeviceSpec
from autoscaler.simulation.world.specs import Load, LoadStep, NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec

SIM = ClusterName("sim")
EDGE = TrafficName("edge")
GIB = 2**30
NAMES = ("web", "api", "batch")
STORMY = Rates(
    throttled=20,
    lost_before=20,
    lost_after=30,
    hung=5,
    not_a_number=40,
    stale=40,
    slow=60,
    failed=40,
    never_healthy=30,
    failed_launch=60,
    slow_launch=100,
    sold_out=80,
    crash=80,
    skew=20,
    node_dies=8,
    user_scales=15,
    user_deploys=10,
    user_fences=8,
    store_fails=4,
    pauses=40,
    freezes=30,
    drains=30,
    applies=30,
)
"""Everything goes wrong now and then."""

NOTICED = (0, 0, 0, 100)
"""How often clouds take machines: in one storm of four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What one run is made of: `ticks` with faults, then calm until quiet, in at most `patience` ticks more."""

    world: WorldSpec
    policies: ClusterPolicies
    rates: Rates = CALM
    ticks: int = 15
    interval: Duration = Duration(10_000)
    patience: int = 150
    tags: tuple[str, ...] = field(default=())

    @property
    def storm(self) -> Duration:
        """How long the load changes and faults happen."""
        return Duration(self.ticks * self.interval.ms)

    @property
    def may_wait(self) -> bool:
        """Whether a step may wait for room for ever: with requests its scheduler is not told of, every node must fit, or we wait."""
        return any(not each.declared for each in self.world.workloads)


def generate(rng: Rng, kit: Kit, *, ticks: int = 15, bound: bool = False) -> Scenario:
    """A scenario by dice: most stormy, some calm. `bound`: where replicas may be placed and stopped by us, else as Swarm does it."""
    interval = Duration(10_000)
    workloads = tuple(_workload(rng, name, ticks * interval.ms) for name in NAMES[: rng.randrange(1, 4)])
    if rng.randrange(6) == 0:  # what its scheduler is not told must be what the policies' default request says
        workloads = (replace(workloads[0], cpu=Cpu(300), declared=False), *workloads[1:])
    pools = _pools(rng)
    nodes = (NodeSpec(name="manager-1", manager=True, cpu=Cpu(1000), memory=Memory(2 * GIB)),)
    world = WorldSpec(name="sim", seed=rng.randrange(10**6), nodes=nodes, workloads=workloads, pools=pools, bound=bound)
    rates = CALM if rng.randrange(8) == 0 else replace(_some(rng, STORMY), notices=Rng(f"{world.seed}/notices").choice(NOTICED))
    policies = _policies(rng, kit, workloads, pools)
    plain = odd(rng, Scenario(world=world, policies=policies, rates=rates, ticks=ticks, interval=interval))
    # Dice of their own: what else a seed draws does not depend on them.
    return replace(plain, world=neighbourly(Rng(f"{world.seed}/neighbours"), plain.world))


def odd(rng: Rng, plain: Scenario) -> Scenario:
    """Now and then what few clusters have: a workload that cannot be in two places, one on every node, modes, nodes left alone."""
    world, policies = plain.world, plain.policies
    if rng.randrange(6) == 0:
        world, policies = _singleton(rng, world, policies)
    if rng.randrange(8) == 0:
        agent = WorkloadSpec(name="agent", replicas=0, cpu=Cpu(100), memory=Memory(2**26), everywhere=True)
        world = replace(world, workloads=(*world.workloads, agent))
    if rng.randrange(6) == 0:
        policies = replace(policies, policies=tuple(replace(one, mode=rng.choice(tuple(Mode))) for one in policies.policies))
    if rng.randrange(6) == 0:
        policies = replace(policies, unmanaged=Unmanaged.LEAVE, policies=policies.policies[:-1] or policies.policies)
    return replace(plain, world=world, policies=policies)


def _singleton(rng: Rng, world: WorldSpec, policies: ClusterPolicies) -> tuple[WorldSpec, ClusterPolicies]:
    """The last workload is one, and stands in no rotation; half of the policies let it be away while it moves."""
    *others, last = world.workloads
    single = replace(last, single=True, replicas=1, traffic=False)
    away = rng.randrange(2) == 0

    def settled(policy: Policy) -> Policy:
        if policy.workload.path != single.name:
            return policy
        availability = replace(policy.availability, allow_gap=away, traffic=None)
        return replace(policy, bounds=Bounds(min=1, max=1), availability=availability)

    policies = replace(policies, policies=tuple(settled(one) for one in policies.policies))
    return replace(world, workloads=(*others, single)), policies


def _some(rng: Rng, rates: Rates) -> Rates:
    """Half of the faults, so that each also comes without the others."""
    drawn = (name for name in rates.__slots__ if name != "notices")  # by dice of its own: what else a seed draws does not depend on it
    chosen = {name: getattr(rates, name) if rng.randrange(2) else 0 for name in drawn}
    return Rates(**chosen)


def _workload(rng: Rng, name: str, storm: int) -> WorkloadSpec:
    cpu = rng.choice((300, 500, 1000))
    times = sorted(rng.randrange(storm) for _ in range(rng.randrange(4)))
    steps = tuple(LoadStep(at=Duration(at), rps=_rps(rng, cpu)) for at in times)
    return WorkloadSpec(
        name=name,
        replicas=rng.randrange(1, 5),
        cpu=Cpu(cpu),
        start=Duration(rng.randrange(500, 6000)),
        health=Duration(rng.randrange(500, 6000)),
        stop=Duration(rng.randrange(500, 4000)),
        load=Load(base=_rps(rng, cpu), steps=steps),
        longest=Duration(rng.randrange(200, 4000)),
        traffic=rng.randrange(2) == 0,
        secret=f"secret-of-{name}",
    )


def _rps(rng: Rng, cpu: int) -> int:
    """A load for up to seven replicas at 60% of their request, each request taking 10m."""
    return rng.randrange(1, 7 * cpu * 600 // 10_000)


def _pools(rng: Rng) -> tuple[WorldPool, ...]:
    offerings = (
        OfferingSpec(name="small", price=Money(50_000), cpu=Cpu(2000), memory=Memory(4 * GIB)),
        OfferingSpec(name="large", price=Money(90_000), cpu=Cpu(4000), memory=Memory(8 * GIB)),
    )
    count = rng.randrange(1, 3)
    launches = [Duration(rng.randrange(2000, 40_000)) for _ in range(count)]
    return tuple(
        WorldPool(name=f"pool-{index}", offerings=(offerings[index],), nodes=rng.randrange(1, 3) + 1 - index, launch=launch)
        for index, launch in enumerate(launches)
    )


def _policies(rng: Rng, kit: Kit, workloads: tuple[WorkloadSpec, ...], pools: tuple[WorldPool, ...]) -> ClusterPolicies:
    """A policy for most workloads, and one for every pool."""
    managed = [each for each in workloads if each.traffic or rng.randrange(5)]
    specs = [PoolSpec(name=PoolName(pool.name), cluster=SIM, min=_least(rng), max=6, idle=Duration(30_000)) for pool in pools]
    return ClusterPolicies(
        cluster=SIM,
        policies=tuple(_policy(rng, kit, each) for each in managed),
        pools=tuple(PoolPolicy(spec=spec) for spec in specs),
        traffic=(EDGE,) if any(each.traffic for each in workloads) else (),
        request=workloads[0].request,
        limits=Limits(replicas_per_minute=rng.choice((4, 1000)), nodes_per_minute=rng.choice((2, 20))),
        digest="simulation",
    )


def _least(rng: Rng) -> int:
    """Half of the pools have a minimum, which may be above what they begin with."""
    return max(0, rng.randrange(-3, 4))


class Broken:
    """A rule that raises whatever it is asked; it has no say, and stops nobody."""

    def needs(self) -> tuple[MetricNeed, ...]:
        """Nobody will know."""
        raise RuntimeError("broken")

    def vote(self, situation: Situation) -> Vote:
        """Nobody will know."""
        del situation
        raise RuntimeError("broken")


def _rule(rng: Rng, kit: Kit) -> Rule:
    return Broken() if rng.randrange(12) == 0 else kit.rule(MetricName("cpu"), Share(600))


def _policy(rng: Rng, kit: Kit, workload: WorkloadSpec) -> Policy:
    down = Direction(stabilise=Duration(30_000), limits=(RateLimit(change=Share(1000), per=Duration(15_000)),))
    return Policy(
        name=PolicyName(workload.name),
        workload=WorkloadRef(SIM, workload.name),
        bounds=Bounds(min=rng.randrange(1, 3), max=rng.randrange(5, 9)),
        rules=(NamedRule(name="target_tracking[0]", rule=_rule(rng, kit)),),
        behaviour=Behaviour(scale_up=SCALE_UP, scale_down=down),
        availability=Availability(
            floor=Share(rng.choice((500, 800, 1000))),
            surge=rng.choice((1, 2, Share(250))),
            traffic=EDGE if workload.traffic else None,
            drain=Duration(15_000),
        ),
    )


ASKS: tuple[PoolAsk, ...] = (
    Headroom(cpu=Share(250)),
    Headroom(cpu=1500, memory=Share(100)),
    Utilisation(cpu=Share(800)),
    Warm(nodes=1),
    RoomFor(workload=WorkloadRef(SIM, NAMES[0]), count=2),
    SpotShare(share=Share(500), on_demand=1),
    ZoneRatio(weights=(("a", 1), ("b", 1))),
    Ceiling(price=Money(300_000)),
)


MOVES = (Consolidation(), Consolidation(move=Money(0)), Consolidation(move=Money(400_000)), Consolidation(horizon=Duration(3_600_000)))
"""What moves are priced at: as is usual, nothing, about a third of a day of a machine, and more than an hour of some."""


def choosy(rng: Rng, plain: Scenario) -> Scenario:
    """The same with pools of several kinds of machines in two zones, with rules that ask for up to three things, and a price of moves."""
    pools = tuple(replace(one, offerings=_kinds(one.offerings[0])) for one in plain.world.pools)
    asking = tuple(replace(one, asks=_asks(rng)) for one in plain.policies.pools)
    weighing = tuple(replace(one, spec=replace(one.spec, consolidate=rng.choice(MOVES))) for one in asking)
    world, policies = replace(plain.world, pools=pools), replace(plain.policies, pools=weighing)
    return replace(plain, world=world, policies=policies, tags=(*plain.tags, "choosy"))


def equipped(rng: Rng, plain: Scenario) -> Scenario:
    """The same with devices on all machines of pools, which most workloads want a share of, or a whole one."""
    pools = tuple(replace(one, offerings=tuple(_with_devices(rng, each) for each in one.offerings)) for one in plain.world.pools)
    workloads = tuple(one if one.everywhere else replace(one, device=_need(rng)) for one in plain.world.workloads)
    return replace(plain, world=replace(plain.world, pools=pools, workloads=workloads), tags=(*plain.tags, "equipped"))


def _with_devices(rng: Rng, one: OfferingSpec) -> OfferingSpec:
    return replace(one, devices=(DeviceSpec(count=rng.randrange(1, 4)),))


def _need(rng: Rng) -> DeviceNeed | None:
    shares = [DeviceNeed(share=Share(milli)) for milli in (200, 300, 500, 600)]
    return rng.choice((None, DeviceNeed(whole=1), rng.choice(shares), rng.choice(shares)))


def _asks(rng: Rng) -> tuple[PoolAsk, ...]:
    return tuple(dict.fromkeys(rng.choice(ASKS) for _ in range(rng.randrange(4))))


def _kinds(one: OfferingSpec) -> tuple[OfferingSpec, ...]:
    """Its own machine in both zones, and for a third of the price the same on spot."""
    spot = Money(one.price.micro // 3)
    own = [replace(one, name=f"{one.name}-{zone}", zone=zone) for zone in "ab"]
    return (*own, *(replace(each, name=f"{each.name}-spot", price=spot, spot=True) for each in own))


def dear(rng: Rng, plain: Scenario) -> Scenario:
    """The same with machines in its pools that cost less for the same, and smaller ones, and a price of moves."""
    pools = tuple(replace(one, offerings=_cheaper(one.offerings[0])) for one in plain.world.pools)
    weighing = tuple(replace(one, spec=replace(one.spec, consolidate=rng.choice(MOVES))) for one in plain.policies.pools)
    world, policies = replace(plain.world, pools=pools), replace(plain.policies, pools=weighing)
    return replace(plain, world=world, policies=policies, tags=(*plain.tags, "dear"))


def _cheaper(one: OfferingSpec) -> tuple[OfferingSpec, ...]:
    """Its own machine, the same for two thirds of the price, and half of it for two fifths."""
    price = one.price.micro
    half = replace(one, cpu=Cpu(one.cpu.milli // 2), memory=Memory(one.memory.bytes // 2))
    small = replace(half, name=f"{one.name}-small", price=Money(price * 2 // 5))
    return one, replace(one, name=f"{one.name}-new", price=Money(price * 2 // 3)), small
