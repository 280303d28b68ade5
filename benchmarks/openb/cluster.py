"""The lists as a cluster that a tick would observe: nodes with devices, a workload for each class, one value per replica."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.model.decisions import Decision
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Moves, Observation
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Bounds, Mode
from autoscaler.model.refs import ClusterName, NodeRef, PolicyName, ReplicaId, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Place, SetReplicas
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler.planning import PlanRequest, plan
from benchmarks.clusters import GAPLESS, MANY, NO_LIMITS, NOW
from benchmarks.openb.trace import Trace

OPENB, GPU, MIB = ClusterName("openb"), "nvidia.com/gpu", 2**20
OURS = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True, names_devices=True)
"""Of an orchestrator that lets us choose machine and device of each replica."""


def node_ref(number: int) -> NodeRef:
    """Names in the order of the list."""
    return NodeRef(f"n{number:05}", "1")


def workload_of(one: int) -> WorkloadRef:
    """Of a class."""
    return WorkloadRef(OPENB, f"c{one:03}")


def nodes_of(trace: Trace) -> tuple[Node, ...]:
    """Ready and open; a device's product is its node's kind."""
    return tuple(
        Node(
            ref=node_ref(number),
            name=node_ref(number).id,
            state=NodeState.READY,
            availability=NodeAvailability.OPEN,
            capacity=Resources(int(cpu), int(memory) * MIB),
            devices=(Device(GPU, str(kind)),) * int((devices > 0).sum()),
        )
        for number, ((cpu, memory), devices, kind) in enumerate(
            zip(trace.nodes.free, trace.nodes.devices, trace.nodes.kind.tolist(), strict=True)
        )
    )


def shapes_of(trace: Trace) -> dict[WorkloadRef, Shape]:
    """Of each class."""
    asks = zip(trace.classes.requests.tolist(), range(len(trace.classes)), strict=True)
    return {workload_of(one): Shape(requests=Resources(cpu, memory * MIB), device=_device(trace, one)) for (cpu, memory), one in asks}


def _device(trace: Trace, one: int) -> DeviceAsk | None:
    classes = trace.classes
    if not classes.milli[one]:
        return None
    products = () if classes.allowed[one].all() else tuple(str(kind) for kind in classes.allowed[one].nonzero()[0].tolist())
    return DeviceAsk(kind=GPU, whole=int(classes.whole[one]), share=int(classes.share[one]), products=products)


@dataclass
class Cluster:
    """What stands by now. Plans are made of all that is seen, as a tick makes them, and followed at once."""

    trace: Trace
    nodes: tuple[Node, ...] = ()
    shapes: dict[WorkloadRef, Shape] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)
    counts: Counter[WorkloadRef] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """As the lists are."""
        self.nodes, self.shapes = nodes_of(self.trace), shapes_of(self.trace)

    def tick(self, coming: Mapping[WorkloadRef, int]) -> list[tuple[WorkloadRef, Place]]:
        """So many more are wanted: where the plan has them start. Those that it has no room for are asked for no more."""
        made = plan(self.request(coming))
        started = [(one, place) for one, place in started_by(made)]
        for ref, place in started:
            self._start(ref, place)
        return started

    def request(self, coming: Mapping[WorkloadRef, int]) -> PlanRequest:
        """All that a tick would know."""
        state = ClusterState(
            identity="openb",
            read_at=NOW,
            capabilities=OURS,
            workloads=tuple(Workload(ref=ref, wanted=self.counts[ref], shape=shape) for ref, shape in self.shapes.items()),
            nodes=self.nodes,
            replicas=tuple(self.replicas),
        )
        policies = tuple(
            Policy(name=PolicyName(ref.path), workload=ref, bounds=Bounds(min=0, max=MANY), rules=(), availability=GAPLESS)
            for ref in self.shapes
        )
        return PlanRequest(
            observation=Observation(cluster=OPENB, at=NOW, state=state),
            decisions=tuple(_decision(ref, self.counts[ref], self.counts[ref] + more) for ref, more in coming.items()),
            policies=ClusterPolicies(cluster=OPENB, policies=policies, limits=NO_LIMITS),
        )

    def _start(self, ref: WorkloadRef, place: Place) -> None:
        number = len(self.replicas)
        one = Replica(
            id=ReplicaId(f"r{number:06}"),
            workload=ref,
            node=place.node,
            state=ReplicaState.RUNNING,
            healthy=True,
            started_at=NOW,
            devices=place.devices,
        )
        self.replicas.append(one)
        self.counts[ref] += 1


def started_by(made: Plan) -> list[tuple[WorkloadRef, Place]]:
    """Which replicas start where, by its steps."""
    steps = (one.step for one in made.steps)
    return [(step.workload, place) for step in steps if isinstance(step, SetReplicas) for place in step.places]


def _decision(ref: WorkloadRef, current: int, count: int) -> Decision:
    return Decision(
        policy=PolicyName(ref.path),
        workload=ref,
        at=NOW,
        mode=Mode.ACTIVE,
        current=current,
        recommended=count,
        eventually=count,
        count=count,
        votes=(),
        stages=(),
    )
