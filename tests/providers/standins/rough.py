"""A cloud at its worst, seeded: replies are lost, calls throttled, lists old, stock runs out, our process dies; then all is well.

Afterwards the cloud's machines are those we know of, no more were launched than asked for, and nobody lost a request because of us.
"""

from dataclasses import dataclass, field, replace

from autoscaler.contracts.runtime import Rng
from autoscaler.engine.tick import TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool
from autoscaler.simulation.crashes import Crash, Fuse, fragile
from autoscaler.simulation.world.guests import GUEST
from autoscaler_standins.faults import Fault, Faults, Kind
from autoscaler_standins.machines import Machines
from tests.providers.standins.cloud_shop import CloudShop, shop_at
from tests.providers.standins.places import Place

ROUGH, CALLS = 24, 60
BOOTED = 15
"""Ticks without anything open after which also a machine that nobody waits for any more has come up, was idle, and would have gone."""
REPLICAS = (2, 3, 5, 6, 2, 8)


@dataclass
class Rough:
    """One run."""

    seed: int
    place: Place
    shop: CloudShop
    dice: Rng
    fuse: Fuse = field(default_factory=Fuse)
    most: int = 1
    crashes: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def machines(self) -> Machines:
        """The cloud's."""
        return self.shop.machines(self.place)

    def tick(self, replicas: int) -> TickReport | None:
        """One tick of a process that may die in it; what it must never do is looked for after it."""
        report = None
        try:
            report = self.shop.tick(replicas=replicas)
        except Crash:
            self.crashes += 1
            self.shop.engines.clear()
        except AutoscalerError:
            pass  # a tick that is refused says so; the next one tries again
        asked = [one.planned.step for one in self.shop.store.journal(self.shop.cluster).commitments().records]
        self.most = max([self.most, *(step.wanted for step in asked if isinstance(step, GrowPool))])
        counted = len(self.shop.counted(self.place))
        if counted > self.most:
            self.wrong.append(f"{counted} machines, and never were more than {self.most} asked for")
        return report

    def trouble(self) -> None:
        """What befalls the calls from now on, if anything."""
        roll, faults = self.dice.random(), self.shop.standin.faults
        write, read = self.dice.choice((self.place.grow, self.place.shrink)), self.dice.choice(self.place.reads)
        code, status = self.place.throttled
        if roll < 0.2:
            faults.add([Fault(operation=write, kind=Kind.CUT)])
        elif roll < 0.35:
            faults.add([Fault(operation=self.dice.choice((write, read)), kind=Kind.REFUSE, code=code, status=status)])
        elif roll < 0.5:
            faults.add([Fault(operation=read, kind=Kind.STALE, times=2)])
        elif roll < 0.65:
            self.machines.stock = dict.fromkeys(self.place.sold, self.dice.randrange(2))
        elif roll < 0.75:
            self.machines.failing = 1
        elif roll < 0.95:
            self.fuse.arm(self.dice.randrange(1, CALLS))

    def calm(self) -> None:
        """All goes well from now on."""
        self.shop.standin.faults = Faults()
        self.machines.stock, self.machines.failing = {}, 0
        self.fuse.arm(0)


def run(seed: int, place: Place) -> Rough:
    """One seed; `wrong` says what went wrong."""
    shop = shop_at(place, seed=seed)
    rough = Rough(seed, place, shop, shop.runtime.rng("rough"))
    rough.shop.hardened = lambda hands: replace(hands, pools={name: fragile(one, rough.fuse.burn) for name, one in hands.pools.items()})
    rough.shop.shaken = lambda store: fragile(store, rough.fuse.burn)
    with shop.open():
        for number in range(ROUGH):
            rough.trouble()
            rough.tick(REPLICAS[number // 4])
        rough.calm()
        rough.shop.until_quiet(replicas=2, idle=BOOTED)
        _judge(rough)
    return rough


def _judge(rough: Rough) -> None:
    there = rough.shop.counted(rough.place)
    counted, cloud = {one.id for one in there}, rough.shop.standin.cloud
    named = {rough.place.named(cloud, one) for one in there}
    ((_, pool),) = ((view.pool, view.state) for view in rough.shop.think(replicas=2).observation.pools)
    ours = set() if isinstance(pool, Unknown) else {one.ref.id for one in pool.instances}
    if isinstance(pool, Unknown) or pool.wanted != len(counted) or not named <= ours:
        rough.wrong.append(f"the cloud has {sorted(counted)}, we see {pool}")
    nodes = {host.id.removeprefix(GUEST) for host in rough.shop.world.state.hosts.values() if host.id.startswith(GUEST)}
    if nodes != counted:
        rough.wrong.append(f"nodes {sorted(nodes)} of machines {sorted(counted)}")
    if len(counted) != 1:
        rough.wrong.append(f"{len(counted)} machines for what one holds")
    if rough.shop.world.state.tally.lost:
        rough.wrong.append(f"{rough.shop.world.state.tally.lost} requests lost because of us")
