"""How long one plan takes. Apart from the command, so that a process of its own finds it by name."""

import gc
import time

from autoscaler.cli.collecting import collect_seldom
from autoscaler.model.plans import Plan
from autoscaler.planning.planner import plan
from autoscaler.planning.request import PlanRequest
from benchmarks.karpenter.cluster import mixed
from benchmarks.karpenter.w1 import pods


def spent(made: PlanRequest) -> tuple[float, float, Plan]:
    """Seconds of the processor, and by the clock."""
    gc.collect()
    began, before = time.monotonic(), time.process_time()
    found = plan(made)
    return time.process_time() - before, time.monotonic() - began, found


def first(count: int) -> tuple[float, float]:
    """Of the first plan in this process, which collects as the command's does."""
    collect_seldom()
    seconds, wall, _ = spent(mixed(pods(count)))
    return seconds, wall
