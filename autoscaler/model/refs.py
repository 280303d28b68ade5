"""Names of things, typed, so that a node's name never lands where a pool's is meant."""

from dataclasses import dataclass, field
from typing import NamedTuple, NewType, Self

from autoscaler.errors import PolicyError

ClusterName = NewType("ClusterName", str)
PoolName = NewType("PoolName", str)
PolicyName = NewType("PolicyName", str)
TrafficName = NewType("TrafficName", str)
SourceName = NewType("SourceName", str)
MetricName = NewType("MetricName", str)
QueueName = NewType("QueueName", str)
OfferingName = NewType("OfferingName", str)
BUILT_IN_METRICS = (MetricName("cpu"), MetricName("memory"))
"""Every orchestrator knows them by itself: the replicas' average share of what they request."""

ReplicaId = NewType("ReplicaId", str)
"""What the orchestrator calls one running unit: a Swarm task, a pod's uid."""
PlanId = NewType("PlanId", str)
StepId = NewType("StepId", str)
DecisionId = NewType("DecisionId", str)
StoreId = NewType("StoreId", str)
Token = NewType("Token", str)
"""An idempotency token: the same token asks for the same thing once."""


# A named tuple: a plan looks hundreds of thousands of them up, and tuples are hashed and compared without running Python.
class WorkloadRef(NamedTuple):
    """`shop/web`: the cluster, then the orchestrator's own path, which may hold slashes."""

    cluster: ClusterName
    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `cluster/path`; PolicyError without a slash."""
        cluster, slash, path = text.partition("/")
        if not (cluster and slash and path):
            raise PolicyError(f"{text[:60]!r} is not a workload", hint="write cluster/name, as in shop/web")
        return cls(ClusterName(cluster), path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.cluster}/{self.path}"


@dataclass(frozen=True, slots=True, order=True)
class NodeRef:
    """A machine as its orchestrator sees it: its id there, and the incarnation (join time) that tells a namesake apart.

    `name` is for people: two refs that differ only in it are the same node.
    """

    id: str
    incarnation: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.name or self.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, slots=True, order=True)
class InstanceRef:
    """A machine as its cloud sees it: its id there, and its boot."""

    id: str
    incarnation: str

    def __str__(self) -> str:
        return self.id
