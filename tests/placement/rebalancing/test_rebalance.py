"""A search over whole clusters: whatever it finds is allowed, costs what it says, and can be had again."""

import subprocess
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from threading import Thread  # noqa: TID251 - whoever calls may run the streams on threads, and so does this test

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.rebalancing import (
    UNLIMITED,
    Board,
    Call,
    Containers,
    Costs,
    Nodes,
    Rebalanced,
    Workloads,
    anywhere,
    cost,
    of_rounds,
    rebalance,
)
from autoscaler.placement.rebalancing.checking import sound
from autoscaler.placement.rebalancing.reaching import reach, within_reach
from tests.placement.rebalancing.boards import board, boards, price, worse

ROUNDS, TRIES = 40, 200
EXAMPLES = settings(max_examples=60)


def searched(given: Board, rounds: int = ROUNDS, tries: int = TRIES, seed: int = 1) -> Rebalanced:
    return rebalance(given, spent=of_rounds(rounds), tries=tries, seed=seed)


def tight(seed: int = 7) -> Board:
    return board(np.random.default_rng(seed), nodes=5, containers=40, resources=2)


@EXAMPLES
@given(boards())
def test_nothing_is_broken_that_was_not_also_while_containers_move(given: Board) -> None:
    assert worse(given, searched(given).node.tolist()) == []


@pytest.mark.compiled
@EXAMPLES
@given(boards())
def test_it_costs_what_it_says_and_never_more_than_before(given: Board) -> None:
    found = searched(given)
    assert found.cost.total == price(given, found.node.tolist()) <= price(given, given.containers.node.tolist())


@EXAMPLES
@given(boards())
def test_any_assignment_costs_what_it_should(given: Board) -> None:
    anywhere = np.arange(len(given.containers.node)) % len(given.nodes.zone)
    assert cost(given, anywhere).total == price(given, anywhere.tolist())


@settings(max_examples=300)
@given(boards(), st.integers(0, 11), st.integers(0, 4), st.integers(0, 11), st.integers(0, 4))
def test_what_is_called_sound_is_what_the_rules_say(given: Board, one: int, there: int, other: int, where: int) -> None:
    node = given.containers.node.copy()
    node[one % len(node)], node[other % len(node)] = there % len(given.nodes.zone), where % len(given.nodes.zone)
    assert sound(given, node) == (worse(given, node.tolist()) == [])


@settings(max_examples=300)
@given(boards(), st.integers(0, 11), st.integers(0, 11), st.integers(0, 11), st.integers(0, 4))
def test_wherever_one_may_stand_is_within_its_reach(given: Board, one: int, other: int, third: int, there: int) -> None:
    """Also where another makes way: two change places, and a third goes somewhere."""
    home, known = given.containers.node, reach(given)
    node, (one, other, third) = home.copy(), (number % len(home) for number in (one, other, third))
    node[third], node[one], node[other] = there % len(given.nodes.zone), home[other], home[one]
    if sound(given, node):
        for who, at in enumerate(node.tolist()):
            assert within_reach(known, who, at)
            assert at in known.choices[known.first[who] : known.first[who + 1]]


@settings(max_examples=20)
@given(boards())
def test_however_few_rounds_it_is_never_worse_than_before(given: Board) -> None:
    before = price(given, given.containers.node.tolist())
    assert max(searched(given, rounds).cost.total for rounds in (0, 1, 5, 20)) <= before


def test_what_a_single_hot_round_leaves_is_mended_and_counts() -> None:
    given = [replace(tight(seed), most_moves=UNLIMITED) for seed in range(1, 11)]
    assert any(searched(one, rounds=1, tries=100).cost.total < cost(one, one.containers.node).total for one in given)


def test_no_round_leaves_all_where_it_is() -> None:
    found = searched(tight(), rounds=0)
    assert (found.rounds, found.node.tolist()) == (0, tight().containers.node.tolist())


def test_where_nothing_can_move_no_round_is_done() -> None:
    alone = plain([], [], [10, 10], 20, transient=True)
    assert (searched(alone).rounds, searched(alone).cost.total) == (0, 0)


def test_where_what_moves_fits_nowhere_no_round_is_done() -> None:
    given = plain([0, 1], [20, 10], [10, 20], 20, transient=True)
    assert searched(given).rounds == 0


def test_it_finds_something_better_on_a_tight_board() -> None:
    found, before = [searched(tight(), seed=seed).cost.total for seed in (1, 2, 3)], price(tight(), tight().containers.node.tolist())
    assert min(found) < before * 99 // 100


def plain(start: list[int], requests: list[int], comfort: list[int], capacity: int, *, transient: bool) -> Board:
    """Two nodes, one workload without rules, one resource; a unit above comfort costs ten, a move one."""
    many, one = np.ones(len(start), np.int64), np.ones(1, np.int64)
    return Board(
        nodes=Nodes(
            capacity=np.array([[capacity], [capacity]]),
            comfort=np.array(comfort)[:, None],
            zone=np.array([0, 1]),
            neighbourhood=np.array([0, 0]),
            distance=np.zeros((2, 2), np.int64),
        ),
        workloads=Workloads(most=len(start) * one, zones=one, depends=np.zeros((0, 2), np.int64)),
        containers=Containers(
            node=np.array(start, np.int64),
            workload=0 * many,
            requests=np.array(requests, np.int64)[:, None],
            price=many,
            pinned=many == 0,
            kind=0 * many,
        ),
        costs=Costs(load=10 * one, balances=np.zeros((0, 4), np.int64), move=1, distance=0, workload=0),
        transient=np.array([transient]),
        allowed=anywhere(2),
    )


def test_the_best_of_a_small_board_is_found() -> None:
    """Of two nodes one is full and one empty, both at ease with half: half of the containers move, and no more."""
    assert searched(plain([0] * 8, [10] * 8, [40, 40], 80, transient=True)).cost.total == 4


@pytest.mark.parametrize(
    ("transient", "node"),
    [
        pytest.param(False, [1, 0], id="two change places where nothing is held meanwhile"),
        pytest.param(True, [0, 1], id="none where both nodes would have to hold both"),
    ],
)
def test_what_moves_takes_its_old_place_too(*, transient: bool, node: list[int]) -> None:
    given = plain([0, 1], [20, 10], [10, 20], 20, transient=transient)
    assert sound(given, np.array([1, 0])) == (node == [1, 0])
    assert searched(given).node.tolist() == node


@pytest.mark.compiled
@pytest.mark.parametrize("seed", range(1, 4))
def test_two_threads_find_what_one_finds(seed: int) -> None:
    def at_once(calls: Iterable[Call]) -> None:
        threads = [Thread(target=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    alone = searched(tight(), tries=5000, seed=seed)
    together = rebalance(tight(), spent=of_rounds(ROUNDS), tries=5000, seed=seed, run=at_once)
    assert (alone.node.tobytes(), alone.cost) == (together.node.tobytes(), together.cost)


def test_another_seed_goes_another_way() -> None:
    ways = {searched(tight(), rounds=10, seed=seed).node.tobytes() for seed in range(1, 6)}
    assert len(ways) > 1


@pytest.mark.compiled
def test_without_numba_the_same_is_found() -> None:
    """In the same rounds, by the same lines run as plain Python."""
    pytest.importorskip("numba", reason="nothing to compare: numba is not installed")
    script = """
        import sys
        sys.modules["numba"] = None
        from tests.placement.rebalancing.test_rebalance import searched, tight
        for seed in (7, 8):
            found = searched(tight(seed), rounds=30, tries=40)
            print(found.compiled, found.cost.total, *found.node.tolist())
    """
    plain = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True).stdout
    found = [searched(tight(seed), rounds=30, tries=40) for seed in (7, 8)]
    assert plain == "".join(" ".join(map(str, [False, one.cost.total, *one.node.tolist()])) + "\n" for one in found)
    assert all(one.compiled for one in found)
