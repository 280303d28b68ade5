"""The operations that change a count: up by waves as room comes, down by predicted victims that left traffic first."""

from collections import defaultdict
from dataclasses import dataclass, replace

from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName, ReplicaId, WorkloadRef
from autoscaler.model.steps import AwaitHealthy, JoinTraffic, LeaveTraffic, Place, SetReplicas, Step
from autoscaler.placement import Assignment, HostState, Placement, Problem
from autoscaler.planning.drafts import MARGIN, QUICK, START, Draft, DraftStep, last
from autoscaler.planning.facts import Facts
from autoscaler.planning.placing import leaving_order
from autoscaler.planning.targets import Target, Targets, floor
from autoscaler.planning.turns import in_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where replicas to come will find room: at once, after machines are opened again (`reopening`), after machines come (`growing`).

    `there` and `back`: the very places of the first two, where they are ours to choose.
    """

    now: int = 0
    returning: int = 0
    coming: int = 0
    reopening: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()
    there: tuple[Place, ...] = ()
    back: tuple[Place, ...] = ()

    @property
    def stages(self) -> tuple[tuple[int, tuple[str, ...], tuple[Place, ...]], ...]:
        """How many, what must have ended before, and where."""
        later = (*self.reopening, *self.growing)
        return (self.now, (), self.there), (self.returning, self.reopening, self.back), (self.coming, later, ())


def rooms(facts: Facts, problem: Problem, placement: Placement) -> dict[WorkloadRef, Room]:
    """Per workload with a demand; what its orchestrator was told already takes the best places."""
    told = {one.workload: one.count for one in problem.demands if one.told}
    names = {node.ref.id: node.name for node in facts.state.nodes}
    states = {host.key: host.state for host in problem.hosts}
    pools: dict[str, PoolName | None] = {host.key: host.pool for host in problem.hosts}
    states |= dict.fromkeys(placement.unfence, HostState.RETURNING)
    pools |= {one.key: one.pool for one in placement.opens}
    given: dict[WorkloadRef, list[Assignment]] = defaultdict(list)
    places: dict[tuple[WorkloadRef, HostState], list[Place]] = defaultdict(list)
    for one in placement.assignments:
        given[one.workload].append(one)
        if one.devices and (node := facts.nodes.get(one.host)):
            places[one.workload, states[one.host]] += [Place(node=node.ref, devices=devices) for devices in one.devices]
    found = {ref: _room(given[ref], told.get(ref, 0), states, pools, names) for ref in sorted(given)}
    if not places:
        return found
    return {
        ref: replace(
            one,
            there=in_turn(facts, problem, ref, places[ref, HostState.OPEN]),
            back=in_turn(facts, problem, ref, places[ref, HostState.RETURNING]),
        )
        for ref, one in found.items()
    }


def reachable(targets: Targets, room: dict[WorkloadRef, Room]) -> Targets:
    """The targets as far as there is room for them."""
    fits = {ref: one.now + one.returning + one.coming for ref, one in room.items()}
    return {
        ref: replace(one, count=one.base + min(one.change, fits.get(ref, 0))) if one.change > 0 else one for ref, one in targets.items()
    }


def scale_up(facts: Facts, target: Target, room: Room, start: int = 0) -> Draft | None:
    """Set what has room now, then the rest as room comes. `start`: replicas of earlier waves that stay under way."""
    steps: list[DraftStep] = []
    left, reached = target.change - start, target.base + start
    for fits, needs, places in room.stages:
        here = min(left, max(0, fits))
        if here > 0:
            left, reached = left - here, reached + here
            _wave(facts, target, (here, reached), needs, steps, places=places[:here])
    return _draft(target, steps)


def scale_down(facts: Facts, targets: Targets, target: Target) -> Draft | None:
    """Victims out of traffic, then the count; what the floor does not let go yet waits for replicas to come back."""
    ref, total = target.workload, -target.change
    first = min(total, _free(facts, ref, floor(facts, targets, ref), total))
    steps: list[DraftStep] = []
    if first:
        _lower(facts, target, first, steps)
    if total - first:
        wait = floor(facts, targets, ref) + total - first
        steps.append(DraftStep(step=serve(facts, ref, wait), after=last(steps), reasons=(_broken(facts, targets, ref),)))
        _lower(facts, target, total - first, steps)
    if facts.availability(ref).traffic:  # whose replicas are gone leaves its place in rotation
        steps.append(DraftStep(step=serve(facts, ref, floor(facts, targets, ref)), after=last(steps)))
    return _draft(target, steps)


def _broken(facts: Facts, targets: Targets, ref: WorkloadRef) -> Reason:
    return Reason(Code.HOLDS_FLOOR, (len(facts.serving[ref]), floor(facts, targets, ref)), "replicas", (str(ref),))


def _free(facts: Facts, ref: WorkloadRef, least: int, total: int) -> int:
    """How many of the first in line may go at once: those that serve nobody anyway, and as many more as the floor spares."""
    serving, order = facts.serving[ref], leaving_order(facts, ref)[:total]
    spare = max(0, len(serving) - least)
    for count, replica in enumerate(order):
        spare -= replica in serving
        if spare < 0:
            return count
    return total  # fewer are there than the count says: the rest ends nobody


def _lower(facts: Facts, target: Target, count: int, steps: list[DraftStep]) -> None:
    ref, availability = target.workload, facts.availability(target.workload)
    after = last(steps)
    if availability.traffic:
        named = _chosen(facts, ref, count, skip=-target.change - count if steps else 0)
        leave = LeaveTraffic(workload=ref, traffic=availability.traffic, victims=0 if named else count, replicas=named)
        patience = Duration(availability.drain.ms + MARGIN.ms)
        steps.append(DraftStep(step=leave, after=after, timeout=patience))
        after = last(steps)
    change = SetReplicas(workload=ref, seen=facts.workloads[ref].wanted, change=-count)
    steps.append(DraftStep(step=change, after=after, timeout=QUICK, reasons=target.reasons))


def _chosen(facts: Facts, ref: WorkloadRef, count: int, *, skip: int) -> tuple[ReplicaId, ...]:
    """Victims by name, where we choose and the orchestrator has no order of its own."""
    if not facts.state.capabilities.chosen_victims or facts.workloads[ref].removal_order:
        return ()
    return leaving_order(facts, ref)[skip : skip + count]


def _wave(
    facts: Facts, target: Target, size: tuple[int, int], needs: tuple[str, ...], steps: list[DraftStep], *, places: tuple[Place, ...]
) -> None:
    """A change of the count, by and to how many, and its replicas' way into rotation. No wave waits for an earlier one to be healthy."""
    ref, (count, reached) = target.workload, size
    change = SetReplicas(workload=ref, seen=facts.workloads[ref].wanted, change=count, places=places)
    before = tuple(place for place, one in enumerate(steps) if isinstance(one.step, SetReplicas))[-1:]
    steps.append(DraftStep(step=change, after=before, needs=needs, timeout=QUICK, reasons=target.reasons))
    steps.append(DraftStep(step=serve(facts, ref, reached), after=last(steps), timeout=START))


def serve(facts: Facts, ref: WorkloadRef, count: int) -> Step:
    """Wait until so many serve: in rotation where there is one, else healthy."""
    traffic = facts.availability(ref).traffic
    if traffic:
        return JoinTraffic(workload=ref, traffic=traffic, count=count)
    return AwaitHealthy(workload=ref, count=count)


def _draft(target: Target, steps: list[DraftStep]) -> Draft | None:
    if not steps:
        return None
    return Draft(operation=f"scale {target.workload}", steps=tuple(steps), workloads=(target.workload,), reasons=target.reasons)


def _room(
    given: list[Assignment], told: int, states: dict[str, HostState], pools: dict[str, PoolName | None], names: dict[str, str]
) -> Room:
    """Split by the state of where it goes; what was told takes from the front."""
    now = returning = coming = 0
    back, comes = set[str](), set[PoolName | None]()
    for one in given:
        state = states.get(one.host, HostState.JOINING)
        if state is HostState.JOINING:
            coming += one.count
            comes.add(pools[one.host])
        elif state is HostState.RETURNING:
            returning += one.count
            back.add(one.host)
        elif state is HostState.OPEN:
            now += one.count
    taken = []
    for part in (now, returning, coming):
        here = min(told, part)
        told -= here
        taken.append(part - here)
    return Room(
        now=taken[0],
        returning=taken[1],
        coming=taken[2],
        reopening=tuple(sorted(f"{verb} {names[key]}" for key in back for verb in ("undo", "mend"))) if back else (),
        growing=tuple(sorted(f"grow {pool}" for pool in comes if pool)),
    )
