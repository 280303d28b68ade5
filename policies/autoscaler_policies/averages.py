"""From the use of replicas to a count, as Kubernetes HPA v2 (release 1.34) works it out: in floats, in its order, with its rounding.

What is measured is floored to a whole percent (of requests) or a whole milli-unit (of an average) before it is compared with the target.
Replicas without a sample, and on the way up those not ready, are then filled in against the direction of the change and all is measured
again; where the two disagree, the present count stays.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autoscaler.model.refs import ReplicaId
from autoscaler.model.votes import MOST
from autoscaler_policies.grouping import Groups

Uses = Mapping[ReplicaId, int]
"""Milli-units of each replica that is counted."""

WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far below and above the target the ratio may be; both ends belong to it."""

    down: float
    up: float

    def has(self, ratio: float) -> bool:
        """Whether the ratio is near enough to 1."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`value`: whole percent of what is requested, or the average in milli-units; `ratio`: that by its target."""

    total: int
    requested: int | None
    value: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Yardstick:
    """`measure` gives None where nothing can be measured: no request stands against the use.

    `fill` is what a replica without a sample is taken to use where fewer would be wanted; where more would be, it is nothing.
    """

    measure: Callable[[Uses], Measured | None]
    fill: Callable[[ReplicaId], int]


def utilisation(uses: Uses, requests: Uses, target: float) -> Measured | None:
    """Against `target` percent of the requests; replicas whose request is not known are left out."""
    known = [name for name in uses if name in requests]
    total, requested = sum(uses[name] for name in known), sum(requests[name] for name in known)
    if requested == 0:
        return None
    percent = min(_quotient(total * WHOLE_PERCENT, requested), MOST)
    return Measured(total=total, requested=requested, value=percent, ratio=percent / target)


def average(uses: Uses, target: int) -> Measured | None:
    """Against `target` milli-units a replica."""
    total = sum(uses.values())
    value = _quotient(total, len(uses))
    return Measured(total=total, requested=None, value=value, ratio=value / target)


def count_for(yardstick: Yardstick, uses: Uses, groups: Groups, current: int, tolerance: Tolerance) -> int:
    """The count proposed; `current` where the ratio is near enough, or what is filled in leaves no clear answer."""
    ratio = _ratio(yardstick, uses)
    unready = groups.unready if ratio > 1.0 else ()
    if not unready and not groups.missing:
        return current if tolerance.has(ratio) else rounded_up(ratio * len(groups.ready))
    filled = {**uses, **_missing(groups.missing, ratio, yardstick), **dict.fromkeys(unready, 0)}
    again = _ratio(yardstick, filled)
    if tolerance.has(again) or (ratio < 1.0 < again) or (again < 1.0 < ratio):
        return current
    count = rounded_up(again * len(filled))
    turned = (again < 1.0 and count > current) or (again > 1.0 and count < current)
    return current if turned else count


def rounded_up(count: float) -> int:
    """The next whole count, no higher than counts go."""
    return MOST if count > MOST else math.ceil(count)


def _ratio(yardstick: Yardstick, uses: Uses) -> float:
    measured = yardstick.measure(uses)
    return measured.ratio if measured else 1.0


def _missing(names: tuple[ReplicaId, ...], ratio: float, yardstick: Yardstick) -> dict[ReplicaId, int]:
    if ratio == 1.0:
        return {}
    return {name: yardstick.fill(name) if ratio < 1.0 else 0 for name in names}


def _quotient(dividend: int, divisor: int) -> int:
    """Toward zero, as integers are divided there."""
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)
