"""What one tick knew and did, so that decide, plan and explain give the same bytes offline."""

from dataclasses import dataclass

from autoscaler.model.commitments import NO_COMMITMENTS, Commitments
from autoscaler.model.decisions import Decision
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One tick: its arguments, and, where it was recorded from a run, what came of them.

    `drains`, `reopens`: nodes somebody asked to empty, or wants back. `proposal`: the count every policy's rules are taken to ask for;
    they are not asked, and deciding begins after them. A subject the `histories` do not name goes on with what the frames before it left.
    """

    observation: Observation
    histories: Histories = Histories()
    commitments: Commitments = NO_COMMITMENTS
    freezes: tuple[Freeze, ...] = ()
    drains: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()
    proposal: int | None = None
    decisions: tuple[Decision, ...] = ()
    plan: Plan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Frames, oldest first, with the policy files' text they were decided under (name, text)."""

    frames: tuple[Frame, ...]
    policies: tuple[tuple[str, str], ...] = ()
