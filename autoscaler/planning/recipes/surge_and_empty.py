"""Make room first, then let the orchestrator empty the node: its stop-then-start hurts nobody who is out of traffic.

fence -> surge -> wait until the floor holds without the node -> its replicas out of traffic -> empty it -> wait for the
replacements -> predicted victims out of traffic -> give the surge back. Where the floor holds without a surge there is none.
"""

from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Moves
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import Evacuate, Fence, LeaveTraffic, Purpose, SetReplicas
from autoscaler.planning.drafts import MARGIN, QUICK, START, DraftStep
from autoscaler.planning.recipes.ending import give_away
from autoscaler.planning.recipes.parts import Emptying, Part, serving


def surge_and_empty(emptying: Emptying) -> tuple[DraftStep, ...]:
    """The steps, in an order in which each rests on earlier ones only."""
    steps: list[DraftStep] = []
    _fence(emptying, steps)
    if emptying.node.availability is not NodeAvailability.EMPTYING:
        _leave(emptying, steps, _make_room(emptying, steps))
    _empty(emptying, steps)
    for part in emptying.parts:
        _settle(emptying, part, steps)
    return give_away(emptying, steps)


def _fence(emptying: Emptying, steps: list[DraftStep]) -> None:
    if emptying.node.availability is NodeAvailability.OPEN:
        steps.append(DraftStep(step=Fence(node=emptying.node.ref), timeout=QUICK))


def _make_room(emptying: Emptying, steps: list[DraftStep]) -> list[tuple[int, ...]]:
    """Of each part, the places its leaving waits for, as far as it alone is concerned."""
    first, rooms = _ends(steps), list[tuple[int, ...]]()
    for part in emptying.parts:
        after = first
        if part.surge:
            change = SetReplicas(workload=part.workload, seen=part.seen, change=part.surge, purpose=Purpose.SURGE)
            reason = Reason(Code.STARTS_FIRST, (part.surge, part.floor), "replicas", (str(part.workload),))
            steps.append(DraftStep(step=change, after=first, timeout=QUICK, reasons=(reason,)))
            after = (len(steps) - 1,)
        if part.extra and part.replicas and not part.late:
            # Not "n + surge are there": what must hold is the floor without this node, also if the count was raised meanwhile.
            steps.append(serving(part, part.floor, emptying.node.ref, after))
            after = (len(steps) - 1,)
        rooms.append(first if part.late else after)
    return rooms


def _leave(emptying: Emptying, steps: list[DraftStep], rooms: list[tuple[int, ...]]) -> None:
    first = _ends(steps)
    for part, room in zip(emptying.parts, rooms, strict=True):
        if part.traffic and part.replicas:
            leave = LeaveTraffic(workload=part.workload, traffic=part.traffic, node=emptying.node.ref)
            after = room if emptying.ends else first
            steps.append(DraftStep(step=leave, after=after, timeout=_patience(part), reasons=_why(part)))


def _why(part: Part) -> tuple[Reason, ...]:
    names = (str(part.workload),)
    if part.late:
        return (Reason(Code.NOT_WAITED_FOR, names=names),)
    if part.gap.ms:
        return (Reason(Code.GAP_ALLOWED, (part.gap.ms,), "ms", names),)
    if part.extra:
        return ()
    return (Reason(Code.FLOOR_HOLDS_WITHOUT_SURGE, (part.floor,), "replicas", names),)


def _empty(emptying: Emptying, steps: list[DraftStep]) -> None:
    first = _ends(steps)
    there = tuple(part for part in emptying.parts if part.replicas)
    if not there:
        return
    workloads = tuple(part.workload for part in there)
    reasons = () if all(part.traffic for part in there) else tuple(reason for part in there if not part.traffic for reason in _why(part))
    if emptying.moves is Moves.NODE and emptying.stays:
        return  # it would take all there is; those who left traffic end with the machine
    if emptying.moves is Moves.NODE:
        steps.append(DraftStep(step=Evacuate(node=emptying.node.ref, workloads=workloads), after=first, timeout=START, reasons=reasons))
        return
    for part in there:
        evacuate = Evacuate(node=emptying.node.ref, workloads=(part.workload,), at_once=len(part.replicas))
        steps.append(DraftStep(step=evacuate, after=first, timeout=START, reasons=reasons))


def _settle(emptying: Emptying, part: Part, steps: list[DraftStep]) -> None:
    """Its replacements serve; then the surge goes."""
    emptied = tuple(place for place, one in enumerate(steps) if isinstance(one.step, Evacuate)) or _ends(steps)
    # Where both do not fit, some replacements wait for room, and are first in line when the surge is given back: it is their room.
    count = max(0, part.base - part.homeless) if part.tight else part.base + part.extra
    if part.base:
        steps.append(serving(part, count, emptying.node.ref, emptied))
    if not part.extra:
        return
    after = (len(steps) - 1,)
    if part.traffic:
        leave = LeaveTraffic(workload=part.workload, traffic=part.traffic, victims=part.extra, purpose=Purpose.GIVE_BACK)
        steps.append(DraftStep(step=leave, after=after, timeout=_patience(part)))
        after = (len(steps) - 1,)
    back = SetReplicas(workload=part.workload, seen=part.seen, change=-part.extra, purpose=Purpose.GIVE_BACK)
    steps.append(DraftStep(step=back, after=after, timeout=QUICK))
    if part.traffic:  # whose replicas are gone leaves its place in rotation
        steps.append(serving(part, min(part.floor, count), emptying.node.ref, (len(steps) - 1,)))


def _patience(part: Part) -> Duration:
    return Duration(part.drain.ms + MARGIN.ms)


def _ends(steps: list[DraftStep]) -> tuple[int, ...]:
    """Places of the steps nothing waits for yet."""
    waited = {place for one in steps for place in one.after}
    return tuple(place for place in range(len(steps)) if place not in waited)
