"""Replicas that take their time, machines that take theirs."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler.model.quantities import Duration, Instant
from autoscaler.rehearsing.world import Delays, Fleet

SECOND = 1000


def fleet(count: int, per_machine: int | None = None) -> Fleet:
    return Fleet(
        Delays(start=Duration(60 * SECOND), machine=Duration(120 * SECOND), idle=Duration(300 * SECOND), per_machine=per_machine), count
    )


def at(one: Fleet, second: int, count: int | None = None) -> int:
    one.arrive(Instant(second * SECOND))
    if count is not None:
        one.want(count, Instant(second * SECOND))
    return one.ready


def test_a_new_replica_serves_after_its_delay() -> None:
    one = fleet(2)
    assert [at(one, 0, 5), at(one, 59), at(one, 60)] == [2, 2, 5]


def test_one_given_back_is_gone_at_once_those_starting_first() -> None:
    one = fleet(2)
    at(one, 0, 5)
    assert [at(one, 15, 3), at(one, 30, 1), at(one, 60)] == [2, 1, 1]


def test_what_fits_on_a_machine_starts_at_once_the_rest_when_one_came() -> None:
    one = fleet(3, per_machine=4)
    assert (one.machines, at(one, 0, 6), one.machines) == (1, 3, 2)
    assert [at(one, 60), at(one, 179), at(one, 180)] == [4, 4, 6]


def test_a_machine_goes_once_it_has_been_superfluous_for_long_enough() -> None:
    one = fleet(8, per_machine=4)
    seen = []
    for second in range(0, 420, 60):
        at(one, second, 3)
        seen.append(one.machines)
    assert seen == [2, 2, 2, 2, 2, 1, 1]


@pytest.mark.parametrize("per_machine", [None, 3])
@given(counts=lists(integers(0, 40), max_size=60))
def test_no_more_serve_than_are_wanted_and_all_do_in_the_end(counts: list[int], per_machine: int | None) -> None:
    one = fleet(4, per_machine)
    for tick, count in enumerate(counts):
        assert 0 <= at(one, tick * 15, count) <= count
    assert at(one, len(counts) * 15 + 1000) == one.wanted
