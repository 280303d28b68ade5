"""What a scale set does by itself: it grows to its goal, shrinks as its policy says, and counts what it has."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.machines import Condition, Machine, Machines, SoldOut

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AT_ONCE = Duration(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a scale set was made with. `kinds`: more than one is an instance mix. No zone: a regional set."""

    subscription: str
    group: str
    name: str
    location: str = "westeurope"
    kinds: tuple[str, ...] = ("Standard_D2s_v5",)
    zones: tuple[str, ...] = ("1",)
    flexible: bool = False
    spot: bool = False

    @property
    def key(self) -> str:
        """Its id, in small letters: Azure does not tell them apart."""
        return self.id.lower()

    @property
    def id(self) -> str:
        """As the Resource Manager writes it."""
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{self.name}"


@dataclass(slots=True, kw_only=True)
class Operation:
    """A long-running one. `error`: the code it ends with, once its machines run, are gone or failed; at once, if it is not `patient`."""

    id: str
    started_at: Instant
    machines: tuple[Machine, ...]
    target: Condition
    error: str = ""
    patient: bool = True
    ended_at: Instant | None = None

    @property
    def status(self) -> str:
        """As the Resource Manager calls it."""
        if self.ended_at is None:
            return "InProgress"
        return "Failed" if self.error else "Succeeded"

    def age(self, now: Instant) -> None:
        """End it, if its machines are where it leads them."""
        waits = any(one.condition is Condition.BOOTING for one in self.machines)
        if self.target is Condition.GONE:
            waits = any(one.condition is not Condition.GONE for one in self.machines)
        hasty = bool(self.error) and not self.patient
        if self.ended_at is None and (hasty or not waits):
            self.ended_at = now
            failed = any(one.condition is Condition.FAILED for one in self.machines) and self.target is Condition.RUNNING
            self.error = self.error or ("OSProvisioningTimedOut" if failed else "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A machine of its standby pool."""

    name: str
    zone: str
    made_at: Instant


@dataclass(slots=True, kw_only=True)
class ScaleSet:
    """`refuses_after`: how long it looks for a machine there is none of. `lists_refused`: whether it shows that machine, as failed.

    `patient`: an operation that lacks machines waits for those it has. `capacity`: its goal. `before`: the goal it still shows until
    `shown_at`. `settles`: how long after a deletion that is. `refusals`: why a machine failed, by its id.
    `waiting`: those that stand by. `stood_by`: those that did, by the ids of the machines they are now.
    `lingers`: how long a machine that is deleted waits for its own approval first; 0: it is not notified. Spot ones never are.
    `others`: more properties, of what else Azure was told to do with it. Nothing of it is done here: it is only shown.
    """

    model: Model
    machines: Machines
    refuses_after: Duration = AT_ONCE
    settles: Duration = AT_ONCE
    lingers: Duration = AT_ONCE
    lists_refused: bool = True
    patient: bool = True
    capacity: int = 0
    before: int = 0
    shown_at: Instant = Instant(0)
    version: int = 1
    made: int = 0
    operations: list[Operation] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    others: dict[str, Any] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    stood_by: dict[str, Waiting] = field(default_factory=dict)

    @property
    def shown(self) -> int:
        """The capacity it tells: right after a deletion that may be the one before (kubernetes/autoscaler#3510)."""
        return self.capacity if self.machines.clock.now() >= self.shown_at else self.before

    @property
    def state(self) -> str:
        """Its provisioning state."""
        for one in self.operations:
            one.age(self.machines.clock.now())
        if any(one.ended_at is None for one in self.operations):
            return "Updating"
        last = max(self.operations, key=lambda one: one.ended_at or 0, default=None)
        return "Failed" if (last and last.error) or self.capacity > self.goal() else "Succeeded"

    def all(self) -> list[Machine]:
        """Its machines that are not gone, oldest first."""
        return self.machines.of(self.model.key)

    def goal(self) -> int:
        """How many machines it wants, by those that it has and does not give up."""
        return sum(one.condition is not Condition.STOPPING for one in self.all())

    def resize(self, capacity: int) -> Operation:
        """Grow or shrink to it."""
        have = self.goal()
        self.capacity, self.shown_at, self.version = capacity, Instant(0), self.version + 1
        launched = [self._launch() for _ in range(capacity - have)]
        self._drop(have - capacity)
        new = [one for one in launched if not isinstance(one, str)]
        refusals = [one if isinstance(one, str) else self.refusals.get(one.id, "") for one in launched]
        return self._begin(new, Condition.RUNNING, max(refusals, default=""))

    def delete(self, gone: list[Machine]) -> Operation:
        """Give these up; the goal is lowered with them."""
        counted = [one for one in gone if one.condition is not Condition.STOPPING]
        self.before, self.shown_at = self.shown, later(self.machines.clock.now(), self.settles)
        self.capacity, self.version = self.capacity - len(counted), self.version + 1
        for one in counted:
            self._end(one)
        return self._begin(gone, Condition.GONE, "")

    def stand_by(self, count: int) -> None:
        """So many more wait, spread over its zones."""
        for _ in range(count):
            self.made += 1
            zone = self.model.zones[len(self.waiting) % len(self.model.zones)] if self.model.zones else ""
            self.waiting.append(Waiting(f"{self.model.name}_{self._suffix()}", zone, self.machines.clock.now()))

    def evicted(self) -> None:
        """A spot machine was taken back, and its eviction policy is to delete: the goal is lowered."""
        self.capacity, self.version = self.capacity - 1, self.version + 1

    def instance(self, machine: Machine) -> str:
        """Its id in the set."""
        return machine.id.rpartition("_")[2] if not self.model.flexible else machine.id.rpartition("/")[2]

    def host(self, machine: Machine) -> str:
        """The name its system calls itself."""
        name = self.instance(machine)
        return hosted(name) if self.model.flexible else self.model.name + _base36(int(name))

    def _launch(self) -> Machine | str:
        self.made += 1
        zone, kind = self.zone(), self.model.kinds[0]
        named = f"{self.model.group}/{self._given_out(zone) or f'{self.model.name}_{self._suffix()}'}"
        for kind in self.model.kinds:
            try:
                return self.machines.launch(self.model.key, kind, zone, named=named, spot=self.model.spot)
            except SoldOut:
                continue
        refusal = "ZonalAllocationFailed" if zone else "AllocationFailed"
        if not self.lists_refused:
            return refusal
        machine = self.machines.stillborn(self.model.key, kind, zone, named=named, spot=self.model.spot, after=self.refuses_after)
        self.refusals[machine.id] = refusal
        return machine

    def _given_out(self, zone: str) -> str:
        """The name of one that waits in the zone, which waits no more; nothing where none does."""
        found = next((one for one in self.waiting if one.zone == zone), None)
        if found is None:
            return ""
        self.waiting.remove(found)
        self.stood_by[f"{self.model.group}/{found.name}"] = found
        return found.name

    def _suffix(self) -> str:
        return sha256(f"{self.model.key}{self.made}".encode()).hexdigest()[:8] if self.model.flexible else str(self.made - 1)

    def zone(self) -> str:
        """Where its next machine comes."""
        counts = self.machines.by_zone(self.model.key)
        return min(self.model.zones, key=lambda zone: (counts[zone], zone), default="")

    def _drop(self, fewer: int) -> None:
        """Its own choice of victims: none that is protected; of the fullest zone the newest, and in a flexible set the oldest."""
        for _ in range(fewer):
            counts = self.machines.by_zone(self.model.key)
            open_ones = [one for one in self.all() if one.condition is not Condition.STOPPING and one.id not in self.protected]
            if not open_ones:
                self.capacity = self.goal()
                return
            fullest = max(counts[one.zone] for one in open_ones)
            those = [one for one in open_ones if counts[one.zone] == fullest]
            self._end(those[0] if self.model.flexible else those[-1])

    def _end(self, machine: Machine) -> None:
        """It runs on while it lingers."""
        self.machines.terminate(machine)
        if not self.model.spot:
            machine.next_at = later(machine.next_at, self.lingers)

    def approve(self, machine: Machine) -> None:
        """The machine itself has it deleted at once."""
        machine.next_at = min(machine.next_at, later(self.machines.clock.now(), self.machines.stop))

    def running_on(self, machine: Machine) -> bool:
        """Whether it lingers."""
        return machine.condition is Condition.STOPPING and later(self.machines.clock.now(), self.machines.stop) < machine.next_at

    def _begin(self, machines: list[Machine], target: Condition, error: str) -> Operation:
        identity = sha256(f"{self.model.key}{self.version}".encode()).hexdigest()[:32]
        operation = Operation(
            id=identity, started_at=self.machines.clock.now(), machines=tuple(machines), target=target, error=error, patient=self.patient
        )
        self.operations.append(operation)
        return operation


def made(model: Model, machines: Machines, count: int) -> ScaleSet:
    """A set that has been there for long: its machines run, and nothing is under way."""
    found = ScaleSet(model=model, machines=machines)
    operation = found.resize(count)
    for one in operation.machines:
        machines.all[one.id] = replace(one, condition=Condition.RUNNING, next_at=Instant(2**62), listed_at=one.launched_at)
    found.operations.clear()
    return found


def hosted(name: str) -> str:
    """What the system of a flexible set's machine calls itself."""
    return name.replace("_", "")


def _base36(number: int) -> str:
    """Six digits, as Azure counts."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits.rjust(6, "0")
