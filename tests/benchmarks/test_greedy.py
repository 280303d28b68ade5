"""The baseline others' ways are held against: it packs all that can be packed, and nothing that may not stand together."""

import numpy as np
import pytest

from benchmarks.baselines.greedy import UNLIMITED, Packing, Stock, greedy, unconstrained

REQUESTS = np.array([[600, 1], [400, 3], [100, 1]])
CAPACITY = np.array([[1000, 4], [4000, 8]])
PRICE = np.array([10, 45])


def stock(*, allowed: list[list[bool]] | None = None, most: int = UNLIMITED) -> Stock:
    """Thirty replicas of three classes; `most` of the third on one node."""
    return Stock(
        requests=REQUESTS,
        counts=np.array([10, 10, 10]),
        capacity=CAPACITY,
        price=PRICE,
        allowed=np.array(allowed) if allowed else np.ones((3, 2), np.bool_),
        adds=np.array([[0], [0], [1]]),
        limits=np.array([[UNLIMITED], [UNLIMITED], [most]]),
    )


def held(packing: Packing) -> list[int]:
    return [int(sum(fill[one] * times for _, fill, times in packing.nodes)) for one in range(3)]


@pytest.mark.parametrize(
    ("asked", "placed", "left"),
    [
        pytest.param(stock(), [10, 10, 10], [0, 0, 0], id="all of it finds room"),
        pytest.param(stock(allowed=[[True] * 2, [True] * 2, [False] * 2]), [10, 10, 0], [0, 0, 10], id="what may stand nowhere is left"),
        pytest.param(stock(most=1), [10, 10, 10], [0, 0, 0], id="one on a node takes as many nodes as there are"),
    ],
)
def test_packs(asked: Stock, placed: list[int], left: list[int]) -> None:
    found = greedy(asked)
    assert (held(found), found.left.tolist()) == (placed, left)
    assert all((fill @ REQUESTS <= CAPACITY[kind]).all() for kind, fill, _ in found.nodes)


def test_no_node_holds_more_of_a_group_than_it_may() -> None:
    assert all(fill[2] <= 1 for _, fill, _ in greedy(stock(most=1)).nodes)


def test_the_price_is_that_of_its_nodes() -> None:
    found = greedy(unconstrained(REQUESTS, np.array([3, 0, 0]), CAPACITY, PRICE))
    assert (found.count, found.price) == (3, 30)
