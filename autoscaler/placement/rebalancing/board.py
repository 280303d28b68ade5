"""What is to be rebalanced: containers on nodes, in columns; and what was found.

Letters name the lengths: C containers, N nodes, R resources, W workloads, B balances, K kinds of containers, D dependencies.
"""

from dataclasses import dataclass, field

import numpy as np

from autoscaler.placement.arrays import Bools, Ints, Whole

UNLIMITED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """`capacity[N, R]` is never exceeded; load above `comfort[N, R]` costs. `zone[N]` and `neighbourhood[N]` count from 0.

    `distance[N, N]`: what moving a container from the first to the second costs; of 32 bits it takes half the room.
    """

    capacity: Ints
    comfort: Ints
    zone: Ints
    neighbourhood: Ints
    distance: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Workloads:
    """At most `most[W]` containers on one node; at least `zones[W]` different zones.

    A row (a, b) of `depends[D, 2]`: in each neighbourhood in which a container of workload a stands, one of b must stand, too.
    """

    most: Ints
    zones: Ints
    depends: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """Where each stands (`node[C]`), its `workload[C]`, its `requests[C, R]`, what a move of it costs (`price[C]`).

    `pinned[C]` may not move. `kind[C]` names a row of the board's `allowed`.
    """

    node: Ints
    workload: Ints
    requests: Ints
    price: Ints
    pinned: Bools
    kind: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What counts how much.

    `load[R]`: a unit above the comfort of a node. `balances[B, 4]`: rows of (first, second, target, weight), where each unit by which the
    free amount of the second resource is below `target` times that of the first costs `weight`. `move`, `distance`: factors of the
    prices of moved containers and of the distances they go. `workload`: each container moved of the workload with the most of them.
    """

    load: Ints
    balances: Ints
    move: int
    distance: int
    workload: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A whole cluster at one instant.

    `transient[R]`: what a moving container takes from its old and its new node until it has moved. `allowed[K, N]`: where a kind may go;
    who stands elsewhere may stay. `most_moves`: how many containers may end up elsewhere. What is broken at the start (a node over its
    capacity, too few zones) may stay as it is; it never gets worse.
    """

    nodes: Nodes
    workloads: Workloads
    containers: Containers
    costs: Costs
    transient: Bools
    allowed: Bools
    most_moves: int = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A whole assignment's, term by term."""

    load: int
    balance: int
    moves: int
    distance: int
    workloads: int
    total: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.load + self.balance + self.moves + self.distance + self.workloads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalanced:
    """`node[C]`: where each container should stand, and what that costs; `rounds` done, and whether by compiled kernels."""

    node: Ints
    cost: Cost
    rounds: int
    compiled: bool


def anywhere(nodes: int) -> Bools:
    """One kind of containers, which may stand on each node."""
    return np.ones((1, nodes), np.bool_)
