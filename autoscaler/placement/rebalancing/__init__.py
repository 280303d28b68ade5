"""Which containers should stand elsewhere: a search over whole clusters, in columns of integers.

`board` is what goes in and comes out, `costing` and `checking` reckon any assignment from nothing. The search itself keeps books
(`loads`, `rules`, `journeys`, `lists`) which compiled kernels write: `reaching` says who can go where at all, `proposing` draws a change,
`annealing` bears it or not, `cooling` says how hot it is, `searching` runs the rounds. The same board, seed, streams and rounds give the
same bytes, compiled or not.
"""

from autoscaler.placement.rebalancing.board import UNLIMITED, Board, Containers, Cost, Costs, Nodes, Rebalanced, Workloads, anywhere
from autoscaler.placement.rebalancing.cooling import WHOLE
from autoscaler.placement.rebalancing.costing import cost
from autoscaler.placement.rebalancing.searching import Call, Runner, of_rounds, one_by_one, rebalance

__all__ = [
    "UNLIMITED",
    "WHOLE",
    "Board",
    "Call",
    "Containers",
    "Cost",
    "Costs",
    "Nodes",
    "Rebalanced",
    "Runner",
    "Workloads",
    "anywhere",
    "cost",
    "of_rounds",
    "one_by_one",
    "rebalance",
]
