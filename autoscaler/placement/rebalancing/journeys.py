"""What being away from home costs."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints, Whole
from autoscaler.placement.compiling import part
from autoscaler.placement.rebalancing.board import Board


class Journeys(NamedTuple):
    """`home[C + 1]`, and `price[C + 1]` multiplied by its factor; `distance[N, N]` is the board's own, for it may be large.

    Nobody, the last, travels free.
    """

    home: Ints
    price: Ints
    distance: Whole
    factor: int


def journeys(board: Board) -> Journeys:
    """The board's."""
    return Journeys(
        home=np.append(board.containers.node, -1).astype(np.int64),
        price=np.append(board.containers.price.astype(np.int64) * board.costs.move, 0),
        distance=np.ascontiguousarray(board.nodes.distance),
        factor=board.costs.distance,
    )


@part
def fare(journeys: Journeys, who: int, old: int, new: int) -> int:
    """How much dearer its journey gets when it goes from `old` to `new`."""
    home = journeys.home[who]
    return _away(journeys, who, home, new) - _away(journeys, who, home, old)


@part
def _away(journeys: Journeys, who: int, home: int, node: int) -> int:
    return 0 if node == home or home < 0 else journeys.price[who] + journeys.factor * int(journeys.distance[home, node])
