"""A placement of W1 in the words of `checking`."""

from collections import Counter
from collections.abc import Sequence

from autoscaler.model.refs import OfferingName
from autoscaler.placement import Placement
from benchmarks.karpenter.checking import Machine, Standing, broken
from benchmarks.karpenter.cluster import offerings, workloads
from benchmarks.karpenter.w1 import TYPES, Pod


def judged(some: Sequence[Pod], found: Placement, types: int = TYPES) -> Counter[str]:
    """What is wrong with it; empty where all is well."""
    sold = {one.name: one for one in offerings(types)}
    pods = {ref: pod for pod, ref in workloads(some).items()}

    def bought(name: OfferingName) -> Machine:
        one = sold[name]
        return Machine(zone=one.zone, cpu=one.capacity.cpu, memory=one.capacity.memory, pods=one.capacity.of("pods"))

    machines = {one.key: bought(one.offering) for one in found.opens}
    standing = (Standing(pod=pods[one.workload], machine=one.host, count=one.count) for one in found.assignments)
    return broken(some, machines, standing)
