"""The machines of a cloud, whichever it is: they boot, run, stop and are gone; stock and quota run out; spot ones are taken back."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.clock import Clock
from autoscaler_standins.serving import Running

NEVER = Instant(2**62)


class Condition(StrEnum):
    """FAILED: it will never run. STOPPED: it stands by. GONE: its cloud still shows it for a while, as terminated."""

    BOOTING = "booting"
    RUNNING = "running"
    STOPPED = "stopped"
    STOPPING = "stopping"
    FAILED = "failed"
    GONE = "gone"


class SoldOut(Exception):  # noqa: N818 - an answer of the cloud, which each vendor words as an error of its own
    """There is none of this kind left in this zone."""


class OverQuota(Exception):  # noqa: N818 - as SoldOut
    """This account may have no more machines."""


@dataclass(slots=True, kw_only=True)
class Machine:
    """One VM. `kind`: its instance type. `token`: the request that launched it. `next_at`: when its condition is over.

    `listed_at`: from when on the cloud's lists show it. `ends_at`: when a spot machine is taken back, once that was announced.
    """

    id: str
    number: int
    group: str
    kind: str
    zone: str
    spot: bool = False
    token: str = ""
    launched_at: Instant
    listed_at: Instant
    next_at: Instant
    condition: Condition = Condition.BOOTING
    fails: bool = False
    protected: bool = False
    ends_at: Instant | None = None

    @property
    def address(self) -> str:
        """Its private one, which no other machine ever gets."""
        return f"10.{self.number // 65536}.{self.number // 256 % 256}.{self.number % 256}"

    @property
    def counts(self) -> bool:
        """Whether its group counts it."""
        return self.condition in (Condition.BOOTING, Condition.RUNNING)


@dataclass(slots=True, kw_only=True)
class Machines:
    """`boot`, `stop`: how long that takes. `unlisted`: how long a new machine is missing in lists.

    `stock`: how many more of a kind there are in a zone, where that is bounded. `quota`: of all machines that are not gone.
    `failing`: so many of the next machines never come up.
    """

    clock: Clock
    boot: Duration = Duration(45_000)
    stop: Duration = Duration(30_000)
    unlisted: Duration = Duration(0)
    stock: dict[tuple[str, str], int] = field(default_factory=dict)
    quota: int = 5000
    failing: int = 0
    all: dict[str, Machine] = field(default_factory=dict)
    launched: int = 0

    def launch(self, group: str, kind: str, zone: str, *, named: str = "", spot: bool = False, token: str = "") -> Machine:
        """Order one. `named`: its id, where the cloud lets others choose it. SoldOut, OverQuota: nothing was ordered."""
        if sum(one.counts for one in self.all.values()) >= self.quota:
            raise OverQuota
        left = self.stock.get((kind, zone))
        if left is not None:
            if left <= 0:
                raise SoldOut
            self.stock[kind, zone] = left - 1
        self.launched += 1
        now = self.clock.now()
        machine = Machine(
            id=named or f"i-{self.launched:017x}",
            number=self.launched,
            group=group,
            kind=kind,
            zone=zone,
            spot=spot,
            token=token,
            launched_at=now,
            listed_at=later(now, self.unlisted),
            next_at=later(now, self.boot),
            fails=self.failing > 0,
        )
        self.failing = max(0, self.failing - 1)
        self.all[machine.id] = machine
        return machine

    def stillborn(self, group: str, kind: str, zone: str, *, named: str, spot: bool, after: Duration) -> Machine:
        """One that was accepted and cannot be had: it is shown as booting, then as failed until somebody deletes it."""
        now = self.clock.now()
        self.launched += 1
        machine = self.all[named] = Machine(
            id=named,
            number=self.launched,
            group=group,
            kind=kind,
            zone=zone,
            spot=spot,
            launched_at=now,
            listed_at=later(now, self.unlisted),
            next_at=later(now, after),
            fails=True,
        )
        return machine

    def terminate(self, machine: Machine) -> None:
        """Begin to stop it; what stops already goes on stopping."""
        if machine.condition not in (Condition.STOPPING, Condition.GONE):
            machine.condition, machine.next_at = Condition.STOPPING, later(self.clock.now(), self.stop)

    def reclaim(self, machine: Machine, notice: Duration) -> None:
        """Announce that a spot machine is taken back."""
        machine.ends_at = later(self.clock.now(), notice)

    def age(self) -> list[Machine]:
        """Come up to now; those whose condition changed."""
        now, changed = self.clock.now(), []
        for machine in self.all.values():
            if machine.ends_at is not None and now >= machine.ends_at and machine.counts:
                machine.condition, machine.next_at = Condition.STOPPING, later(machine.ends_at, self.stop)
                changed.append(machine)
            while now >= machine.next_at:
                machine.condition, machine.next_at = self._next(machine)
                changed.append(machine)
        return changed

    def of(self, group: str) -> list[Machine]:
        """Those that are not gone, oldest first."""
        return [one for one in self.all.values() if one.group == group and one.condition is not Condition.GONE]

    def listed(self, group: str) -> Iterator[Machine]:
        """As `of`, without those that lists do not show yet."""
        now = self.clock.now()
        return (one for one in self.of(group) if one.listed_at <= now)

    def running(self, kinds: Mapping[str, KindSpec], node: Callable[[Machine], str]) -> list[Running]:
        """Those that run, each as the node of that name."""
        self.age()
        here = (one for one in self.all.values() if one.condition is Condition.RUNNING)
        return [_running(one, kinds[one.kind], node(one)) for one in here]

    def at(self, address: str) -> Machine | None:
        """Whose private address it is now."""
        return next((one for one in self.all.values() if one.address == address and one.condition is not Condition.GONE), None)

    def by_zone(self, group: str) -> Counter[str]:
        """How many the group counts in each zone."""
        return Counter(one.zone for one in self.of(group) if one.counts)

    @staticmethod
    def _next(machine: Machine) -> tuple[Condition, Instant]:
        if machine.condition is Condition.BOOTING:
            return (Condition.FAILED if machine.fails else Condition.RUNNING), NEVER
        return Condition.GONE, NEVER


def _running(machine: Machine, kind: KindSpec, node: str) -> Running:
    return Running(
        node=node,
        id=machine.id,
        type=kind.name,
        zone=machine.zone,
        cpu_milli=kind.cpu.milli,
        memory_bytes=kind.memory.bytes,
        gpus=kind.gpus,
        gpu=kind.gpu,
        since=machine.launched_at,
        address=machine.address,
    )
