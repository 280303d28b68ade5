"""What one rule asks for, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import ReplicaId

MOST = 2**31 - 1
"""No vote counts for more: what a broken metric asks for stays a number every store and orchestrator can hold."""


class VoteKind(StrEnum):
    """want N: this many. at_least, at_most: a bound. hold: no change. unknown: no opinion, and never fewer."""

    WANT = "want"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    HOLD = "hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workings:
    """How an average over replicas was reached: whose samples counted, and what they add up to.

    `use` and `requested` are milli-units of the thing itself, `requested` None where no request is compared; `value` is the whole percent
    of what is requested, or the average in milli-units.
    """

    ready: tuple[ReplicaId, ...]
    unready: tuple[ReplicaId, ...]
    missing: tuple[ReplicaId, ...]
    ignored: tuple[ReplicaId, ...]
    use: int
    requested: int | None
    value: int


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote with its reasons; `count` is None for hold and unknown. `workings`: where an average over replicas was judged.

    `asks`: what the load alone would ask for, where a rule holds all the same, such as near its target, or wants more for safety.
    `note`: what the rule asks to be told with its next vote, in numbers of its own; rules have no other memory.
    `instead`: of an unknown one, the kind of vote it would have been, which a fallback for its metric then is.
    """

    kind: VoteKind
    count: int | None
    reasons: tuple[Reason, ...]
    workings: Workings | None = None
    asks: int | None = None
    note: tuple[int, ...] = ()
    instead: VoteKind = VoteKind.WANT

    @classmethod
    def want(cls, count: int, *reasons: Reason) -> Self:
        """Exactly `count` would be right."""
        return cls(VoteKind.WANT, count, reasons)

    @classmethod
    def at_least(cls, count: int, *reasons: Reason) -> Self:
        """No fewer than `count`, whatever the others want."""
        return cls(VoteKind.AT_LEAST, count, reasons)

    @classmethod
    def at_most(cls, count: int, *reasons: Reason) -> Self:
        """No more than `count`, whatever the others want."""
        return cls(VoteKind.AT_MOST, count, reasons)

    @classmethod
    def hold(cls, *reasons: Reason, asks: int | None = None) -> Self:
        """The present count is right."""
        return cls(VoteKind.HOLD, None, reasons, asks=asks)

    @classmethod
    def unknown(cls, *reasons: Reason, instead: VoteKind = VoteKind.WANT) -> Self:
        """The rule could not see what it needs: no opinion, and no shrinking."""
        return cls(VoteKind.UNKNOWN, None, reasons, instead=instead)

    def count_or(self, current: int) -> int:
        """The count asked for, or `current`."""
        return current if self.count is None else self.count
