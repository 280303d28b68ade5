"""Which containers should stand elsewhere: a search over whole clusters, in columns of integers.

`board` is what goes in and comes out, `costing` and `checking` reckon any assignment from nothing. The search itself keeps books
(`loads`, `rules`, `journeys`, `lists`) which compiled kernels write: `proposing` draws a change, `annealing` bears it or not, `cycles` says
how hot it is, `searching` runs the rounds. The same board, seed, streams and rounds give the same bytes, compiled or not.
"""

from autoscaler.placement.rebalancing.board import UNLIMITED, Board, Containers, Cost, Costs, Nodes, Rebalanced, Workloads, anywhere
from autoscaler.placement.rebalancing.costing import cost
from autoscaler.placement.rebalancing.searching import Call, Runner, one_by_one, rebalance

__all__ = [
    "UNLIMITED",
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
    "one_by_one",
    "rebalance",
]
