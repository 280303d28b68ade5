"""The writing shell: advances journalled steps whose conditions hold in what is observed now."""

from autoscaler.execution.advancing import advance
from autoscaler.execution.claiming import claim
from autoscaler.execution.events import events, others_changed
from autoscaler.execution.hands import Hands
from autoscaler.execution.hearing import Heard, drop, hear
from autoscaler.execution.marks import StrayMark, remove_marks, stray_marks

__all__ = [
    "Hands",
    "Heard",
    "StrayMark",
    "advance",
    "claim",
    "drop",
    "events",
    "hear",
    "others_changed",
    "remove_marks",
    "stray_marks",
]
