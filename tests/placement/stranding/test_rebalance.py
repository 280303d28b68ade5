"""A few moves that let the refused in."""

import numpy as np
import pytest

from autoscaler.placement.problem import always
from autoscaler.placement.stranding import Classes, Entry, Move, Nodes, Place, Placer, Standing, Step, rebalance

SMALL, LARGE, FIXED, WHOLE, HUNGRY = range(5)
CLASSES = Classes(
    requests=np.array([[4], [9], [4], [1], [5]], np.int64),
    whole=np.array([0, 0, 0, 1, 1], np.int64),
    share=np.array([0, 0, 0, 0, 0], np.int64),
    # The third goes to the first two kinds of nodes only.
    allowed=np.array([[True] * 3, [True] * 3, [True, True, False], [True] * 3, [True] * 3], np.bool_),
)


def nodes(*free: int, kinds: tuple[int, ...] = ()) -> Nodes:
    count = len(free)
    kind = np.array(kinds or (0,) * count, np.int64)
    return Nodes(free=np.array([[each] for each in free], np.int64), devices=np.zeros((count, 0), np.int64), kind=kind)


def steps(there: Nodes, standing: list[tuple[int, int]], refused: list[int], moves: int) -> list[Step]:
    placer = Placer(there, CLASSES)
    for one, node in standing:
        placer.take(one, Place(node))
    known = tuple(Standing(one=one, place=Place(node)) for one, node in standing)
    return list(rebalance(placer, known, np.bincount(refused, minlength=len(CLASSES)), moves, always).steps)


def move(replica: int, source: int, target: int) -> Move:
    return Move(replica=replica, source=Place(source), target=Place(target))


def entry(one: int, node: int) -> Entry:
    return Entry(one=one, place=Place(node))


@pytest.mark.parametrize(
    ("there", "standing", "refused", "moves", "expected"),
    [
        pytest.param(nodes(9), [], [SMALL, LARGE], 0, [entry(LARGE, 0)], id="of two with room for one the larger comes in"),
        pytest.param(nodes(9), [], [LARGE], 0, [entry(LARGE, 0)], id="what has room comes in without a move"),
        pytest.param(
            nodes(9, 9), [(SMALL, 0), (SMALL, 1)], [LARGE], 1, [move(0, 0, 1), entry(LARGE, 0)], id="a small one makes room for a large one"
        ),
        pytest.param(nodes(9, 9), [(SMALL, 0), (SMALL, 1)], [LARGE], 0, [], id="no moves allowed, none made"),
        pytest.param(nodes(9, 4), [(SMALL, 0), (SMALL, 1)], [LARGE], 9, [], id="nowhere to go, so nobody moves"),
        pytest.param(nodes(9, 9), [(SMALL, 0), (SMALL, 1)], [], 9, [], id="nobody waits, so nobody moves"),
        pytest.param(
            nodes(9, 4, 4, kinds=(0, 1, 2)),
            [(FIXED, 0), (SMALL, 1)],
            [LARGE],
            2,
            [move(1, 1, 2), move(0, 0, 1), entry(LARGE, 0)],
            id="one that can go to one node only has its place cleared first",
        ),
        pytest.param(nodes(9, 4, 4, kinds=(0, 1, 2)), [(FIXED, 0), (SMALL, 1)], [LARGE], 1, [], id="half of what must move is not begun"),
    ],
)
def test_steps(there: Nodes, standing: list[tuple[int, int]], refused: list[int], moves: int, expected: list[Step]) -> None:
    assert steps(there, standing, refused, moves) == expected


def test_one_move_that_frees_a_device_comes_before_one_that_frees_cpu() -> None:
    there = Nodes(free=np.array([[9], [4]], np.int64), devices=np.array([[1000], [0]], np.int64), kind=np.zeros(2, np.int64))
    placer = Placer(there, CLASSES)
    for one in (SMALL, SMALL):
        placer.take(one, Place(0))
    waiting = np.bincount([LARGE, WHOLE, WHOLE], minlength=len(CLASSES))
    standing = (Standing(one=SMALL, place=Place(0)), Standing(one=SMALL, place=Place(0)))
    first = rebalance(placer, standing, waiting, 5, always).steps[0]
    assert first == Entry(one=WHOLE, place=Place(0, (0,)))


def test_of_those_that_would_fill_the_same_device_the_one_that_asks_for_least_comes_in() -> None:
    there = Nodes(free=np.array([[9]], np.int64), devices=np.array([[1000]], np.int64), kind=np.zeros(1, np.int64))
    waiting = np.bincount([HUNGRY, WHOLE], minlength=len(CLASSES))
    assert rebalance(Placer(there, CLASSES), (), waiting, 0, always).steps == (Entry(one=WHOLE, place=Place(0, (0,))),)


def test_told_to_stop_it_stops_with_what_it_has() -> None:
    placer = Placer(nodes(9, 9), CLASSES)
    found = rebalance(placer, (), np.bincount([LARGE, LARGE], minlength=len(CLASSES)), 0, lambda rounds: rounds < 1)
    assert (found.steps, found.rounds) == ((entry(LARGE, 0),), 1)
