"""Managed instance groups: what is asked of them, and what they make of it as time passes.

A group goes on trying to create what it should have, keeps the name of what it creates again, and says of each member what it does to it.
https://cloud.google.com/compute/docs/instance-groups/working-with-managed-instances
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.gcp import words
from autoscaler_standins.gcp.standby import STANDING, STARTING, Standby
from autoscaler_standins.gcp.words import Trouble
from autoscaler_standins.machines import Condition, Machine, Machines, OverQuota, SoldOut

CREATING, RECREATING, DELETING, NONE = "CREATING", "RECREATING", "DELETING", "NONE"
STARTS = (*STARTING.values(),)
NOW = Instant(0)
RETRY = Duration(60_000)
"""How long a group waits before it tries again to create a member."""
LETTERS = "bcdfghjklmnpqrstvwxz0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What machines are made from. `region`: where it is, if not everywhere. `kind`: their machine type. `protected`: against deletion.

    `graceful`: how long they may take to shut down, beside what every machine takes.
    """

    name: str
    kind: str
    spot: bool = False
    protected: bool = False
    gpus: tuple[str, int] = ("", 0)
    region: str = ""
    graceful: Duration = Duration(0)


@dataclass(slots=True, kw_only=True)
class Member:
    """A managed instance: its entry in the group, there before its machine and after it. `stands`: how it waits to be needed.

    `asked_at`: when its machine was asked to stop; `lingers`: it does not yet, for its shutdown is a graceful one.
    """

    name: str
    template: Template
    listed_at: Instant
    action: str = CREATING
    kind: str = ""
    zone: str = ""
    machine: Machine | None = None
    trouble: Trouble | None = None
    retry_at: Instant = NOW
    stands: str = ""
    asked_at: Instant = NOW
    lingers: bool = False

    @property
    def ready(self) -> bool:
        """Whether it only has to be started."""
        return bool(self.stands) and self.action == NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A line of the group's list of errors."""

    at: Instant
    action: str
    name: str
    zone: str
    trouble: Trouble


@dataclass(slots=True, kw_only=True)
class Others:
    """What else Google was told to do with a group. Nothing of it is done here: it is only shown."""

    autoscaled: bool = False
    heals: bool = False
    updates: str = "OPPORTUNISTIC"
    redistributes: str = "NONE"


@dataclass(slots=True, kw_only=True)
class Group:
    """`place`: its zone or region. `kinds`: those of its flexibility policy, best rank first; none where it has no such policy.

    `size`: its target size. `even`: it takes no zone but the one with the fewest. `repairs`: it creates again what stopped by itself.
    `paged`: its list comes in pages. `ends`: when its machines end, where they run for a limited time.
    """

    name: str
    place: str
    zones: tuple[str, ...]
    template: Template
    base: str
    kinds: tuple[str, ...] = ()
    size: int = 0
    even: bool = True
    repairs: bool = False
    paged: bool = True
    ends: Instant | None = None
    others: Others = field(default_factory=Others)
    standby: Standby = field(default_factory=Standby)
    members: dict[str, Member] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    @property
    def regional(self) -> bool:
        """Over the zones of a region."""
        return self.zones != (self.place,)

    @property
    def staying(self) -> list[Member]:
        """Those it does not delete, and that do not stand by."""
        return [one for one in self.members.values() if one.action != DELETING and not one.stands]


@dataclass(slots=True, kw_only=True)
class Groups:
    """All groups of one project, by place and name."""

    project: str
    machines: Machines
    all: dict[tuple[str, str], Group] = field(default_factory=dict)

    def add(self, group: Group) -> Group:
        """A new group, whose first machines are created."""
        self.all[group.place, group.name] = group
        size, group.size = group.size, 0
        self.resize(group, size)
        return group

    def create(self, group: Group, names: Iterable[str]) -> None:
        """New members of these names, made from the present template; the target size grows by as many."""
        now = self.machines.clock.now()
        for name in names:
            group.members[name] = Member(name=name, template=group.template, listed_at=later(now, self.machines.unlisted))
            group.size += 1
        self.tend(group)

    def delete(self, group: Group, names: Iterable[str]) -> None:
        """These members go, and the target size falls by as many."""
        for name in names:
            member = group.members[name]
            member.action = DELETING
            group.size -= 0 if member.stands else 1
            if member.machine and member.template.protected:
                self._failed(group, member, words.PROTECTED)
            elif member.machine:
                self._stop(member, member.machine)
        self.tend(group)

    def stop(self, group: Group, name: str) -> None:
        """Somebody stops the machine, and not through its group."""
        member = group.members[name]
        if member.machine:
            self._stop(member, member.machine)
        self.tend(group)

    def _stop(self, member: Member, machine: Machine) -> None:
        if machine.condition in (Condition.STOPPING, Condition.GONE):
            return
        self.machines.terminate(machine)
        member.asked_at = self.machines.clock.now()
        machine.next_at = later(machine.next_at, member.template.graceful)

    def resize(self, group: Group, size: int) -> None:
        """To a mere number: the group names what comes, and chooses what goes."""
        if size > group.size:
            if group.standby.refills:
                self._start(group, [one for one in group.members.values() if one.ready][: size - group.size])
            self.create(group, self._named(group, size - group.size))
        elif size < group.size:
            worst_first = sorted(group.staying, key=lambda one: (one.action == NONE, one.name))
            self.delete(group, [one.name for one in worst_first[: group.size - size]])

    def start(self, group: Group, names: Iterable[str]) -> None:
        """These stand by no more; the target size grows by as many, and as many fewer are to stand by."""
        members = [group.members[name] for name in names]
        for member in members:
            group.standby.take(member.stands)
        self._start(group, members)

    def _start(self, group: Group, members: Iterable[Member]) -> None:
        for member in members:
            member.action, member.stands, member.retry_at = STARTING[member.stands], "", NOW
            group.size += 1
        self.tend(group)

    def started_at(self, machine: Machine) -> Instant:
        """When it was launched, or started since."""
        times = (group.standby.started.get(machine.id, NOW) for group in self.all.values() if group.name == machine.group)
        return max((machine.launched_at, *times))

    def _named(self, group: Group, count: int) -> list[str]:
        taken = self.machines.launched + len(group.members)
        return [f"{group.base}-{_letters(taken + number)}" for number in range(count)]

    def age(self) -> None:
        """Come up to now."""
        self.machines.age()
        for group in self.all.values():
            self.tend(group)

    def tend(self, group: Group) -> None:
        """What a group does by itself."""
        now = self.machines.clock.now()
        for member in list(group.members.values()):
            member.lingers = now < later(member.asked_at, member.template.graceful)
            if member.action == DELETING:
                if member.machine is None or member.machine.condition is Condition.GONE:
                    del group.members[member.name]
                    self.machines.all.pop(member.name, None)
            elif member.machine is not None:
                self._follow(group, member, member.machine)
                self._stand(group, member, member.machine)
            if member.action in (CREATING, RECREATING) and member.machine is None and now >= member.retry_at:
                self._try(group, member)
        self._refill(group)

    def _refill(self, group: Group) -> None:
        """Make what is to stand by and is not there."""
        for kind, count in group.standby.wanted().items():
            here = sum(one.stands == kind and one.action != DELETING for one in group.members.values())
            for name in self._named(group, count - here):
                listed_at = later(self.machines.clock.now(), self.machines.unlisted)
                member = group.members[name] = Member(name=name, template=group.template, listed_at=listed_at, stands=kind)
                self._try(group, member)

    def _stand(self, group: Group, member: Member, machine: Machine) -> None:
        """Stop it once it is made, until it is started; what cannot be started is tried again."""
        if member.stands and member.action == NONE and machine.condition is Condition.RUNNING:
            member.action = STANDING[member.stands]
            self.machines.terminate(machine)
        elif member.stands and machine.condition is Condition.GONE:
            member.action = NONE
        elif member.action in STARTS and machine.condition is Condition.GONE and self.machines.clock.now() >= member.retry_at:
            try:
                group.standby.start(machine, self.machines)
            except SoldOut:
                self._failed(group, member, words.sold_out(self.project, member.zone))

    def _follow(self, group: Group, member: Member, machine: Machine) -> None:
        """What became of a member's machine."""
        if machine.condition is Condition.RUNNING:
            member.action, member.trouble = NONE, None
        elif machine.condition is Condition.FAILED:
            del self.machines.all[machine.id]
            member.machine = None
            self._failed(group, member, words.BROKEN)
        elif machine.condition is Condition.GONE and group.repairs and not member.stands and member.action not in STARTS:
            member.action, member.machine = RECREATING, None

    def _try(self, group: Group, member: Member) -> None:
        region = group.zones[0].rpartition("-")[0]
        for kind, zone in self._choices(group, member):
            try:
                member.machine = self._launch(group, member, kind, zone)
            except SoldOut:
                self._failed(group, member, words.sold_out(self.project, zone))
            except OverQuota:
                self._failed(group, member, words.over_quota(self.machines.quota, region))
                return
            else:
                member.kind, member.zone, member.trouble = kind, zone, None
                return

    def _launch(self, group: Group, member: Member, kind: str, zone: str) -> Machine:
        machine = self.machines.launch(group.name, kind, zone, named=member.name, spot=member.template.spot)
        machine.ends_at = group.ends
        return machine

    def _choices(self, group: Group, member: Member) -> Iterator[tuple[str, str]]:
        if member.zone:  # what is created again stays where it was
            yield member.kind, member.zone
            return
        taken = Counter(one.zone for one in group.staying)
        zones = sorted(group.zones, key=lambda zone: (taken[zone], zone))
        for kind in group.kinds or (member.template.kind,):
            yield from ((kind, zone) for zone in (zones[:1] if group.even else zones))

    def _failed(self, group: Group, member: Member, trouble: Trouble) -> None:
        now = self.machines.clock.now()
        member.trouble, member.retry_at = trouble, later(now, RETRY)
        zone = member.zone or min(group.zones)
        group.failures.append(Failure(at=now, action=member.action, name=member.name, zone=zone, trouble=trouble))


def _letters(number: int) -> str:
    """Four, as groups append them to the names they give."""
    found = ""
    for _ in range(4):
        number, left = divmod(number * 7 + 3, len(LETTERS))
        found += LETTERS[left]
    return found
