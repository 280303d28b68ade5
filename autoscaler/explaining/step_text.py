"""What a step does, in one clause."""

from collections import Counter

from autoscaler.explaining.amounts import plural
from autoscaler.model.refs import NodeRef
from autoscaler.model.steps import (
    AwaitHealthy,
    AwaitNode,
    Evacuate,
    Fence,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    Place,
    Purpose,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StartReplica,
    Step,
    StopReplica,
    Undo,
    Unfence,
)

PURPOSES = {Purpose.SCALE: "", Purpose.SURGE: ", for a while", Purpose.GIVE_BACK: ", giving the extra ones back"}


OfMachines = GrowPool | AwaitNode | ReleaseInstance | Fence | Unfence | RemoveNode
OfReplicas = SetReplicas | StartReplica | AwaitHealthy | StopReplica | Evacuate


def step_as_text(step: Step) -> str:
    """One clause, beginning with a verb: `grow pool general from 2 to 3 machines`."""
    match step:
        case Undo():
            return f"set {step.field} of {step.object} back from {step.ours} to {step.was}, if it is still ours"
        case JoinTraffic():
            return f"put {step.workload} into rotation at {step.traffic} until {step.count} {_are(step.count)} in it{_off(step.off)}"
        case LeaveTraffic():
            return f"take {_leaving(step)} of {step.workload} out of rotation at {step.traffic}, and let open requests finish"
        case GrowPool() | AwaitNode() | ReleaseInstance() | Fence() | Unfence() | RemoveNode():
            return _of_machines(step)
        case _:
            return _of_replicas(step)


def _of_machines(step: OfMachines) -> str:
    match step:
        case GrowPool():
            kind = f", by {step.offering}" if step.offering else ""
            return f"grow pool {step.pool} from {step.seen} to {plural(step.wanted, 'machine')}{kind}"
        case AwaitNode():
            return f"wait until {plural(step.count, 'node')} of pool {step.pool} {_are(step.count)} ready"
        case ReleaseInstance():
            return f"give machine {step.instance} back to pool {step.pool}, once it is seen empty"
        case Fence():
            return f"fence node {step.node}: it takes no more replicas"
        case Unfence():
            return f"open node {step.node} again"
        case RemoveNode():
            return f"remove node {step.node} from the cluster"


def _of_replicas(step: OfReplicas) -> str:
    match step:
        case SetReplicas():
            return f"{_set(step)}{PURPOSES[step.purpose]}"
        case StartReplica():
            instead = f", in place of {step.instead_of}" if step.instead_of else ""
            return f"start a replica of {step.workload} on {step.node}{_devices(step.devices)}{instead}"
        case AwaitHealthy():
            return f"wait until {plural(step.count, 'replica')} of {step.workload} {_are(step.count)} healthy{_off(step.off)}"
        case StopReplica():
            return f"stop replica {step.replica} of {step.workload}"
        case Evacuate():
            return f"let {', '.join(map(str, step.workloads))} leave node {step.node}{_at_once(step)}"


def _set(step: SetReplicas) -> str:
    if step.change >= 0:
        return f"add {plural(step.change, 'replica')} to {step.workload} ({step.seen} seen){_places(step.places)}"
    return f"take {plural(-step.change, 'replica')} from {step.workload} ({step.seen} seen)"


def _places(places: tuple[Place, ...]) -> str:
    """How many on each node, and of those on which devices."""
    found = Counter(places)
    each = (f"{count} on {one.node}{_devices(one.devices)}" for one, count in found.items())
    return f": {', '.join(each)}" if places else ""


def _devices(devices: tuple[int, ...]) -> str:
    if not devices:
        return ""
    return f" (device{'s' if len(devices) > 1 else ''} {' and '.join(map(str, devices))})"


def _leaving(step: LeaveTraffic) -> str:
    if step.node:
        return f"the replicas on {step.node}"
    if step.victims:
        return f"the {plural(step.victims, 'replica')} to go next"
    return plural(len(step.replicas), "replica")


def _at_once(step: Evacuate) -> str:
    return f", {step.at_once} at a time" if step.at_once else ""


def _off(node: NodeRef | None) -> str:
    return f", not counting {node}" if node else ""


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
