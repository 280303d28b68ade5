"""What a step's call touches: while the outcome of one call is unknown, no other goes to the same object."""

from autoscaler.model.steps import (
    Evacuate,
    Fence,
    GrowPool,
    JoinTraffic,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StartReplica,
    Step,
    StopReplica,
    Undo,
    Unfence,
)

Touched = frozenset[tuple[str, str]]


def touched(step: Step) -> Touched:
    """The objects, by kind and name. Leaving a rotation is not among them: it names single addresses and is harmless when repeated.

    A joining looks for who is missing, and two at a time would both put them in.
    A release touches its machine, not its pool's count: machines are released by id, and growing never waits for a shrink.
    """
    names: tuple[tuple[str, str], ...] = ()
    match step:
        case GrowPool():
            names = (("pool", step.pool),)
        case ReleaseInstance():
            names = (("instance", step.instance.id),)
        case Fence() | Unfence() | RemoveNode() | Evacuate():
            names = (("node", step.node.id),)
        case SetReplicas():
            names = (("count", str(step.workload)),)
        case StartReplica():
            names = (("start", f"{step.workload} {step.node}"),)
        case StopReplica():
            names = (("replica", step.replica),)
        case JoinTraffic():
            names = (("joining", str(step.workload)),)
        case Undo():
            names = (("node", step.object), ("count", step.object))
        case _:
            pass
    return frozenset(names)
