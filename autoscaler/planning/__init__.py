"""Decisions and placement into a plan: pure. Nothing here can write, and nothing here remembers.

`plan` answers a request; `records` says what the journal must hold once the answer is adopted; `conditions` judge single steps.
"""

from autoscaler.planning.journal import records, supersedes
from autoscaler.planning.planner import plan
from autoscaler.planning.request import PlanRequest

__all__ = ["PlanRequest", "plan", "records", "supersedes"]
