"""Who goes first where we choose: whoever does least, and of those the ones whose zone has most of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from autoscaler.model.constraints import NODE, TopologySpread
from autoscaler.model.nodes import Node
from autoscaler.model.refs import NodeRef, ReplicaId
from autoscaler.model.workloads import Replica, Shape

Domains = tuple[str | None, ...]
"""Where a replica stands, by each spread of its workload; None where it is in no domain."""


def in_order(
    replicas: Iterable[Replica], does: Callable[[Replica], tuple[bool, ...]], shape: Shape, at: Callable[[NodeRef], Node | None]
) -> tuple[ReplicaId, ...]:
    """By what each `does`, least first; among alike by how full its domains still are when those before it have gone, then the youngest.

    `at`: the node, if it was seen.
    """
    order = sorted(replicas, key=lambda one: (*does(one), -one.started_at, one.id))
    topologies = tuple(one.topology for one in shape.constraints if isinstance(one, TopologySpread))
    if not topologies:
        return tuple(one.id for one in order)
    stands = {one.id: _domains(at(one.node) if one.node else None, topologies) for one in order}
    standing = Counter(pair for found in stands.values() for pair in enumerate(found))
    return tuple(one for _, alike in groupby(order, does) for one in _fullest_first([each.id for each in alike], stands, standing))


def _fullest_first(
    order: list[ReplicaId], stands: Mapping[ReplicaId, Domains], standing: Counter[tuple[int, str | None]]
) -> list[ReplicaId]:
    """`standing` goes down as they go."""
    queues, found = defaultdict[Domains, list[tuple[int, ReplicaId]]](list), list[ReplicaId]()
    for place, one in enumerate(order):
        queues[stands[one]].append((-place, one))
    for queue in queues.values():
        queue.reverse()
    while queues:
        fullest = max(queues, key=lambda each: ([standing[pair] for pair in enumerate(each)], queues[each][-1]))
        found.append(queues[fullest].pop()[1])
        standing.subtract(enumerate(fullest))
        if not queues[fullest]:
            del queues[fullest]
    return found


def _domains(node: Node | None, topologies: tuple[str, ...]) -> Domains:
    if node is None:
        return (None,) * len(topologies)
    return tuple(node.ref.id if topology == NODE else dict(node.labels).get(topology) for topology in topologies)
