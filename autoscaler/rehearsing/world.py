"""What stands behind a count in a backtest: replicas that take their time to serve, on machines that take theirs to come.

A new replica serves `start` after it is asked for, and where no machine has room for it, `machine` later than that. One given back is gone
at once, those still starting first. A machine that has been superfluous for `idle` goes.
"""

from dataclasses import dataclass, field

from autoscaler.model.quantities import Duration, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """`per_machine`: replicas one machine holds; None where machines are not looked at."""

    start: Duration = Duration(60_000)
    machine: Duration = Duration(120_000)
    idle: Duration = Duration(300_000)
    per_machine: int | None = None


@dataclass(slots=True)
class Fleet:
    """The replicas of one workload. `ready` ones serve, `wanted` is the count it was told last."""

    delays: Delays
    wanted: int
    ready: int = field(init=False)
    machines: int = field(init=False)
    starting: list[tuple[int, int]] = field(default_factory=list)
    needed: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ready = self.wanted
        self.machines = self._machines(self.wanted)

    def arrive(self, now: Instant) -> None:
        """Those whose time has come serve."""
        if self.starting and any(at <= now for at, _ in self.starting):
            self.ready += sum(count for at, count in self.starting if at <= now)
            self.starting = [one for one in self.starting if one[0] > now]
        if self.delays.per_machine:
            self._release(now)

    def want(self, count: int, now: Instant) -> None:
        """Another count."""
        if count > self.wanted:
            self._start(count - self.wanted, now)
        elif count < self.wanted:
            self.ready -= self._gave_back(self.wanted - count)
        self.wanted = count

    def _start(self, more: int, now: Instant) -> None:
        room = self.machines * (self.delays.per_machine or 0) - self.wanted
        at_once = min(more, room) if self.delays.per_machine else more
        later = more - at_once
        if at_once > 0:
            self.starting.append((now + self.delays.start.ms, at_once))
        if later > 0:
            self.machines = self._machines(self.wanted + more)
            self.starting.append((now + self.delays.machine.ms + self.delays.start.ms, later))

    def _gave_back(self, surplus: int) -> int:
        """So many of the surplus had been serving; those starting are taken off the list."""
        while surplus > 0 and self.starting:
            at, count = self.starting.pop()
            if count > surplus:
                self.starting.append((at, count - surplus))
            surplus -= min(count, surplus)
        return max(0, surplus)

    def _release(self, now: Instant) -> None:
        """As many machines stay as any moment of the last `idle` needed."""
        use = self._machines(self.wanted)
        kept = [one for one in self.needed if one[0] > now - self.delays.idle.ms and one[1] > use]
        self.needed = [*kept, (now, use)]
        self.machines = min(self.machines, self.needed[0][1])

    def _machines(self, replicas: int) -> int:
        per = self.delays.per_machine
        return -(-replicas // per) if per else 0
