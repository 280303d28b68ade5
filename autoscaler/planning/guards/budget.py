"""So many nodes closing at once."""

from autoscaler.model.reasons import Code, Reason
from autoscaler.planning.facts import Facts


def over_budget(facts: Facts, closing: int) -> tuple[Reason, ...]:
    """One more than `closing` would be more than the policy allows."""
    most = facts.request.policies.limits.closing_at_once
    return (Reason(Code.OVER_BUDGET, (closing, most), "nodes"),) if closing >= most else ()
