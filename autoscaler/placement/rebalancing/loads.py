"""Resources on nodes: what fits, and what load and imbalance cost. Read by each proposal, so small and compiled in place."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.rebalancing.arrays import Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.compiling import kernel, part
from autoscaler.placement.rebalancing.costing import usage


class Loads(NamedTuple):
    """`requests[C + 1, R]` and `home[C + 1]`: the last row is nobody, who asks for nothing and is nowhere at home.

    So one function serves shifts, swaps and chains. `limit[N, R]`: capacity, or what was used at the start where that was more.
    `used[N, R]`: by who stands there; `held[N, R]`: also by who has left, where what they took is `transient[R]`.
    """

    requests: Ints
    home: Ints
    limit: Ints
    comfort: Ints
    capacity: Ints
    weight: Ints
    transient: Ints
    balances: Ints
    used: Ints
    held: Ints
    cost: Ints


def loads(board: Board) -> Loads:
    """Everyone at home."""
    who, nodes = board.containers, board.nodes
    used = usage(board, who.node)
    made = Loads(
        requests=np.vstack([who.requests, np.zeros_like(who.requests[:1])]).astype(np.int64),
        home=np.append(who.node, -1).astype(np.int64),
        limit=np.maximum(nodes.capacity, used),
        comfort=np.ascontiguousarray(nodes.comfort, np.int64),
        capacity=np.ascontiguousarray(nodes.capacity, np.int64),
        weight=board.costs.load.astype(np.int64),
        transient=board.transient.astype(np.int64),
        balances=np.ascontiguousarray(board.costs.balances, np.int64).reshape(-1, 4),
        used=used,
        held=used.copy(),
        cost=np.zeros(len(used), np.int64),
    )
    price_all(made)
    return made


@part
def fits(loads: Loads, node: int, leaver: int, comer: int) -> bool:
    """Whether the node can hold `comer` in the place of `leaver`, transient resources included."""
    # Whoever leaves home goes on holding what is transient there, and whoever comes home holds it already.
    stays, held_already = loads.home[leaver] == node, loads.home[comer] == node
    for resource in range(loads.weight.shape[0]):
        more, less = loads.requests[comer, resource], loads.requests[leaver, resource]
        if loads.transient[resource]:
            more = 0 if held_already else more
            less = 0 if stays else less
        if loads.held[node, resource] + more - less > loads.limit[node, resource]:
            return False
    return True


@part
def dearer(loads: Loads, node: int, leaver: int, comer: int) -> int:
    """How much dearer the node gets when `leaver` makes way for `comer`."""
    total = -loads.cost[node]
    for resource in range(loads.weight.shape[0]):
        change = loads.requests[comer, resource] - loads.requests[leaver, resource]
        total += loads.weight[resource] * max(0, loads.used[node, resource] + change - loads.comfort[node, resource])
    for row in range(loads.balances.shape[0]):
        first, second = loads.balances[row, 0], loads.balances[row, 1]
        change_first = loads.requests[comer, first] - loads.requests[leaver, first]
        change_second = loads.requests[comer, second] - loads.requests[leaver, second]
        free_first = loads.capacity[node, first] - loads.used[node, first] - change_first
        free_second = loads.capacity[node, second] - loads.used[node, second] - change_second
        total += loads.balances[row, 3] * max(0, loads.balances[row, 2] * free_first - free_second)
    return total


@part
def carry(loads: Loads, who: int, node: int, sign: int) -> None:
    """It comes to the node (1) or leaves it (-1)."""
    at_home = loads.home[who] == node
    for resource in range(loads.weight.shape[0]):
        amount = sign * loads.requests[who, resource]
        loads.used[node, resource] += amount
        if not (at_home and loads.transient[resource]):
            loads.held[node, resource] += amount


@kernel
def price_all(loads: Loads) -> None:
    """Each node's cost from what is used of it."""
    nobody = len(loads.home) - 1
    for node in range(len(loads.cost)):
        loads.cost[node] += dearer(loads, node, nobody, nobody)
