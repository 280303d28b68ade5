"""Which machines are one domain of a topology, and how many of something stand in each."""

from dataclasses import dataclass

import numpy as np

from autoscaler.model.constraints import NODE, Labels
from autoscaler.placement.arrays import Bools, Ints

NOWHERE = -1
"""The domain of a machine without the label."""


@dataclass(slots=True)
class Domains:
    """One topology: the domain of each row of the ledger by number, and the values of its label in the order they came."""

    topology: str
    rows: Ints
    values: dict[str, int]

    @classmethod
    def none(cls, topology: str) -> "Domains":
        """No machines yet."""
        return cls(topology, np.empty(0, np.int64), {})

    def extended(self, labels: list[Labels | None]) -> "Domains":
        """With so many more machines; None for one that is gone."""
        values = dict(self.values)
        if self.topology == NODE:
            more = list(range(len(self.rows), len(self.rows) + len(labels)))
        else:
            more = [self._number(values, one) for one in labels]
        return Domains(self.topology, np.concatenate([self.rows, np.array(more, np.int64)]), values)

    def number(self, labels: Labels) -> int:
        """The domain of a machine with these labels that is not there yet: one more than all, where it would be new."""
        if self.topology == NODE:
            return self.count
        value = dict(labels).get(self.topology)
        return NOWHERE if value is None else self.values.get(value, self.count)

    @property
    def count(self) -> int:
        """How many domains there ever were."""
        return len(self.rows) if self.topology == NODE else len(self.values)

    def summed(self, counts: Ints | None) -> Ints:
        """What stands in each domain, [count], of what stands on each machine."""
        if counts is None:
            return np.zeros(self.count, np.int64)
        if self.topology == NODE:
            return counts
        there = self.rows != NOWHERE
        found = np.zeros(self.count, np.int64)
        np.add.at(found, self.rows[there], counts[there])
        return found

    def holding(self, rows: Bools) -> Bools:
        """Which domains have any of these machines."""
        if self.topology == NODE:
            return rows
        found = np.zeros(self.count, np.bool_)
        found[self.rows[rows & (self.rows != NOWHERE)]] = True
        return found

    def _number(self, values: dict[str, int], labels: Labels | None) -> int:
        value = None if labels is None else dict(labels).get(self.topology)
        return NOWHERE if value is None else values.setdefault(value, len(values))
