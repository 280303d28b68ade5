"""What a pool that may not act would do: the same planning, as if everything might."""

from dataclasses import replace

from autoscaler.model.decisions import Decision, Stage
from autoscaler.model.plans import Remark
from autoscaler.model.policies import Mode
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import PoolName
from autoscaler.placement import place
from autoscaler.planning.closing import needed
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.modes import CODES
from autoscaler.planning.placing import Committed, problem
from autoscaler.planning.request import PlanRequest
from autoscaler.planning.targets import targets


def recommendations(facts: Facts) -> list[Remark]:
    """One remark per pool whose count would be another if its mode allowed."""
    modes = {one.spec.name: one.spec.mode for one in facts.request.policies.pools if one.spec.mode is not Mode.ACTIVE}
    if not modes:
        return []
    counts = _as_if_active(facts)
    found = ((pool, modes[pool], counts[pool], facts.pools[pool].wanted) for pool in sorted(modes) if pool in counts)
    return [
        Remark(subject=f"pool:{pool}", reasons=(Reason(CODES[mode], (count,), "nodes", (pool,)),))
        for pool, mode, count, now in found
        if count != now and not (mode is Mode.SCALE_OUT_ONLY and count > now)
    ]


def _as_if_active(facts: Facts) -> dict[PoolName, int]:
    free = Facts.gather(_all_active(facts.request), facts.state)
    placed = place(problem(free, targets(free, {}), Committed()))
    return needed(free, placed, frozenset())


def _all_active(request: PlanRequest) -> PlanRequest:
    policies = request.policies
    return replace(
        request,
        decisions=tuple(_unmoded(one) for one in request.decisions),
        policies=replace(
            policies,
            policies=tuple(replace(one, mode=Mode.ACTIVE) for one in policies.policies),
            pools=tuple(replace(one, spec=replace(one.spec, mode=Mode.ACTIVE)) for one in policies.pools),
        ),
    )


def _unmoded(decision: Decision) -> Decision:
    """The count before the last stage looked at the mode."""
    before = next((stage.before for stage in decision.stages if stage.stage is Stage.MODE), decision.count)
    return replace(decision, count=before)
