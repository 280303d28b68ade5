"""Many replicas placed at once stand where they would if they came one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, permutations, tuples

from autoscaler.placement.filling import levelled, packed

MACHINES = lists(tuples(integers(0, 4), integers(0, 9), integers(0, 4)), min_size=1, max_size=7)
"""How many of its kind stand there, how many others, how many more fit."""


def one_by_one(here: list[int], total: list[int], rank: list[int], fits: list[int], count: int) -> list[int]:
    """Each goes to where fewest of its kind stand, then fewest of all, then the first by rank."""
    placed = [0] * len(here)
    for _ in range(count):
        able = [one for one in range(len(here)) if placed[one] < fits[one]]
        if not able:
            break
        placed[min(able, key=lambda one: (here[one] + placed[one], total[one] + placed[one], rank[one]))] += 1
    return placed


@settings(max_examples=1000)
@given(machines=MACHINES, count=integers(0, 12), order=permutations(range(7)))
def test_levelled_is_one_by_one(machines: list[tuple[int, int, int]], count: int, order: list[int]) -> None:
    here, others, fits = ([machine[part] for machine in machines] for part in range(3))
    total, rank = [one + more for one, more in zip(here, others, strict=True)], order[: len(machines)]
    found = levelled(np.array(here), np.array(total), np.array(rank), np.array(fits), count)
    assert found.tolist() == one_by_one(here, total, rank, fits, count)


@pytest.mark.parametrize(
    ("count", "placed"),
    [
        pytest.param(0, [0, 0, 0], id="nothing"),
        pytest.param(3, [0, 2, 1], id="in that order, each up to what fits"),
        pytest.param(9, [3, 2, 1], id="no more than fit"),
    ],
)
def test_packed(count: int, placed: list[int]) -> None:
    assert packed(np.array([1, 2, 0]), np.array([3, 2, 1]), count).tolist() == placed
