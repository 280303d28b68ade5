"""One by one, where we place and stop each replica: the new one serves before the old one leaves traffic and stops."""

from collections.abc import Mapping

from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.steps import Fence, LeaveTraffic, StartReplica, Step, StopReplica
from autoscaler.planning.drafts import MARGIN, QUICK, START, DraftStep
from autoscaler.planning.recipes.ending import give_away
from autoscaler.planning.recipes.parts import Emptying, Part, serving


def replace_each(emptying: Emptying) -> tuple[DraftStep, ...]:
    """The steps; at most `at_once` replicas of a workload are doubled at a time."""
    steps: list[DraftStep] = []
    if emptying.node.availability is NodeAvailability.OPEN:
        steps.append(DraftStep(step=Fence(node=emptying.node.ref), timeout=QUICK))
    fence = (0,) if steps else ()
    gone = dict[WorkloadRef, list[int]]()
    for part in emptying.parts:
        ends: list[int] = []
        for number in range(len(part.replicas)):
            before = (ends[number - part.at_once],) if number >= part.at_once else fence
            _replace(emptying, part, number, steps, before)
            ends.append(len(steps) - 1)
        gone[part.workload] = ends
    for part in emptying.parts:
        _stay(part, gone, steps)
    return give_away(emptying, steps)


def _stay(part: Part, gone: Mapping[WorkloadRef, list[int]], steps: list[DraftStep]) -> None:
    """The last of it goes when those have gone who must stand beside it. Who goes before another one comes waits for nobody."""
    others = [end for ref in part.beside for end in gone.get(ref, ())]
    if others and gone[part.workload] and not _goes_first(part):
        goes = gone[part.workload][-1] - (part.traffic is not None)
        steps[goes] = steps[goes]._replace(after=(*steps[goes].after, *others))


def _goes_first(part: Part) -> bool:
    return bool(part.gap.ms) or not part.surge


def _replace(emptying: Emptying, part: Part, number: int, steps: list[DraftStep], before: tuple[int, ...]) -> None:
    """Start, serve, leave, stop; the other way round where it cannot be in two places."""
    replica = part.replicas[number]
    stop = StopReplica(workload=part.workload, replica=replica)
    comes: list[tuple[Step, Duration] | None] = [*_start(emptying, part, number), None]
    goes: list[tuple[Step, Duration] | None] = [*_leave(part, replica), (stop, QUICK)]
    order = [*goes, *comes] if _goes_first(part) else [*comes, *goes]
    after = before
    for one in order:
        count = part.elsewhere + number + 1
        steps.append(serving(part, count, emptying.node.ref, after) if one is None else _step(part, one, after))
        after = (len(steps) - 1,)


def _step(part: Part, one: tuple[Step, Duration], after: tuple[int, ...]) -> DraftStep:
    reasons = (Reason(Code.GAP_ALLOWED, (part.gap.ms,), "ms", (str(part.workload),)),) if part.gap.ms else ()
    stops = isinstance(one[0], StopReplica)
    return DraftStep(step=one[0], after=after, timeout=one[1], reasons=reasons if stops else ())


def _start(emptying: Emptying, part: Part, number: int) -> list[tuple[Step, Duration]]:
    if part.replicas[number] in part.replaced:
        return []
    place = number - len(part.replaced)
    target, devices = dict(emptying.found)[part.targets[place]], part.devices[place] if part.devices else ()
    return [(StartReplica(workload=part.workload, node=target, instead_of=part.replicas[number], devices=devices), START)]


def _leave(part: Part, replica: ReplicaId) -> list[tuple[Step, Duration] | None]:
    if part.traffic is None:
        return []
    leave = LeaveTraffic(workload=part.workload, traffic=part.traffic, replicas=(replica,))
    return [(leave, Duration(part.drain.ms + MARGIN.ms))]
