"""Things with replicas, and their replicas, as one orchestrator shows them."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.constraints import Constraint, LabelRule, Labels, Preference, Taint, Toleration, keeps_to, repelled
from autoscaler.model.devices import DeviceAsk
from autoscaler.model.marks import REPLICAS, Mark, mark_of
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import NodeRef, ReplicaId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources


class WorkloadKind(StrEnum):
    """REPLICATED has a count we may set. GLOBAL runs one on every node and ends with it. JOB runs to its end."""

    REPLICATED = "replicated"
    GLOBAL = "global"
    JOB = "job"


class Obstacle(StrEnum):
    """Why a replica cannot be in two places at once, so that moving it needs an opt-in."""

    HOST_PORT = "host_port"
    LOCAL_VOLUME = "local_volume"
    SINGLE_WRITER = "single_writer"
    SINGLETON = "singleton"
    JOB = "job"


class Origin(StrEnum):
    """Where a request comes from: the orchestrator enforces only what is declared to it."""

    DECLARED = "declared"
    MEASURED = "measured"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one replica asks of a node. Replicas refer to it through their workload; they do not copy it.

    `node_rules`: all must be kept by a node, and all of one of `node_terms`, where there are any. `priority`: the higher is placed first.
    `device`: what it asks of the node's devices, beside its requests.
    """

    requests: Resources = NOTHING
    origin: Origin = Origin.DECLARED
    node_rules: tuple[LabelRule, ...] = ()
    host_ports: tuple[int, ...] = ()
    max_per_node: int | None = None
    node_terms: tuple[tuple[LabelRule, ...], ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    preferences: tuple[Preference, ...] = ()
    priority: int = 0
    device: DeviceAsk | None = None

    def may_stand(self, labels: Labels, taints: tuple[Taint, ...] = ()) -> bool:
        """Whether a node with these labels and taints may take replicas at all, whoever stands there."""
        return self.matches(labels) and (not taints or repelled(taints, self.tolerations) is None)

    def matches(self, labels: Labels) -> bool:
        """Whether these labels are what it asks of a node."""
        rules, terms = self.node_rules, self.node_terms
        return (not rules or keeps_to(rules, labels)) and (not terms or any(keeps_to(term, labels) for term in terms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """`wanted` is the count its orchestrator has been told, not the count that runs; `observed` is how many it says there are, if it does.

    `version` is the orchestrator's own token of the specification. `updating`: a roll-out of its owner is under way, which we respect.
    `removal_order`: if the count were lowered by k now, the first k are the replicas the orchestrator would end; empty where we choose.
    `failures`: replicas that ended by themselves or never got healthy, of late.
    """

    ref: WorkloadRef
    wanted: int
    shape: Shape
    kind: WorkloadKind = WorkloadKind.REPLICATED
    version: str = ""
    updating: bool = False
    obstacles: tuple[Obstacle, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    removal_order: tuple[ReplicaId, ...] = ()
    stop_grace: Duration = Duration(10_000)
    failures: int = 0
    marks: tuple[Mark, ...] = ()
    observed: int | None = None


class ReplicaState(StrEnum):
    """WAITING has no node yet. STOPPING is asked to end and may serve still. Ended ones are not shown."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Phase(StrEnum):
    """How far an orchestrator says a replica has come; the words are those of Kubernetes."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether a replica is ready, and since when: its last change. `ready` is None where that cannot be told."""

    ready: bool | None
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a replica and what it requests, in milli-units by metric: `cpu` in cores, `memory` in bytes."""

    name: str
    requests: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """What rules that average over replicas need to know of each, where its orchestrator tells it.

    `requests`: of the replica as a whole, in place of its containers'. `leaving`: it is asked to end.
    """

    phase: Phase = Phase.RUNNING
    readiness: Readiness | None = None
    started_at: Instant | None = None
    leaving: bool = False
    containers: tuple[Container, ...] = ()
    requests: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One running unit. `healthy`: RUNNING and its health check, if it has one, passes. `address` is host:port once it can be reached.

    `devices`: numbers of its node's devices that it uses; none where its orchestrator does not show them: then it may be on any.
    """

    id: ReplicaId
    workload: WorkloadRef
    node: NodeRef | None
    state: ReplicaState
    healthy: bool = False
    address: str = ""
    started_at: Instant = Instant(0)
    lifecycle: Lifecycle | None = None
    devices: tuple[int, ...] = ()


def surge_of(workload: Workload) -> int:
    """Extra replicas of ours in the workload's count, as its mark says; none once somebody else changed the count."""
    mark = mark_of(workload.marks, REPLICAS) if workload.marks else None
    if mark is None or mark.ours != str(workload.wanted):
        return 0
    return workload.wanted - int(mark.was) if mark.was.isdecimal() else 0
