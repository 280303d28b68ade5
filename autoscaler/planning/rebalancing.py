"""The operations that spread workloads evenly again, on request: a machine that joined late stays empty otherwise.

extra replicas, which go where fewest stand -> wait until they serve -> as many from where most stand out of traffic -> give those up;
and once more, where the surge allows less at once than is to move.
"""

from autoscaler.model.plans import Move, Remark
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import AwaitHealthy, JoinTraffic, LeaveTraffic, Purpose, SetReplicas, Step
from autoscaler.placement import Load, Problem, Relocation, level
from autoscaler.planning.drafts import QUICK, START, Draft, DraftStep
from autoscaler.planning.facts import Facts
from autoscaler.planning.recipes import recipe_for
from autoscaler.planning.request import Rebalance
from autoscaler.planning.targets import Targets

HOW = "surge_and_level"
UNSEEN = (Reason(Code.WORKLOAD_UNKNOWN),)
GRACE = Duration(120_000)
"""On top of a workload's own time for open sessions."""


def rebalance(
    facts: Facts, targets: Targets, problem: Problem, asked: Rebalance, busy: frozenset[WorkloadRef]
) -> tuple[list[Draft], list[Remark]]:
    """One operation per workload that stands unevenly. `busy`: those whose replicas move already."""
    recipe = recipe_for(facts.state.capabilities)
    if recipe is None or not recipe.doubles:
        cluster = facts.request.observation.cluster
        return [], [Remark(subject=cluster, reasons=(Reason(Code.NO_RECIPE, names=(cluster,)),))]
    still = frozenset(load.workload for load in problem.loads if _still(facts, targets, load.workload) and load.workload not in busy)
    wanted = still & asked.workloads if asked.workloads else still
    moves = level(problem, asked.moves, wanted) if wanted else ()
    found: dict[WorkloadRef, list[Relocation]] = {}
    for one in moves:
        found.setdefault(one.workload, []).append(one)
    loads = {load.workload: load for load in problem.loads}
    return [_draft(facts, loads[ref], moving) for ref, moving in found.items()], _left(facts, loads, asked, busy)


def _still(facts: Facts, targets: Targets, ref: WorkloadRef) -> bool:
    """Whether its count is as decided: where it changes, its replicas go to the right place by themselves."""
    target = targets.get(ref)
    return ref in facts.workloads and (target is None or target.decided == target.base) and not facts.homeless(ref)


def _left(facts: Facts, loads: dict[WorkloadRef, Load], asked: Rebalance, busy: frozenset[WorkloadRef]) -> list[Remark]:
    """Workloads asked for that may not be moved, and why."""
    wanted = sorted(asked.workloads or loads)
    found = ((ref, _why_not(ref, loads.get(ref), busy) if ref in facts.workloads else UNSEEN) for ref in wanted)
    return [Remark(subject=str(ref), reasons=reasons) for ref, reasons in found if reasons]


def _why_not(ref: WorkloadRef, load: Load | None, busy: frozenset[WorkloadRef]) -> tuple[Reason, ...]:
    if load is None or load.stuck:
        return load.stuck if load else ()
    if ref in busy:
        return (Reason(Code.WAITING, names=(str(ref),)),)
    return () if load.surge > load.lent else (Reason(Code.OVER_BUDGET, (load.lent + 1, load.surge), "replicas", (str(ref),)),)


def _draft(facts: Facts, load: Load, moves: list[Relocation]) -> Draft:
    """In waves, each of no more than the surge allows."""
    ref, steps, left = load.workload, list[DraftStep](), sum(one.count for one in moves)
    why = Reason(Code.UNEVEN, (left,), "replicas", (str(ref),))
    while left:
        count = min(left, load.surge - load.lent)
        _wave(facts, ref, count, steps)
        left -= count
    return Draft(operation=f"rebalance {ref}", steps=tuple(steps), workloads=(ref,), moves=_moves(facts, moves), reasons=(why,))


def _wave(facts: Facts, ref: WorkloadRef, count: int, steps: list[DraftStep]) -> None:
    availability, seen = facts.availability(ref), facts.workloads[ref].wanted
    steps.append(_change(ref, seen, count, Purpose.SURGE, steps))
    steps.append(DraftStep(step=_serve(facts, ref, seen + count), after=_last(steps), timeout=START))
    if availability.traffic:
        leave = LeaveTraffic(workload=ref, traffic=availability.traffic, victims=count, purpose=Purpose.GIVE_BACK)
        steps.append(DraftStep(step=leave, after=_last(steps), timeout=Duration(availability.drain.ms + GRACE.ms)))
    steps.append(_change(ref, seen, -count, Purpose.GIVE_BACK, steps))
    if availability.traffic:  # whose replicas are gone leaves its place in rotation
        steps.append(DraftStep(step=_serve(facts, ref, availability.least(seen, seen)), after=_last(steps)))


def _change(ref: WorkloadRef, seen: int, change: int, purpose: Purpose, steps: list[DraftStep]) -> DraftStep:
    return DraftStep(step=SetReplicas(workload=ref, seen=seen, change=change, purpose=purpose), after=_last(steps), timeout=QUICK)


def _last(steps: list[DraftStep]) -> tuple[int, ...]:
    return (len(steps) - 1,) if steps else ()


def _serve(facts: Facts, ref: WorkloadRef, count: int) -> Step:
    traffic = facts.availability(ref).traffic
    return JoinTraffic(workload=ref, traffic=traffic, count=count) if traffic else AwaitHealthy(workload=ref, count=count)


def _moves(facts: Facts, moves: list[Relocation]) -> tuple[Move, ...]:
    nodes = {node.ref.id: node for node in facts.state.nodes}
    return tuple(
        Move(
            workload=one.workload,
            count=one.count,
            source=nodes[one.source].ref,
            target=nodes[one.target].name,
            expected=True,
            how=HOW,
            gap=Duration(0),
        )
        for one in moves
    )
