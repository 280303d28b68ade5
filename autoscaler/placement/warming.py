"""Compiled code made ready beforehand: the first time after an installation that takes half a minute, afterwards a second."""

from dataclasses import replace

from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement.buying import MANY, SOLVER
from autoscaler.placement.engine import place
from autoscaler.placement.problem import Demand, Load, Offer, PoolOptions, Problem


def warm() -> bool:
    """Ask something small of everything that is compiled, so that no tick waits for it; whether there is anything compiled."""
    loads = tuple(
        Load(workload=WorkloadRef(ClusterName("none"), f"w{number}"), shape=Shape(requests=Resources(300 * number, 2**20), max_per_node=9))
        for number in (1, 2, 3)
    )
    offers = tuple(
        Offer(name=OfferingName(f"k{number}"), capacity=Resources(1000 * number, 2**30), price=100 * number - 5) for number in (1, 2, 4)
    )
    pool = PoolOptions(name=PoolName("none"), count=0, min=0, max=10 * MANY, offers=offers)
    asked = Problem(hosts=(), loads=loads, demands=tuple(Demand(workload=one.workload, count=MANY) for one in loads), pools=(pool,))
    for spread in (True, False):
        place(replace(asked, spread=spread))
    return SOLVER
