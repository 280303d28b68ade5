"""The order of planning: what stands, what should be, where it fits, what becomes of what was begun, what is new, what is forbidden."""

from collections import defaultdict
from dataclasses import dataclass, replace

from autoscaler.model.nodes import Node
from autoscaler.model.plans import Goal, Move, Plan, PlannedStep, Remark, Withheld
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, ReplicaId, StepId, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Fence, SetReplicas
from autoscaler.placement import KeepGoing, Placement, Problem, Relocation, always, place
from autoscaler.planning.closing import Closing, Weighing, cause, close, keeping_minimum, needed, short, superfluous
from autoscaler.planning.deadlines import Staying, notices, staying, taken
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts
from autoscaler.planning.fingerprint import fingerprint
from autoscaler.planning.growing import grow
from autoscaler.planning.guards import Guarded, guard, hold_back
from autoscaler.planning.linking import NO_ID, carried, linked, named, together, withheld
from autoscaler.planning.mending import mend, release_failed
from autoscaler.planning.outbidding import bidding, coming, lost, put_off, too_early, why_outbid, without_swap
from autoscaler.planning.placing import Committed, problem, victims
from autoscaler.planning.pricing import price_after, price_before, price_bound
from autoscaler.planning.rebalancing import rebalance
from autoscaler.planning.recommending import recommendations
from autoscaler.planning.request import PlanRequest, Rebalance
from autoscaler.planning.reviewing import (
    Review,
    committed,
    moving_before,
    review_closes,
    review_grow,
    review_rest,
    review_scale,
)
from autoscaler.planning.rotating import rotate, starved
from autoscaler.planning.scaling import Room, reachable, rooms, scale_down, scale_up
from autoscaler.planning.standing import Operation
from autoscaler.planning.summary import goal, pool_changes, remarks, workload_changes
from autoscaler.planning.targets import Targets, targets
from autoscaler.planning.undoing import undo_surplus

BACK = ("undo ", "mend ")
"""Operations that bring things back to where they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """Everything found before operations are drafted."""

    facts: Facts
    targets: Targets
    nodes: Committed
    problem: Problem
    placement: Placement
    room: dict[WorkloadRef, Room]
    staying: Staying
    said: tuple[Remark, ...] = ()


def plan(request: PlanRequest, keep_going: KeepGoing = always) -> Plan:
    """What to do now. The plan being carried out, unchanged, while it still leads to the wanted end.

    `keep_going`: asked with the number of candidates tried, it ends the search for machines to spare; the plan says how many it was.
    """
    state = request.observation.state
    if isinstance(state, Unknown):
        return _blind(request, state)
    facts = Facts.gather(request, state)
    found, nodes = committed(facts)
    goals = targets(facts, moving_before(facts, found, nodes))
    asked = problem(facts, goals, nodes)
    if request.rebalance:
        return _spread(facts, goals, asked, request.rebalance)
    asked = replace(asked, bidding=coming(facts))
    placed = place(asked, keep_going, at_rest=lambda: bidding(facts, goals))
    room = rooms(facts, asked, placed)
    world = _World(
        facts=facts, targets=reachable(goals, room), nodes=nodes, problem=asked, placement=placed, room=room, staying=staying(facts, placed)
    )
    early = too_early(facts, placed)
    return _plan(_put_off(world, early) if early else world, found)


def _put_off(world: _World, why: tuple[Reason, ...]) -> _World:
    """Nothing is replaced now."""
    said = put_off(world.facts, world.placement, why)
    return replace(world, placement=without_swap(world.placement), said=tuple(said))


def _plan(world: _World, found: dict[str, Operation]) -> Plan:
    review = Review(facts=world.facts, operations=found, staying=world.staying)
    review_rest(review)
    review_closes(review, world.targets, world.placement, world.nodes)
    closings, said = _closings(world, review)
    # Who is outbid stands open until what takes its place has come, and counts as long.
    leaving = (review.closing | {one.node.ref for one in closings if not one.outbid}) - world.nodes.outbid
    grows = review_grow(review, grow(world.facts, world.problem, world.placement, leaving))
    review_scale(review, world.targets, world.room)
    drafts, more = _drafts(world, review, grows, closings)
    review.kept, held = hold_back(world.facts, review.kept)
    kept = guard(world.facts, drafts, closing=review.closing, going_on=frozenset(one.name for one in review.again))
    if why := lost(world.facts, world.placement, kept):
        return _plan(_put_off(world, why), found)
    said = [*world.said, *world.facts.request.undecided, *notices(world.facts, world.staying), *said, *more, *recommendations(world.facts)]
    return _same_or_new(world, review, kept, said, held)


def _spread(facts: Facts, goals: Targets, asked: Problem, wanted: Rebalance) -> Plan:
    """What spreads workloads evenly, and nothing beside it: there is none while anything else is under way, and no count changes."""
    found = rebalance(facts, goals, asked, wanted)
    world = _World(facts=facts, targets={}, nodes=Committed(), problem=asked, placement=Placement(rounds=found.rounds), room={}, staying={})
    return named(_made(world, Review(facts=facts, operations={}), guard(facts, found.drafts, closing=frozenset()), list(found.remarks), []))


def _closings(world: _World, review: Review) -> tuple[list[Closing], list[Remark]]:
    """Those whose closing is planned again from where it stands, then nodes to begin closing: what is new waits for what was begun."""
    facts, going = world.facts, victims(world.facts, world.targets)
    begin, said = superfluous(facts, world.placement, review.closing)
    moving, back = review.moving(), review.returning
    # What its cloud takes is fenced at once, whoever moves: its moves come after those, as with any two closes.
    later = {node.ref for node in begin if node.ref in back or (facts.ends_at(node.ref) is None and _busy(facts, node, moving))}
    moves = _by_source(world.placement)
    begun, weigh, swap = [], Weighing.of(world.problem), world.placement.swap
    outbid = dict.fromkeys(swap.closes, swap.reason) if swap else {}
    fresh = (_closing(world, node, moves, going, outbid=outbid.get(node.ref.id)) for node in begin if node.ref not in later)
    new = [weigh.told(one) for one in fresh]
    said += [Remark(subject=f"node:{node.name}", reasons=_waits(facts, node, moving, back)) for node in begin if node.ref in later]
    for operation in review.again:
        machine = facts.machines[operation.node] if operation.node else None
        if machine:
            settles = _to_give_back(facts, operation)
            again = _closing(world, machine.node, moves, going, settles=settles, outbid=why_outbid(operation))
            begun.append(replace(again, taken=taken(facts, operation)))
    return begun + new, said


def _by_source(placement: Placement) -> dict[str, list[Relocation]]:
    found: dict[str, list[Relocation]] = defaultdict(list)
    for one in placement.moves:
        found[one.source].append(one)
    return found


def _closing(
    world: _World,
    node: Node,
    moves: dict[str, list[Relocation]],
    going: frozenset[ReplicaId],
    *,
    settles: tuple[WorkloadRef, ...] = (),
    outbid: Reason | None = None,
) -> Closing:
    why, stays = outbid or cause(world.facts, node), frozenset(world.staying.get(node.ref, ()))
    tight = frozenset(ref for key, ref in world.placement.tight if key == node.ref.id)
    return Closing(node=node, moves=tuple(moves[node.ref.id]), going=going, settles=settles, tight=tight, reasons=(why,), stays=stays)


def _to_give_back(facts: Facts, operation: Operation) -> tuple[WorkloadRef, ...]:
    return tuple(sorted(ref for ref in operation.surged if facts.surge(ref)))


def _busy(facts: Facts, node: Node, moving: dict[WorkloadRef, str]) -> bool:
    return any(one.workload in moving for one in facts.live_on(node.ref))


def _waits(facts: Facts, node: Node, moving: dict[WorkloadRef, str], back: dict[NodeRef, str]) -> tuple[Reason, ...]:
    if node.ref in back:
        return (Reason(Code.WAITING, names=(back[node.ref],)),)
    names = sorted({moving[one.workload] for one in facts.live_on(node.ref) if one.workload in moving})
    return (Reason(Code.WAITING, names=tuple(names)),)


def _drafts(world: _World, review: Review, grows: list[Draft], closings: list[Closing]) -> tuple[list[Draft], list[Remark]]:
    """All new operations: first what mends, then what grows, then what shrinks, then what joins."""
    facts = world.facts
    explained = review.closing | world.nodes.returning | {one.node.ref for one in closings}
    explained |= {one.node for one in review.undo if one.node}
    mends = mend(facts, frozenset(explained), frozenset(review.moving()))
    ups, downs = _scales(world, review)
    closes, said = _closes(world, review, closings, [*ups, *downs], grows)
    drafts = [*mends, *review.undo, *_new(review, release_failed(facts)), *grows, *ups, *downs, *closes]
    drafts += undo_surplus(facts, review.busy | {ref for one in drafts for ref in one.workloads})
    joins = {ref for name in review.kept if name.startswith(BACK) for ref in review.operations[name].workloads}
    joins -= starved(facts.request.commitments)
    joins |= {ref for one in drafts for ref in one.workloads if one.operation.startswith(BACK) or _joins_at_once(one)}
    drifts, left_out = rotate(facts, review.ids)
    rotates = [one for one in drifts if not joins & set(one.workloads)]
    return _new(review, drafts, again=True) + _new(review, rotates), said + left_out


def _new(review: Review, drafts: list[Draft], *, again: bool = False) -> list[Draft]:
    """Those that are not under way already; a scale may go on beside its own earlier waves, a close from where it stands."""
    more = ("scale", "close", "undo") if again else ()
    return [one for one in drafts if one.operation not in review.kept or one.verb in more]


def _scales(world: _World, review: Review) -> tuple[list[Draft], list[Draft]]:
    facts, room = world.facts, world.room
    order = {one.workload: place for place, one in enumerate(reversed(world.placement.assignments))}
    wanted = sorted(world.targets.items(), key=lambda pair: (-order.get(pair[0], -1), pair[0]))  # the largest first, as they were placed
    changing = [one for ref, one in wanted if one.change and ref not in review.settled]
    joins = dict(world.placement.joins)
    ups = [
        _joining(scale_up(facts, one, room.get(one.workload, Room())), joins.get(one.workload, ())) for one in changing if one.change > 0
    ]
    downs = [scale_down(facts, world.targets, one) for one in changing if one.change < 0]
    return [one for one in ups if one], [one for one in downs if one]


def _joining(draft: Draft | None, others: tuple[WorkloadRef, ...]) -> Draft | None:
    """Who has to stand beside others comes after them."""
    return draft.needing([f"scale {one}" for one in others]) if draft and others else draft


def _closes(
    world: _World, review: Review, closings: list[Closing], scales: list[Draft], grows: list[Draft]
) -> tuple[list[Draft], list[Remark]]:
    """One change per workload at a time: after its scaling, after other closes that share one; beside them otherwise."""
    found = [close(world.facts, world.targets, one) for one in closings]
    drafts = [one for one in found if isinstance(one, Draft)]
    names = [one.operation for one in drafts]
    kept_scales = {name: review.operations[name].workloads for name in review.kept if name.startswith("scale ")}
    kept_closes = {name: review.operations[name].workloads for name in review.kept if name[:6] == "close " and name not in names}
    shrinking = {name for name in kept_scales if any(getattr(one.step, "change", 0) < 0 for one in review.kept[name])}
    growing = frozenset([one.operation for one in grows] + [name for name in review.kept if name.startswith("grow ")])
    linked_up, earlier = list[Draft](), dict[WorkloadRef, str]()
    there, shut = {node.name for node in world.facts.state.nodes}, tuple(sorted(set(names)))
    for draft in drafts:
        own = set(draft.workloads)
        before = {earlier[ref] for ref in own if ref in earlier}  # the last; it comes after all before it
        if not all(isinstance(one.step, Fence) for one in draft.steps):  # one that only fences waits for nobody
            earlier.update(dict.fromkeys(own, draft.operation))
        before |= {one.operation for one in scales if own & set(one.workloads) or _shrinks(one)}
        before |= {name for name, refs in kept_closes.items() if own & refs}
        before |= shrinking | {name for name, refs in kept_scales.items() if own & refs}
        # What its cloud takes waits for no machine: where there is room already it goes there, and what is asked for is first in line.
        if grows and world.facts.ends_at(draft.node) is None and any(move.target not in there for move in draft.moves):
            before |= {one.operation for one in grows}
        outbid = any(why.code is Code.OUTBID for why in draft.reasons)
        linked_up.append(draft.needing(before, fenced=shut if own else (), opened=growing if outbid else ()))
    safe = keeping_minimum(world.facts, linked_up, review.closing, growing)
    late = [Remark(subject=str(ref), reasons=(why,)) for one in safe for ref, why in one.late]
    return safe, [one for one in found if isinstance(one, Remark)] + late


def _joins_at_once(draft: Draft) -> bool:
    """A scale-up with room now: its first steps join whoever is healthy."""
    return draft.verb == "scale" and not draft.steps[0].needs and not _shrinks(draft)


def _shrinks(draft: Draft) -> bool:
    return any(getattr(one.step, "change", 0) < 0 for one in draft.steps)


def _same_or_new(world: _World, review: Review, guarded: Guarded, said: list[Remark], held: list[Withheld]) -> Plan:
    """The plan being carried out when nothing of it changes; else the new one."""
    current = world.facts.request.commitments.plan
    under_way = {one.planned.id for one in world.facts.request.commitments.open}
    made = _made(world, review, guarded, said, held)
    if current is None or guarded.stays or not under_way <= review.ids:
        return named(made)
    if under_way or review.kept or (not current.steps and _alike(made, current)):
        return _with_needs(current, made, grown_only=bool(current.steps))
    return named(made)


def _alike(one: Plan, other: Plan) -> bool:
    return (one.goal, one.withheld == (), one.remarks) == (other.goal, other.withheld == (), other.remarks)


def _with_needs(current: Plan, made: Plan, *, grown_only: bool) -> Plan:
    """The very same plan; but pools that have use for more nodes than when it was made say so, for their histories' sake."""
    before, now = dict(current.needed), dict(made.needed)
    merged = {pool: max(count, before.get(pool, 0)) if grown_only else count for pool, count in now.items()}
    return current if merged == before else replace(current, needed=tuple(sorted(merged.items())))


def _made(world: _World, review: Review, guarded: Guarded, said: list[Remark], held: list[Withheld]) -> Plan:
    facts, before = world.facts, carried(world.facts, review.kept)
    commitments = facts.request.commitments
    fresh = linked(guarded.stays, before, commitments)
    closing = _closed_by(review, guarded)
    steps = together(before, fresh, commitments, short(facts, closing))
    moves = _moves(review, guarded, world)
    out = withheld(guarded.out, commitments, len(fresh) + 1)
    return Plan(
        id=NO_ID,
        cluster=facts.request.observation.cluster,
        made_at=facts.now,
        goal=goal(facts, world.targets, steps, closing),
        steps=steps,
        workloads=workload_changes(facts, world.targets, steps, moves),
        pools=pool_changes(facts, steps, world.placement, closing),
        moves=moves,
        price_before=price_before(facts),
        price_after=price_after(facts, steps, world.placement),
        bound=price_bound(facts, steps, world.placement),
        fingerprint=fingerprint(facts, steps),
        remarks=remarks(facts, world.targets, world.placement, said),
        withheld=(*held, *out, *_not_all_the_way(world, len(fresh) + len(out) + 1)),
        rounds=world.placement.rounds,
        needed=_needed(world, review),
    )


def _needed(world: _World, review: Review) -> tuple[tuple[PoolName, int], ...]:
    gone = frozenset(ref for ref in review.closing if ref.id not in world.placement.closes)
    return tuple(sorted(needed(world.facts, without_swap(world.placement), gone).items()))


def _closed_by(review: Review, guarded: Guarded) -> frozenset[NodeRef]:
    kept = (review.operations[name].node for name in review.kept if name.startswith("close "))
    fresh = (one.node for one in guarded.stays if one.verb == "close")
    return frozenset(node for node in (*kept, *fresh) if node)


def _moves(review: Review, guarded: Guarded, world: _World) -> tuple[Move, ...]:
    """Those of new operations, and of kept ones as they were planned."""
    fresh = [move for draft in guarded.stays for move in draft.moves]
    current, again = world.facts.request.commitments.plan, {move.source for move in fresh}
    kept = _closed_by(review, guarded) - again
    return (*(move for move in (current.moves if current else ()) if move.source in kept), *fresh)


def _not_all_the_way(world: _World, first: int) -> tuple[Withheld, ...]:
    """The part of each decided change that a guard keeps back."""
    found = []
    for number, (ref, target) in enumerate(sorted(world.targets.items())):
        if target.withheld:
            seen = world.facts.workloads[ref].wanted
            step = SetReplicas(workload=ref, seen=seen, change=target.held_back)
            planned = PlannedStep(id=StepId(f"{NO_ID}.{first + number}"), step=step, operation=f"scale {ref}")
            found.append(Withheld(step=planned, reasons=target.withheld))
    return tuple(found)


def _blind(request: PlanRequest, why: Unknown) -> Plan:
    """The cluster could not be read: nothing new, and nothing given up."""
    current = request.commitments.plan
    if current is not None and request.commitments.open:
        return current
    remark = Remark(subject=request.observation.cluster, reasons=(Reason(why.why, names=(request.observation.cluster,)),))
    empty = Plan(
        id=NO_ID,
        cluster=request.observation.cluster,
        made_at=request.observation.at,
        goal=Goal(),
        steps=(),
        workloads=(),
        pools=(),
        moves=(),
        price_before=Money(0),
        price_after=Money(0),
        fingerprint="",
        remarks=(remark,),
    )
    return named(empty)
