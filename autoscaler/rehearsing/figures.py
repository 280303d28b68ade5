"""What came of a replay, in the figures of SPEC's elasticity metrics: how much and how long there was too little or too much.

Source: Herbst et al., Ready for Rain? (SPEC RG, 2016): accuracy and timeshare of under- and over-provisioning; demand is the fewest
replicas that would have done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoscaler.model.quantities import Duration

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """In thousandths of a percent: amounts of what was demanded, times of all the time. `cost`: what served, in thousandths of demand.

    `changes`: of what serves, in thousandths a day. `worst`: the longest time short without a break.
    """

    short_amount: int
    over_amount: int
    short_time: int
    over_time: int
    cost: int
    changes: int
    worst: Duration


def figures(supply: Sequence[int], demand: Sequence[int], every: Duration) -> Figures:
    """Both at each `every`."""
    ticks = len(demand)
    short_time = over_time = worst = run = 0
    lacking = spare = 0.0
    for have, need in zip(supply, demand, strict=True):
        if have < need:
            lacking += (need - have) / need
            short_time += 1
            run += 1
            worst = max(worst, run)
        else:
            run = 0
            spare += (have - need) / need
            over_time += have > need
    changes = sum(one != other for one, other in pairwise(supply))
    return Figures(
        short_amount=round(100_000 * lacking / ticks),
        over_amount=round(100_000 * spare / ticks),
        short_time=round(100_000 * short_time / ticks),
        over_time=round(100_000 * over_time / ticks),
        cost=round(1000 * sum(supply) / sum(demand)),
        changes=round(1000 * changes * DAY_MS / (ticks * every.ms)),
        worst=Duration(worst * every.ms),
    )
