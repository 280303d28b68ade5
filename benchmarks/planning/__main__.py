"""`python -m benchmarks.planning`: how long it takes from what is seen to a finished plan.

W4: Cluster Autoscaler's estimator, 51,000 replicas onto 2,595 machines (9.4 s of a core there). W3: what-ifs on 1,000 machines of ten
replicas each, half full (Karpenter's consolidation: 135 ms of a core each). W5: Cluster Autoscaler's own loop, up (10,000 replicas wait,
200 machines are needed) and down (240 of 400 machines can go). Last, 50 of 5,000 machines with 50,000 replicas are to be emptied. Each
runs from the values that are observed to the finished plan. Beside them the command on a recorded cluster, as a process of its own.
"""

import gc
import resource
import time
from statistics import median

from autoscaler.cli.collecting import collect_seldom
from autoscaler.model.plans import Plan
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Money
from autoscaler.model.refs import OfferingName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.planning.planner import plan
from autoscaler.planning.request import PlanRequest
from benchmarks.clusters import EVICTABLE, SHOP, nodes, replica, request
from benchmarks.planning.recorded import measure
from benchmarks.reporting import about, write

GIB = 2**30


def main() -> None:
    """Print and keep the figures."""
    collect_seldom()
    figures: dict[str, object] = dict(about())
    for name, made in (("w4", estimated()), ("w3", whatifs(1000)), ("w5_up", loop_up()), ("w5_down", loop_down()), ("fifty", fifty(5000))):
        seconds, first, found = timed(made)
        steps, closes = len(found.steps), sum(len(one.closes) for one in found.pools)
        opens = sum(count for one in found.pools for _, count in one.opens)
        print(f"{name}: {seconds:.3f} s, the first time {first:.3f} s; {steps} steps, {opens} machines opened, {closes} closed")
        figures[name] = {"seconds": round(seconds, 4), "first": round(first, 4), "steps": steps, "opens": opens, "closes": closes}
    figures["recorded"] = found_at = measure(machines=1000)
    print(f"recorded: {found_at['seconds']} s, by the clock {found_at['wall']} s; {found_at['kilobytes']} kB. {found_at['says']}")
    figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{figures['megabytes']} MB at most")
    write("planning", figures)


def timed(made: PlanRequest) -> tuple[float, float, Plan]:
    """Processor seconds, median of five after the first; the first; the plan."""
    seconds = []
    for _ in range(6):
        gc.collect()
        began = time.process_time()
        found = plan(made)
        seconds.append(time.process_time() - began)
    return median(seconds[1:]), seconds[0], found


def whatifs(count: int) -> PlanRequest:
    """W3: machines of 16 cores, ten replicas of ten workloads on each, half full."""
    kind = offering("sixteen", 16_000, 32 * GIB)
    workloads = {WorkloadRef(SHOP, f"d{number}"): Shape(requests=Resources(800, 1600 * 2**20)) for number in range(10)}
    there, refs = nodes(count, kind), list(workloads)
    replicas = tuple(replica(number, refs[number % 10], there[number // 10]) for number in range(10 * count))
    return request(workloads, replicas, there, (kind,), keeps=EVICTABLE)


def estimated() -> PlanRequest:
    """W4: 50,000 small replicas and 1,000 twice as large; a hundred of any fit on a machine, and nothing is there."""
    room, kinds = Resources(1000, 5000, (("pods", 100),)), (("small", 50, 100, 50_000), ("large", 95, 190, 1000))
    kind = Offering(name=OfferingName("one"), capacity=room, price=Money(20_000))
    shapes = {WorkloadRef(SHOP, name): Shape(requests=Resources(cpu, memory, (("pods", 1),))) for name, cpu, memory, _ in kinds}
    refs = [ref for ref, (*_, count) in zip(shapes, kinds, strict=True) for _ in range(count)]
    replicas = tuple(replica(number, ref, None) for number, ref in enumerate(refs))
    return request(shapes, replicas, (), (kind,), most=3000)


def loop_up() -> PlanRequest:
    """W5: 10,000 replicas wait; fifty fit on a machine."""
    ref, kind = WorkloadRef(SHOP, "web"), offering("ten", 10_000, 10_000)
    replicas = tuple(replica(number, ref, None) for number in range(10_000))
    return request({ref: Shape(requests=Resources(200, 200))}, replicas, (), (kind,), most=10_000)


def loop_down() -> PlanRequest:
    """W5: 400 machines with forty replicas of a hundredth each."""
    ref, kind = WorkloadRef(SHOP, "web"), offering("ten", 10_000, 10_000)
    there = nodes(400, kind)
    replicas = tuple(replica(number, ref, there[number // 40]) for number in range(16_000))
    return request({ref: Shape(requests=Resources(100, 100))}, replicas, there, (kind,), keeps=EVICTABLE)


def fifty(count: int) -> PlanRequest:
    """Fifty machines are asked to be emptied, of many that hold ten replicas of a hundred workloads each."""
    kind = offering("sixteen", 16_000, 32 * GIB)
    workloads = {WorkloadRef(SHOP, f"d{number}"): Shape(requests=Resources(1200, 2400 * 2**20)) for number in range(100)}
    there, refs = nodes(count, kind), list(workloads)
    replicas = tuple(replica(number, refs[(number * 7) % 100], there[number // 10]) for number in range(10 * count))
    drains = frozenset(one.name for one in there[:: count // 50])
    return request(workloads, replicas, there, (kind,), least=count - len(drains), drains=drains)


def offering(name: str, cpu: int, memory: int) -> Offering:
    """A kind of machine at a price that goes with its size."""
    return Offering(name=OfferingName(name), capacity=Resources(cpu, memory), price=Money(cpu * 20))


if __name__ == "__main__":
    main()
