"""The operations that spread workloads evenly again, on request: a machine that joined late stays empty otherwise.

Where we choose the place of each replica, `relocating` does; where the orchestrator does:
extra replicas, which go where fewest stand -> wait until they serve -> as many from where most stand out of traffic -> give those up;
and once more, where the surge allows less at once than is to move.
"""

from dataclasses import replace

from autoscaler.model.plans import Remark
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import LeaveTraffic, Purpose, SetReplicas
from autoscaler.placement import Host, HostState, Load, Problem, Relocation, level
from autoscaler.planning.closing import as_moves
from autoscaler.planning.drafts import MARGIN, QUICK, START, Draft, DraftStep, last
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.freezing import frozen, frozen_workload
from autoscaler.planning.guards.modes import passive_workload
from autoscaler.planning.placing import leaving_order
from autoscaler.planning.recipes import recipe_for
from autoscaler.planning.relocating import Rebalanced, relocate
from autoscaler.planning.request import Rebalance
from autoscaler.planning.scaling import serve
from autoscaler.planning.targets import Targets

HOW = "surge_and_level"


def rebalance(facts: Facts, targets: Targets, problem: Problem, asked: Rebalance) -> Rebalanced:
    """Operations for workloads that stand unevenly; none while anything is under way or waits for room: it would be in its way."""
    capabilities, cluster = facts.state.capabilities, facts.request.observation.cluster
    recipe = recipe_for(capabilities)
    if recipe is None or (recipe.doubles and capabilities.chosen_victims):
        return Rebalanced(remarks=(Remark(subject=cluster, reasons=(Reason(Code.NO_RECIPE, names=(cluster,)),)),))
    if busy := _busy(facts, problem):
        return Rebalanced(remarks=(Remark(subject=cluster, reasons=(Reason(Code.WAITING, names=busy),)),))
    loads = {load.workload: load for load in problem.loads}
    wanted = sorted(asked.workloads & set(loads) if asked.workloads else loads)
    out = {ref: reasons for ref in wanted if (reasons := _why_not(facts, targets, loads[ref]))}
    said = tuple(Remark(subject=str(ref), reasons=reasons) for ref, reasons in out.items())
    movable = [ref for ref in wanted if ref not in out]
    if not recipe.doubles:
        found = relocate(facts, _without_frozen(facts, problem), frozenset(movable), asked.moves, recipe.name)
        return replace(found, remarks=(*said, *found.remarks))
    return Rebalanced(drafts=tuple(_levelled(facts, problem, asked, movable)), remarks=said)


def _levelled(facts: Facts, problem: Problem, asked: Rebalance, movable: list[WorkloadRef]) -> list[Draft]:
    """One operation per workload."""
    loads = {load.workload: load for load in problem.loads}
    found: dict[WorkloadRef, list[Relocation]] = {}
    for one in level(_without_frozen(facts, problem), asked.moves, {ref: _leaving(facts, ref) for ref in movable}):
        found.setdefault(one.workload, []).append(one)
    return [_draft(facts, loads[ref], moving) for ref, moving in found.items()]


def _busy(facts: Facts, problem: Problem) -> tuple[str, ...]:
    """What is under way, and what waits for room."""
    operations = (one.planned.operation for one in facts.request.commitments.open)
    waiting = (f"scale {one.workload}" for one in (*problem.demands, *problem.later))
    return tuple(dict.fromkeys((*operations, *waiting)))


def _why_not(facts: Facts, targets: Targets, load: Load) -> tuple[Reason, ...]:
    """Why none of it may be moved."""
    ref, target = load.workload, targets.get(load.workload)
    if reasons := load.stuck or frozen_workload(facts, ref) or passive_workload(facts, ref):
        return reasons
    if target is not None and target.decided != target.base:
        return (Reason(Code.WAITING, names=(f"scale {ref}",)),)
    if load.gap:
        return (Reason(Code.GAP_NOT_ALLOWED, names=(str(ref),)),)
    if load.spare < 0:
        return (Reason(Code.FLOOR_BROKEN, (-load.spare,), "replicas", (str(ref),)),)
    return () if load.surge and not load.lent else (Reason(Code.OVER_BUDGET, (load.lent + 1, load.surge), "replicas", (str(ref),)),)


def _leaving(facts: Facts, ref: WorkloadRef) -> tuple[str, ...]:
    """The nodes of those who would go, in that order."""
    nodes = {one.id: one.node.id for one in facts.live(ref) if one.node}
    return tuple(nodes[one] for one in leaving_order(facts, ref) if one in nodes)


def _without_frozen(facts: Facts, problem: Problem) -> Problem:
    """Nothing comes to a machine that somebody froze, or whose pool is."""
    names = {node.ref.id: node.name for node in facts.state.nodes}

    def held(host: Host) -> bool:
        return bool(frozen(facts, frozenset({f"node:{host.key}", f"node:{names.get(host.key, host.key)}", f"pool:{host.pool}"})))

    return replace(problem, hosts=tuple(host._replace(state=HostState.SHUT) if held(host) else host for host in problem.hosts))


def _draft(facts: Facts, load: Load, moves: list[Relocation]) -> Draft:
    """In waves, each of no more than the surge allows."""
    ref, steps, left = load.workload, list[DraftStep](), sum(one.count for one in moves)
    why = Reason(Code.UNEVEN, (left,), "replicas", (str(ref),))
    while left:
        count = min(left, load.surge)
        _wave(facts, ref, count, steps)
        left -= count
    return Draft(operation=f"rebalance {ref}", steps=tuple(steps), workloads=(ref,), moves=as_moves(facts, moves, HOW), reasons=(why,))


def _wave(facts: Facts, ref: WorkloadRef, count: int, steps: list[DraftStep]) -> None:
    """Not before as many serve as the floor and those who leave: whoever is ill already is not waited for."""
    availability, seen = facts.availability(ref), facts.workloads[ref].wanted
    least = availability.least(seen, seen)
    steps.append(_change(ref, seen, count, Purpose.SURGE, steps))
    steps.append(DraftStep(step=serve(facts, ref, least + count), after=last(steps), timeout=START))
    if availability.traffic:
        leave = LeaveTraffic(workload=ref, traffic=availability.traffic, victims=count, purpose=Purpose.GIVE_BACK)
        steps.append(DraftStep(step=leave, after=last(steps), timeout=Duration(availability.drain.ms + MARGIN.ms)))
    steps.append(_change(ref, seen, -count, Purpose.GIVE_BACK, steps))
    if availability.traffic:  # whose replicas are gone leaves its place in rotation
        steps.append(DraftStep(step=serve(facts, ref, least), after=last(steps)))


def _change(ref: WorkloadRef, seen: int, change: int, purpose: Purpose, steps: list[DraftStep]) -> DraftStep:
    return DraftStep(step=SetReplicas(workload=ref, seen=seen, change=change, purpose=purpose), after=last(steps), timeout=QUICK)
