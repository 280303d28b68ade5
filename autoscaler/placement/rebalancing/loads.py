"""Resources on nodes: what fits, and what load and imbalance cost. Read by each proposal, so small and compiled in place."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel, part
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.costing import held, usage


class Loads(NamedTuple):
    """`requests[C + 1, R]` and `home[C + 1]`: the last row is nobody, who asks for nothing and is nowhere at home.

    So one function serves shifts, swaps and chains. `limit[N, R]`: capacity, or what was used at the start where that was more.
    `used[N, R]`: by who stands there; `held[N, R]`: also by who has left, where what they took is `transient[R]`. `cost[N]` is of load
    and imbalance, and `toll[R]` for each unit held above a limit.
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
    toll: Ints


def loads(board: Board, node: Ints) -> Loads:
    """Of containers that stand at `node[C]`; `price` reckons the costs."""
    who, nodes = board.containers, board.nodes
    used = usage(board, node)
    return Loads(
        requests=np.vstack([who.requests, np.zeros_like(who.requests[:1])]).astype(np.int64),
        home=np.append(who.node, -1).astype(np.int64),
        limit=np.maximum(nodes.capacity, usage(board, who.node)),
        comfort=np.ascontiguousarray(nodes.comfort, np.int64),
        capacity=np.ascontiguousarray(nodes.capacity, np.int64),
        weight=board.costs.load.astype(np.int64),
        transient=board.transient.astype(np.int64),
        balances=np.ascontiguousarray(board.costs.balances, np.int64).reshape(-1, 4),
        used=used,
        held=held(board, node),
        cost=np.zeros(len(used), np.int64),
        toll=np.zeros(used.shape[1], np.int64),
    )


@part
def dearer(loads: Loads, node: int, leaver: int, comer: int) -> int:
    """How much dearer the node gets when `leaver` makes way for `comer`."""
    total: int = -loads.cost[node]
    # Whoever leaves home goes on holding what is transient there, and whoever comes home holds it already.
    stays, held_already = int(loads.home[leaver] == node), int(loads.home[comer] == node)
    for resource in range(loads.weight.shape[0]):
        more, less, transient = loads.requests[comer, resource], loads.requests[leaver, resource], loads.transient[resource]
        total += loads.weight[resource] * max(0, loads.used[node, resource] + more - less - loads.comfort[node, resource])
        held = loads.held[node, resource] + more * (1 - transient * held_already) - less * (1 - transient * stays)
        total += loads.toll[resource] * max(0, held - loads.limit[node, resource])
    for row in range(loads.balances.shape[0]):
        first, second = loads.balances[row, 0], loads.balances[row, 1]
        free_first = _free(loads, node, leaver, comer, first)
        total += loads.balances[row, 3] * max(0, loads.balances[row, 2] * free_first - _free(loads, node, leaver, comer, second))
    return total


@part
def _free(loads: Loads, node: int, leaver: int, comer: int, resource: int) -> int:
    used = loads.used[node, resource] + loads.requests[comer, resource] - loads.requests[leaver, resource]
    free: int = loads.capacity[node, resource] - used
    return free


@part
def carry(loads: Loads, who: int, node: int, sign: int) -> None:
    """It comes to the node (1) or leaves it (-1)."""
    at_home = loads.home[who] == node
    for resource in range(loads.weight.shape[0]):
        amount = sign * loads.requests[who, resource]
        loads.used[node, resource] += amount
        if not (at_home and loads.transient[resource]):
            loads.held[node, resource] += amount


@part
def reprice(loads: Loads, node: int) -> None:
    """The node's cost, from what is used and held of it."""
    nobody = len(loads.home) - 1
    loads.cost[node] += dearer(loads, node, nobody, nobody)


@kernel
def price(loads: Loads) -> None:
    """As `reprice`, of all nodes: the toll has changed."""
    for node in range(len(loads.cost)):
        reprice(loads, node)
