"""What came of a call, and what its step makes of it.

Only one thing must never be mistaken: "nothing changed" for "sent, outcome unknown". Whatever is not surely the first is the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from autoscaler.contracts.runtime import Call, Runtime
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    NotFoundError,
    RefusedError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.commitments import TRIES, StepRecord, StepStatus
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason

LONGEST_PAUSE_MS = 30_000
"""Between two tries of one step: an outage is noticed over within half a minute."""

DETAIL = 200
"""Characters of a provider's own words that are kept."""


class Reply(IntEnum):
    """In the order in which one of several calls speaks for its step."""

    OK = 0
    UNSENT = 1
    CONFLICT = 2
    NO_CAPACITY = 3
    REFUSED = 4
    NOT_FOUND = 5
    UNKNOWN = 6


@dataclass(slots=True)
class Attempt:
    """A call that remembers whether it began and what it raised itself: the Runtime's own "late" and "busy" look like "down"."""

    call: Call
    begun: bool = False
    raised: AutoscalerError | None = None

    def run(self) -> object:
        """Make the call."""
        self.begun = True
        try:
            return self.call.run()
        except AutoscalerError as error:
            self.raised = error
            raise


def reply(attempt: Attempt, result: object) -> tuple[Reply, str]:
    """What the result means, and the provider's words."""
    if not isinstance(result, AutoscalerError):
        return Reply.OK, ""
    words = str(result)[:DETAIL]
    if result is not attempt.raised:
        return (Reply.UNKNOWN if attempt.begun else Reply.UNSENT), words
    known = (
        (ConflictError, Reply.CONFLICT),
        (NoCapacityError, Reply.NO_CAPACITY),
        (NotFoundError, Reply.NOT_FOUND),
        (RefusedError, Reply.REFUSED),
        (SetupError, Reply.UNSENT),
        (UnavailableError, Reply.UNSENT),
    )
    return next((kind for error, kind in known if isinstance(result, error)), Reply.UNKNOWN), words


def settle(record: StepRecord, replies: Sequence[tuple[Reply, str]], *, first: bool, runtime: Runtime) -> StepRecord:
    """The record after its calls. `first`: this intent had never been sent before, so what is unsent or refused left no trace."""
    worst, words = max(replies, default=(Reply.OK, ""))
    now = runtime.now()
    if worst is Reply.OK:
        return replace(record, status=StepStatus.SENT, reasons=(Reason(Code.BEGUN),))
    if worst in _FATAL:
        reasons = (Reason(_FATAL[worst], names=(words,)),)
        return replace(record, status=StepStatus.FAILED, ended_at=now, reasons=reasons)
    again = Reason(_LATER[worst], (record.tries, now + _pause(record.tries, worst, runtime).ms), TRIES, (words,))
    traceless = first and worst is not Reply.UNKNOWN and all(kind is not Reply.OK for kind, _ in replies)
    if traceless:
        return replace(record, status=StepStatus.WAITING, intent=None, reasons=(again,))
    return replace(record, reasons=(again,))


def due(record: StepRecord, now: Instant) -> bool:
    """Whether the pause after the last try is over; the journal holds it, so a new process keeps to it."""
    pauses = [reason.numbers[1] for reason in record.reasons if reason.unit == TRIES]
    return all(now >= until for until in pauses)


_FATAL = {
    Reply.NO_CAPACITY: Code.NO_CAPACITY,
    Reply.REFUSED: Code.REFUSED,
    Reply.NOT_FOUND: Code.NOT_FOUND,
}
_LATER = {
    Reply.UNSENT: Code.PROVIDER_FAILED,
    Reply.CONFLICT: Code.CHANGED_BY_OTHERS,
    Reply.UNKNOWN: Code.OUTCOME_UNKNOWN,
}


def _pause(tries: int, worst: Reply, runtime: Runtime) -> Duration:
    """Longer with each try, and never the same for two clients; none after a conflict or a lost reply: reading again is the answer."""
    if worst is not Reply.UNSENT and tries <= 1:
        return Duration(0)
    longest = min(LONGEST_PAUSE_MS, 1000 << min(tries, 10))
    return Duration(runtime.rng("backoff").randint(longest // 2, longest))
