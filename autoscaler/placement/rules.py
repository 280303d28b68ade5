"""What each kind of rule leaves: how many more replicas may come to a domain, as others stand."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.domains import NOWHERE

UNLIMITED = 1_000_000
"""So often fits what asks for nothing, and so many may come where nothing forbids it."""


class Tally(NamedTuple):
    """Replicas of several workloads, counted together per machine: those a selector selects, or those that refuse what it selects."""

    number: int


Counted = WorkloadRef | Tally
"""What is counted per machine: the replicas of one workload, or a tally."""


class Seen(NamedTuple):
    """How many of the counted stand in each domain, [D + 1]: the last one is new and empty. `counting`: domains to spread over.

    `vacant`: one more domain with none of them can be had.
    """

    sums: Ints
    counting: Bools
    vacant: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint: over which `topology` the `counted` matter, and whether the workload whose rule it is is one of them (`own`)."""

    topology: str
    counted: Counted
    own: bool

    def left(self, seen: Seen, at: Ints) -> Ints:
        """How many may come to each of the domains `at`, if none came to any other."""
        raise NotImplementedError

    def limits(self, seen: Seen, holds: Ints) -> Ints:
        """How many may come to each domain [D], of the `holds[D]` that have room there, if all are filled from the lowest up."""
        raise NotImplementedError

    def broken(self, seen: Seen, standing: Ints) -> int:
        """How far it is from being kept to, of its workload's replicas `standing` in each domain [D]; 0 if it is kept to."""
        raise NotImplementedError


class RefusedRule(Rule):
    """Others stand there who would not have this one."""

    __slots__ = ()

    def left(self, seen: Seen, at: Ints) -> Ints:
        """None there; any number elsewhere."""
        return np.where((at != NOWHERE) & (seen.sums[at] > 0), 0, UNLIMITED)


class ApartRule(RefusedRule):
    """None where any of the counted stands; and one of them alone, if it is one of them."""

    __slots__ = ()

    def left(self, seen: Seen, at: Ints) -> Ints:
        """None, or one, or any number."""
        found = RefusedRule.left(self, seen, at)
        return np.where(at != NOWHERE, np.minimum(found, 1), found) if self.own else found

    def limits(self, seen: Seen, holds: Ints) -> Ints:
        """One for each domain."""
        return np.clip(1 - seen.sums[:-1], 0, holds)

    def broken(self, seen: Seen, standing: Ints) -> int:
        """How many stand where another one is that they refuse."""
        return int(standing[seen.sums[:-1] > int(self.own)].sum())


class TogetherRule(Rule):
    """Only where one of the counted stands; anywhere as long as there is none, if it is one of them."""

    __slots__ = ()

    def left(self, seen: Seen, at: Ints) -> Ints:
        """Any number, or none."""
        first = self.own and not seen.sums.any()
        return np.where((at != NOWHERE) & (first | (seen.sums[at] > 0)), UNLIMITED, 0)

    def broken(self, seen: Seen, standing: Ints) -> int:
        """How many stand where none of those they want is; a single one of a group that looks for itself is not missing anybody."""
        alone = self.own and int(seen.sums.sum()) <= 1
        return 0 if alone else int(standing[seen.sums[:-1] <= int(self.own)].sum())


@dataclass(frozen=True, slots=True)
class SpreadRule(Rule):
    """No domain more than `skew` above the lowest; fewer than `domains` of them: above none."""

    skew: int
    domains: int

    def left(self, seen: Seen, at: Ints) -> Ints:
        """As far as it stays near the lowest of the others; any number, or none, of one that is not counted itself."""
        mine, others = seen.sums[at], self._others(seen, at)
        if self.own:
            found = np.where(others == UNLIMITED, UNLIMITED, others + self.skew - mine)
        else:
            found = np.where(mine - np.minimum(mine, others) <= self.skew, UNLIMITED, 0)
        return np.where(at == NOWHERE, 0, np.maximum(found, 0))

    def limits(self, seen: Seen, holds: Ints) -> Ints:
        """As far above the lowest as is allowed, once that is as high as it gets."""
        sums = seen.sums[:-1]
        counts = (sums + holds)[seen.counting[:-1]]
        lowest = 0 if self._short(seen) else int(counts.min(initial=UNLIMITED))
        return np.clip(lowest + self.skew - sums, 0, holds)

    def broken(self, seen: Seen, standing: Ints) -> int:
        """By how much the highest of the domains where it stands is above what is allowed."""
        highest = int(seen.sums[:-1][standing > 0].max(initial=0))
        counts = seen.sums[seen.counting]
        lowest = 0 if self._short(seen) else int(counts.min(initial=highest))
        return max(0, highest - lowest - self.skew)

    def _short(self, seen: Seen) -> bool:
        """Whether a domain with none counts beside those that are there."""
        return seen.vacant or int(seen.counting.sum()) < self.domains

    def _others(self, seen: Seen, at: Ints) -> Ints:
        """The lowest of the other domains, for each."""
        if self._short(seen):
            return np.zeros(len(at), np.int64)
        counts = np.sort(seen.sums[seen.counting])[:2]
        lowest, second = (*counts.tolist(), UNLIMITED, UNLIMITED)[:2]
        alone = seen.counting[at] & (seen.sums[at] == lowest) & (second > lowest)
        found: Ints = np.where(alone, second, lowest)
        return found
