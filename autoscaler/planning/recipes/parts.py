"""What a recipe is told: the node, and of each workload on it how many, which floor, how much surge."""

from collections.abc import Callable
from dataclasses import dataclass

from autoscaler.model.nodes import Node
from autoscaler.model.observations import Moves
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, NodeRef, PoolName, ReplicaId, TrafficName, WorkloadRef
from autoscaler.model.steps import AwaitHealthy, JoinTraffic
from autoscaler.planning.drafts import START, DraftStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One workload on the node.

    `replicas` stand there, and `seen` is the wanted count; `base` is its count without our surge, `floor` the fewest available
    through all this. `surge` more are started first; `booked` are there for this already; `at_once` may be doubled at a time.
    `elsewhere`: available ones on other nodes. `targets`: where they are to go, one each, and on which `devices`, where those are ours to
    name. `tight`: surge and replacements do not both fit; `homeless`: those that have no place now. `gap`: how long it will be short; 0
    if not at all. `drain`: how long sessions get.
    `replaced`: whose replacements were started already, the first of `replicas`; they have no target, and are not in `elsewhere`.
    `late`: its machine ends before replacements can serve, so they are not waited for.
    `beside`: who here has to stand beside it, and goes before the last of it.
    """

    workload: WorkloadRef
    replicas: tuple[ReplicaId, ...]
    seen: int
    base: int
    floor: int
    surge: int = 0
    booked: int = 0
    at_once: int = 1
    tight: bool = False
    homeless: int = 0
    elsewhere: int = 0
    targets: tuple[str, ...] = ()
    devices: tuple[tuple[int, ...], ...] = ()
    traffic: TrafficName | None = None
    gap: Duration = Duration(0)
    drain: Duration = Duration(30_000)
    replaced: frozenset[ReplicaId] = frozenset()
    late: bool = False
    beside: tuple[WorkloadRef, ...] = ()

    @property
    def extra(self) -> int:
        """What is given back in the end."""
        return self.surge + self.booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptying:
    """A node to empty; `pool` and `instance` when its machine is given back then. `found`: the nodes that targets name.

    `ends`: its cloud takes the machine, so nobody waits for anybody else. `stays`: somebody is left there until then.
    """

    node: Node
    parts: tuple[Part, ...]
    moves: Moves
    pool: PoolName | None = None
    instance: InstanceRef | None = None
    found: tuple[tuple[str, NodeRef], ...] = ()
    ends: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`name` as moves tell it; `doubles`: the surge stands beside the replacements. `expand` makes the steps."""

    name: str
    doubles: bool
    expand: Callable[[Emptying], tuple[DraftStep, ...]]


def serving(part: Part, count: int, off: NodeRef, after: tuple[int, ...]) -> DraftStep:
    """Wait until `count` replicas beside those on `off` serve: in rotation where there is one, else healthy."""
    if part.traffic is None:
        return DraftStep(step=AwaitHealthy(workload=part.workload, count=count, off=off), after=after, timeout=START)
    join = JoinTraffic(workload=part.workload, traffic=part.traffic, count=count, off=off)
    return DraftStep(step=join, after=after, timeout=START)
