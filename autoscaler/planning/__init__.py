"""Decisions and placement into a plan: pure. Nothing here can write, and nothing here remembers.

`plan` answers a request; `records` says what the journal must hold once the answer is adopted; `held` which steps of any plan a guard
would not let begin now; `fingerprint_of` whether a saved plan is still of this world; `conditions` judge single steps.
"""

from autoscaler.planning.facts import ours
from autoscaler.planning.fingerprint import fingerprint_of
from autoscaler.planning.guards import held
from autoscaler.planning.journal import records, supersedes
from autoscaler.planning.planner import plan
from autoscaler.planning.request import PlanRequest, Rebalance

__all__ = ["PlanRequest", "Rebalance", "fingerprint_of", "held", "ours", "plan", "records", "supersedes"]
