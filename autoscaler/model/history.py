"""The past of one policy or pool, as an argument: deciding keeps no state of its own."""

from dataclasses import dataclass

from autoscaler.model.quantities import Instant


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The count before stabilisation, at one tick."""

    at: Instant
    count: int


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """A change of ours that was carried out: +2, -1. `foreign`: somebody else's."""

    at: Instant
    change: int
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`subject` is a policy's target (`shop/web`) or a pool (`pool:general`). Both lists are oldest first.

    `began`: when the subject was first decided on; None before the first tick.
    """

    subject: str
    began: Instant | None = None
    recommendations: tuple[Recommendation, ...] = ()
    events: tuple[ScaleEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Histories:
    """The past of everything in one cluster."""

    entries: tuple[History, ...] = ()

    def of(self, subject: str) -> History:
        """The subject's past; an empty one before its first tick."""
        return next((entry for entry in self.entries if entry.subject == subject), History(subject=subject))
