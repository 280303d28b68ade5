"""Tasks as replicas. What has ended is not shown; what is asked to end is, until it has."""

from collections.abc import Mapping
from dataclasses import dataclass

from autoscaler.model.nodes import Node, NodeState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import NodeRef, ReplicaId, WorkloadRef
from autoscaler.model.workloads import Replica, ReplicaState
from autoscaler_docker.fields import Json, moment, number, rows, text
from autoscaler_docker.victims import Live

UNPLACED = frozenset({"", "new", "allocated", "pending"})
ENDED = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
FAILED = frozenset({"failed", "rejected"})
KEPT = frozenset({"new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"})
ENDING = frozenset({"shutdown", "remove", "failed", "rejected", "orphaned"})
RECENT = Duration(600_000)
"""How long ago a failure still counts as of late."""


@dataclass(frozen=True, slots=True)
class Place:
    """The workload a task belongs to, and the container port it is reached at (0: the first that is published)."""

    workload: WorkloadRef
    port: int = 0


def is_shown(task: Json) -> bool:
    """Not what has ended, nor what was called off before it came to a node."""
    state = _state(task)
    return state not in ENDED and not (state in UNPLACED and text(task, "DesiredState") in ENDING)


def is_kept(task: Json) -> bool:
    """Whether Swarm means the task to run."""
    return text(task, "DesiredState") in KEPT


def live(task: Json) -> Live:
    """What foretelling a scale-down needs of a task."""
    return Live(id=ReplicaId(text(task, "ID")), slot=number(task, "Slot"), node=text(task, "NodeID"), running=_state(task) == "running")


def failures(tasks: list[Json], now: Instant, *, meant_to_end: bool) -> int:
    """How many ended by themselves of late, or never came up.

    A task whose health check fails is complete, not failed, if its program obeys SIGTERM: only a job is meant to be that.
    """
    bad = FAILED if meant_to_end else FAILED | {"complete"}
    return sum(_state(task) in bad and moment(task, "Status", "Timestamp") >= now - RECENT.ms for task in tasks)


def replica(task: Json, place: Place, nodes: Mapping[str, Node]) -> Replica:
    """A task that is shown. On a node that is down it runs on for all Swarm knows, but nobody can call it healthy."""
    node = nodes.get(text(task, "NodeID"))
    state = _replica_state(task)
    return Replica(
        id=ReplicaId(text(task, "ID")),
        workload=place.workload,
        node=_node_ref(text(task, "NodeID"), node),
        state=state,
        healthy=state is ReplicaState.RUNNING and node is not None and node.state is NodeState.READY,
        address=address(task, place.port, node),
        started_at=moment(task, "Status", "Timestamp") if _state(task) == "running" else moment(task, "CreatedAt"),
    )


def address(task: Json, port: int, node: Node | None) -> str:
    """host:port of the container port `port`, or of the first one that its engine has published; empty until then."""
    published = [one for one in rows(task, "Status", "PortStatus", "Ports") if number(one, "PublishedPort")]
    meant = [one for one in published if port in (0, number(one, "TargetPort"))]
    if not meant or node is None or not node.address:
        return ""
    host = f"[{node.address}]" if ":" in node.address else node.address
    return f"{host}:{number(meant[0], 'PublishedPort')}"


def _node_ref(known: str, node: Node | None) -> NodeRef | None:
    if node is not None:
        return node.ref
    return NodeRef(known, "") if known else None  # removed from the list while the task is still shown there


def _replica_state(task: Json) -> ReplicaState:
    if text(task, "DesiredState") in ENDING:
        return ReplicaState.STOPPING
    if not text(task, "NodeID"):
        return ReplicaState.WAITING
    return ReplicaState.RUNNING if _state(task) == "running" else ReplicaState.STARTING


def _state(task: Json) -> str:
    return text(task, "Status", "State")
