"""The writing shell: advances journalled steps whose conditions hold in what is observed now."""

from autoscaler.execution.advancing import advance
from autoscaler.execution.claiming import claim
from autoscaler.execution.events import events
from autoscaler.execution.handover import answered, asked_drains, pinned_plan
from autoscaler.execution.hands import Hands
from autoscaler.execution.marks import StrayMark, remove_marks, stray_marks

__all__ = [
    "Hands",
    "StrayMark",
    "advance",
    "answered",
    "asked_drains",
    "claim",
    "events",
    "pinned_plan",
    "remove_marks",
    "stray_marks",
]
