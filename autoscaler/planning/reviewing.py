"""What becomes of each operation of the current plan: kept as it is, finished, taken back, or dropped."""

from dataclasses import dataclass, field

from autoscaler.model.commitments import OPEN, StepRecord, StepStatus
from autoscaler.model.devices import WHOLE
from autoscaler.model.plans import PlannedStep
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, StepId, WorkloadRef
from autoscaler.model.steps import GrowPool, JoinTraffic, LeaveTraffic, StartReplica
from autoscaler.placement import Placement
from autoscaler.planning.deadlines import LAST_MOMENT, Staying, overtaken, taken
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts, ours
from autoscaler.planning.guards.modes import asked, passive_operation
from autoscaler.planning.outbidding import only_fences, why_outbid
from autoscaler.planning.placing import Committed, victims
from autoscaler.planning.replacing import replacing
from autoscaler.planning.scaling import Room
from autoscaler.planning.standing import Operation, operations
from autoscaler.planning.targets import Targets
from autoscaler.planning.undoing import undo_close, undo_move, undo_scale, undo_surge
from autoscaler.planning.waves import Wave, waves


@dataclass(slots=True, kw_only=True)
class Review:
    """The verdict, as it forms: steps kept, operations that take others back, and what may not be planned anew meanwhile."""

    facts: Facts
    operations: dict[str, Operation]
    staying: Staying = field(default_factory=dict)
    kept: dict[str, tuple[PlannedStep, ...]] = field(default_factory=dict)
    undo: list[Draft] = field(default_factory=list)
    again: list[Operation] = field(default_factory=list)
    settled: set[WorkloadRef] = field(default_factory=set)
    under_way: dict[WorkloadRef, int] = field(default_factory=dict)

    def keep(self, operation: Operation, records: tuple[StepRecord, ...] | None = None) -> None:
        """Carry these steps of it (all) into the next plan."""
        found = operation.records if records is None else records
        if found:
            self.kept[operation.name] = tuple(one.planned for one in found)

    @property
    def ids(self) -> frozenset[StepId]:
        """All steps carried over."""
        return frozenset(one.id for steps in self.kept.values() for one in steps)

    @property
    def closing(self) -> frozenset[NodeRef]:
        """Nodes whose closing goes on, as before or planned again from where it stands."""
        names = [*self.kept, *(one.name for one in self.again)]
        nodes = (self.operations[name].node for name in names if self.operations[name].verb == "close")
        return frozenset(node for node in nodes if node is not None)

    @property
    def returning(self) -> dict[NodeRef, str]:
        """Nodes that are being opened again, and by which operation: closing one anew waits for that."""
        kept = {one.node: name for name in self.kept if (one := self.operations[name]).verb in ("undo", "mend")}
        found = kept | {draft.node: draft.operation for draft in self.undo}
        return {node: name for node, name in found.items() if node is not None}

    @property
    def busy(self) -> frozenset[WorkloadRef]:
        """Workloads for which something is done by an operation that goes on."""
        names = [*self.kept, *(one.name for one in self.again)]
        return frozenset(ref for name in names for ref in self.operations[name].workloads)

    def moving(self) -> dict[WorkloadRef, str]:
        """Workloads whose replicas move for an operation that goes on or is taken back."""
        found = [self.operations[name] for name in self.kept] + self.again
        closes = {ref: one.name for one in found if one.verb in ("close", "rebalance", "undo", "mend") for ref in one.workloads}
        return closes | {ref: draft.operation for draft in self.undo for ref in draft.workloads}


def committed(facts: Facts) -> tuple[dict[str, Operation], Committed]:
    """The current plan's operations, and what they mean for nodes, before anything is decided anew."""
    found = operations(facts.request.commitments)
    closes = {one.node: one for one in found.values() if one.verb == "close" and stands(facts, one)}
    firm = frozenset(node for node, one in closes.items() if node and one.firm)
    lost = frozenset(node for node, one in closes.items() if node and not one.firm and given_up(facts, one))
    back = frozenset(one.node for one in found.values() if one.verb in ("undo", "mend") and one.open and one.node)
    soft = frozenset(node for node in closes if node) - firm - lost - back
    outbid = frozenset(node for node, one in closes.items() if node in soft and why_outbid(one))
    return found, Committed(soft=soft, outbid=outbid, firm=firm, returning=(back | lost) - firm)


def stands(facts: Facts, operation: Operation) -> bool:
    """Whether a close has something left to do: steps, or a node that is there and closed by us."""
    machine = facts.machines.get(operation.node) if operation.node else None
    return machine is not None and (operation.open or (ours(machine.node) and not _asked_and_done(facts, operation)))


def given_up(facts: Facts, operation: Operation) -> bool:
    """A close that nothing forces on: a step of it failed, who asked for it asks no more, or the mode is another now."""
    forced = facts.ends_at(operation.node) is not None or taken(facts, operation)
    if not forced and (operation.broken or (operation.on_request and not asked(facts, operation.node))):
        return True
    draft = Draft(operation=operation.name, steps=(), node=operation.node, workloads=tuple(sorted(operation.workloads)))
    return bool(passive_operation(facts, draft))


def moving_before(facts: Facts, found: dict[str, Operation], nodes: Committed) -> dict[WorkloadRef, str]:
    """Workloads whose replicas are on the move as this plan begins."""
    on_move = nodes.soft | nodes.firm | nodes.returning
    back = {ref: one.name for one in found.values() if one.verb in ("undo", "mend") and one.open for ref in one.workloads}
    busy = (one for one in found.values() if one.verb == "close" and one.node in on_move)
    begun = {ref: one.name for one in busy for ref in one.workloads if one.works_on(ref) or facts.surge(ref)}
    spreads = {ref: one.name for one in found.values() if one.verb == "rebalance" and one.open for ref in one.workloads}
    return {ref: name for ref, name in {**begun, **spreads, **back}.items() if ref in facts.workloads}


def review_closes(review: Review, targets: Targets, placement: Placement, nodes: Committed) -> None:
    """Go on where it is still wanted, or where something was stopped; else open the node again."""
    for operation in review.operations.values():
        if operation.verb != "close":
            continue
        if not stands(review.facts, operation):
            gone = operation.node not in review.facts.machines
            if gone and operation.open and not operation.broken:
                review.keep(operation)
        elif operation.node in nodes.firm:
            _go_on(review, operation, outdated=_overtaken(review, targets, placement, operation))
        elif operation.node in nodes.returning or (operation.node and operation.node.id in placement.unfence):
            _take_back(review, targets, operation)
        else:
            _go_on(review, operation, outdated=_outdated(review, targets, placement, operation))


def review_scale(review: Review, targets: Targets, room: dict[WorkloadRef, Room]) -> None:
    """Wave by wave: what is done is simply the count; what was sent ends; what waits is kept if it still leads where it should."""
    for operation in review.operations.values():
        ref = next(iter(operation.workloads), None)
        if operation.verb == "scale" and operation.open and ref is not None and ref in review.facts.workloads:
            _review_scale(review, targets, operation, ref, room.get(ref, Room()))


def review_grow(review: Review, drafts: list[Draft]) -> list[Draft]:
    """Drafts that are not what is being done already; a launch that was sent goes on, those after it while they are still wanted."""
    fresh = {draft.operation: draft for draft in drafts}
    for operation in review.operations.values():
        if operation.verb != "grow" or not operation.open:
            continue
        launching = operation.flying and any(_launches([one]) and one.status in OPEN for one in operation.records)
        if _still_grows(operation, fresh.get(operation.name), launching=launching):
            review.keep(operation)
            fresh.pop(operation.name, None)
        elif launching:
            review.keep(operation, operation.begun)
            fresh.pop(operation.name, None)
    return list(fresh.values())


def review_rest(review: Review) -> None:
    """What mends, undoes, joins, gives back or spreads goes on while it can; what was started for a spreading that broke off goes."""
    for operation in review.operations.values():
        plain = operation.verb in ("undo", "mend", "rotate", "release", "rebalance")
        if plain and operation.open and not operation.broken:
            review.keep(operation)
        elif operation.verb == "rebalance" and operation.broken:
            back = [undo_move(review.facts, operation), *(undo_surge(review.facts, ref) for ref in sorted(operation.surged))]
            review.undo += [draft for draft in back if draft and _anew(review, draft)]


def _anew(review: Review, draft: Draft) -> bool:
    """Whether that is not being done already."""
    under_way = review.operations.get(draft.operation)
    return under_way is None or not under_way.open or under_way.broken


def _go_on(review: Review, operation: Operation, *, outdated: bool = False) -> None:
    if operation.open and not operation.broken and not outdated and not overtaken(review.facts, operation):
        review.keep(operation)
        return
    review.keep(operation, operation.begun)
    review.again.append(operation)


def _outdated(review: Review, targets: Targets, placement: Placement, operation: Operation) -> bool:
    """Its numbers were made for another count, and nothing but its fence rests on them yet; or it does not know what stands there."""
    if _strangers(review, targets, placement, operation) or _hurries(review.facts, operation):
        return True
    return _overtaken(review, targets, placement, operation) or _recounted(review, targets, operation)


def _recounted(review: Review, targets: Targets, operation: Operation) -> bool:
    """Whether another count was decided of a workload that it has not begun with; where it moves together, with any."""
    current = review.facts.request.commitments.plan
    goal = dict(current.goal.replicas) if current else {}
    changed = [ref for ref in operation.workloads if ref in targets and goal.get(ref) != targets[ref].count]
    begun = {ref for ref in operation.workloads if operation.works_on(ref)}
    return bool(changed) and (not begun if not review.facts.state.capabilities.bound else not begun.issuperset(changed))


def _overtaken(review: Review, targets: Targets, placement: Placement, operation: Operation) -> bool:
    """Whether somebody has a device by now that a replacement was to have; where we start each, whether counts are others now."""
    if _device_taken(review.facts, operation):
        return True
    bound = review.facts.state.capabilities.bound
    return bound and (_recounted(review, targets, operation) or _taken_in(review.facts, placement, operation))


def _taken_in(facts: Facts, placement: Placement, operation: Operation) -> bool:
    """Whether it waits to end one whose replacement is one of those that are wanted by now, and another one can come."""
    starts = [(one, one.planned.step) for one in operation.records if isinstance(one.planned.step, StartReplica)]
    coming = {step.instead_of for one, step in starts if one.status in OPEN}
    came = [step for one, step in starts if one.status is StepStatus.DONE and step.instead_of and step.instead_of not in coming]
    there = {one.id for one in facts.live_on(operation.node)} if operation.node and came else set()
    left = {one.workload for one in came if one.instead_of in there and one.instead_of not in replacing(facts, one.workload)}
    return bool(left and left & _movable(placement, operation))


def _movable(placement: Placement, operation: Operation) -> frozenset[WorkloadRef]:
    """Workloads on its node of which somebody has a place elsewhere."""
    return frozenset(one.workload for one in placement.moves if operation.node and one.source == operation.node.id)


def _device_taken(facts: Facts, operation: Operation) -> bool:
    starts = (one.planned.step for one in operation.records if one.status is StepStatus.WAITING)
    named = [one for one in starts if isinstance(one, StartReplica) and one.devices]
    return any(_milli(facts, one.workload) > WHOLE - _in_use(facts, one.node, number) for one in named for number in one.devices)


def _in_use(facts: Facts, node: NodeRef, device: int) -> int:
    return sum(_milli(facts, one.workload) for one in facts.here.get(node, ()) if device in one.devices)


def _milli(facts: Facts, ref: WorkloadRef) -> int:
    """Of each device that one of its replicas has."""
    ask = facts.workloads[ref].shape.device if ref in facts.workloads else None
    return ask.each if ask else 0


def _hurries(facts: Facts, operation: Operation) -> bool:
    """Whether its machine is about to end and somebody still waits for a replacement before it leaves traffic."""
    at = facts.ends_at(operation.node)
    if at is None or at - facts.now > LAST_MOMENT.ms or operation.firm:
        return False
    waiting = (one.planned for one in operation.records if one.status is StepStatus.WAITING)
    leaves = (one for one in waiting if isinstance(one.step, LeaveTraffic) and one.step.node == operation.node)
    return any(Code.NOT_WAITED_FOR not in {why.code for why in one.reasons} and _waits(facts, one) for one in leaves)


def _waits(facts: Facts, planned: PlannedStep) -> bool:
    record = facts.request.commitments.record
    before = (found for one in planned.after if (found := record(one)))
    return any(one.status in OPEN and isinstance(one.planned.step, JoinTraffic) for one in before)


def _strangers(review: Review, targets: Targets, placement: Placement, operation: Operation) -> bool:
    """Whether somebody stands there of whom it does not know; where each needs a place of its own, somebody who has one."""
    facts, stays = review.facts, review.staying.get(operation.node, {}) if operation.node else {}
    going = victims(facts, targets)
    there = {one.workload for one in facts.live_on(operation.node) if one.id not in going} if operation.node else set()
    unknown = there - operation.workloads - stays.keys()
    if unknown and facts.state.capabilities.bound:
        unknown &= _movable(placement, operation)
    return bool(unknown) and not (operation.firm or only_fences(operation))


def _take_back(review: Review, targets: Targets, operation: Operation) -> None:
    if not (operation.touched or _marked(review.facts, operation)):
        return
    code = Code.UNFENCED_BEFORE_LAUNCH if not given_up(review.facts, operation) else Code.SUPERSEDED
    draft = undo_close(review.facts, targets, operation, Reason(code, names=(operation.name,)))
    already = draft and draft.operation in review.operations and review.operations[draft.operation].open
    if draft and not already:
        review.undo.append(draft)


def _marked(facts: Facts, operation: Operation) -> bool:
    machine = facts.machines.get(operation.node) if operation.node else None
    return machine is not None and ours(machine.node)


def _asked_and_done(facts: Facts, operation: Operation) -> bool:
    machine = facts.machines.get(operation.node) if operation.node else None
    done = all(one.status is StepStatus.DONE for one in operation.records)
    if taken(facts, operation):
        return False
    return done and machine is not None and facts.managed_pool(machine.node.ref) is None


def _review_scale(review: Review, targets: Targets, operation: Operation, ref: WorkloadRef, room: Room) -> None:
    parts, wanted = waves(operation), targets[ref].change if ref in targets else None
    kept = [one for wave in parts if (wave.done or wave.flying) and not wave.lost for one in wave.records]
    kept += [one for wave in parts if wave.lost and wave.flying for one in wave.records if one.status in OPEN]
    waiting = [wave for wave in parts if not wave.done and not wave.flying]
    if any(wave.flying for wave in parts):
        review.settled.add(ref)
    leads = waiting and _still_leads(review, wanted, waiting, {one.planned.id for one in operation.records})
    if leads and _as_placed(waiting, room):
        kept += [one for wave in waiting for one in wave.records]
        review.under_way[ref] = sum(wave.change for wave in waiting)
        review.settled.add(ref)
    elif any(wave.left_traffic for wave in waiting):
        draft = undo_scale(review.facts, targets, ref)
        review.undo += [draft] if draft else []
        review.settled.add(ref)
    order = [one.planned.id for one in operation.records]
    if any(one.status in OPEN for one in kept):
        review.keep(operation, tuple(sorted(kept, key=lambda one: order.index(one.planned.id))))


def _still_leads(review: Review, wanted: int | None, waiting: list[Wave], own: set[StepId]) -> bool:
    """It ends where it should, or a scale-down not yet as far; nothing it waits for was dropped."""
    change = sum(wave.change for wave in waiting)
    if wanted is None or any(wave.lost for wave in waiting):
        return False
    exact = wanted == change
    further = change < 0 and wanted < change and any(wave.left_traffic for wave in waiting)
    done = {one.planned.id for one in review.facts.request.commitments.records if one.status is StepStatus.DONE}
    outside = {before for wave in waiting for one in wave.records for before in one.planned.after} - own
    return (exact or further) and outside <= done | review.ids


def _as_placed(waiting: list[Wave], room: Room) -> bool:
    """Where places are ours to choose, they are those that would be chosen now."""
    planned = [wave.places for wave in waiting]
    fresh = [places[:fits] for fits, _, places in room.stages if fits > 0]
    return planned == fresh or not any((*planned, *fresh))


def _still_grows(operation: Operation, fresh: Draft | None, *, launching: bool) -> bool:
    """What it has yet to launch is what a new draft would, or, while one is being launched, that and the rest."""
    waiting = _launches([one for one in operation.records if one.status is StepStatus.WAITING])
    if launching and not waiting:
        return True
    if operation.broken:
        return False
    wanted = [one.step for one in fresh.steps if isinstance(one.step, GrowPool)] if fresh else []
    return waiting == wanted or (launching and _launches([one for one in operation.records if one.status in OPEN]) == wanted)


def _launches(records: list[StepRecord]) -> list[GrowPool]:
    return [one.planned.step for one in records if isinstance(one.planned.step, GrowPool)]
