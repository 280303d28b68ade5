"""A workload that serves a recorded load: what is asked of it, what serves, and what a metric shows of that.

15 s steps; the load is interpolated between the points of the trace; a sample is 30 s old; utilisation cannot pass 100 %. A new replica
serves after the start delay, one given back is gone at once, those still starting first. Demand is the fewest replicas that stay at or
under 80 %.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

STEP = 15
"""Seconds."""

AGE = 2
"""Steps a sample is old."""

TARGET = 0.7
LIMIT = 0.8


@dataclass(frozen=True, slots=True)
class Seen:
    """What a policy may know at a step: `served_by` replicas had this `utilisation` when the sample was taken, so many are now."""

    step: int
    utilisation: float
    served_by: int
    ready: int
    wanted: int


Policy = Callable[[Seen], int]
"""Wanted replicas."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Requests in each minute, and how many fill one replica. `earlier`: minutes at its beginning that are lived through, not judged."""

    name: str
    load: Sequence[float]
    capacity: float
    earlier: int = 0

    @property
    def judged(self) -> slice:
        """The steps that are."""
        return slice(self.earlier * 60 // STEP, None)

    def offered(self) -> list[float]:
        """The load at every step."""
        last = len(self.load) - 1
        places = (step * STEP / 60 for step in range(len(self.load) * 60 // STEP))
        return [_between(self.load, min(place, last)) for place in places]

    def demand(self) -> list[int]:
        """The fewest replicas that would do, at every step."""
        return [max(1, math.ceil(load / (LIMIT * self.capacity))) for load in self.offered()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Percent of the time short, percent of demand short, replicas by demand, changes a day, the longest time short in seconds."""

    short_time: float
    short_amount: float
    cost: float
    changes: float
    worst: int


def replay(trace: Trace, policy: Policy, start_delay: int) -> list[int]:
    """The replicas that serve, at every step."""
    offered, delay = trace.offered(), start_delay // STEP
    ready = wanted = max(1, math.ceil(offered[0] / (TARGET * trace.capacity)))
    starting: list[tuple[int, int]] = []
    supply: list[int] = []
    for now in range(len(offered)):
        ready += sum(count for at, count in starting if at <= now)
        starting = [(at, count) for at, count in starting if at > now]
        then = now - AGE if now > AGE else 0
        served_by = max(1, supply[then] if now > AGE else ready)
        utilisation = min(offered[then], served_by * trace.capacity) / (trace.capacity * served_by)
        want = max(1, policy(Seen(now, utilisation, served_by, ready, wanted)))
        ready -= _gave_back(starting, wanted - want)
        if want > wanted:
            starting.append((now + delay, want - wanted))
        wanted = want
        supply.append(ready)
    return supply


def figures(supply: Sequence[int], demand: Sequence[int]) -> Figures:
    """What came of it."""
    lacking = [max(0, need - have) for have, need in zip(supply, demand, strict=True)]
    changes = sum(one != other for one, other in pairwise(supply))
    return Figures(
        short_time=100 * sum(map(bool, lacking)) / len(demand),
        short_amount=100 * sum(lack / need for lack, need in zip(lacking, demand, strict=True)) / len(demand),
        cost=sum(supply) / sum(demand),
        changes=changes * 86_400 / (len(demand) * STEP),
        worst=_longest(lacking) * STEP,
    )


def _gave_back(starting: list[tuple[int, int]], surplus: int) -> int:
    """So many of the surplus had been serving; those starting are taken off the list."""
    while surplus > 0 and starting:
        at, count = starting.pop()
        if count > surplus:
            starting.append((at, count - surplus))
        surplus -= min(count, surplus)
    return max(0, surplus)


def _between(load: Sequence[float], place: float) -> float:
    before = int(place)
    after = min(before + 1, len(load) - 1)
    return load[before] + (load[after] - load[before]) * (place - before)


def _longest(lacking: Sequence[int]) -> int:
    longest = run = 0
    for lack in lacking:
        run = run + 1 if lack else 0
        longest = max(longest, run)
    return longest
