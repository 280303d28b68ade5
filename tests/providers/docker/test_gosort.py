"""The order Go leaves equals in. What is expected here was printed by Go's own sort.Sort."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler_docker.gosort import go_sorted

OF_GO = "fb7254f9fc9217e19cf6919005918891c211bcea95ef5b260d6aedeae9d2a83a"
"""Of the orders of all `made_up` lists, a line each."""


def order(keys: list[int]) -> list[int]:
    return go_sorted([(key, place) for place, key in enumerate(keys)])


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        pytest.param("1 1 2 1 2 3 2 4 3 3 5 4", "0 1 3 2 4 6 5 8 9 7 11 10", id="twelve keep their order"),
        pytest.param("1 2 3 1 2 4 5 6 1 3 7 2 8", "8 3 0 1 11 4 9 2 5 6 7 10 12", id="thirteen do not"),
        pytest.param("1 1 1 2 2 2 3 3 3 4 4 4 5 5 5", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14", id="sorted already"),
        pytest.param(
            "1 1 2 3 2 4 5 1 3 4 5 6 6 2 3 7 7 8 8 4",
            "1 7 0 13 2 4 3 8 14 5 19 9 10 6 12 11 15 16 17 18",
            id="twenty tasks on three nodes",
        ),
        pytest.param(
            "9 8 8 8 8 8 7 6 6 6 6 5 5 4 3 3 3 2 2 2 2 2 2 1",
            "23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0",
            id="falling",
        ),
        pytest.param(
            "1 1 1 1000000000 2 2 3 2 3 3 4 5 4 6 5 7 6 7 8 2",
            "0 1 2 19 4 5 7 6 8 9 10 12 11 14 13 16 15 17 18 3",
            id="one that counts as the last",
        ),
    ],
)
def test_equals_stand_where_go_puts_them(keys: str, places: str) -> None:
    assert order([int(key) for key in keys.split()]) == [int(place) for place in places.split()]


def made_up() -> Iterator[list[int]]:
    """Lists of 13 to 312 keys with many equals; lopsided ones among them."""
    number = 1
    for length in range(13, 313):
        keys = []
        for _ in range(length):
            number = number * 1_103_515_245 + 12_345 & 0x7FFFFFFF
            keys.append((number >> 16) % (1 + length // 5))
        yield keys


def test_three_hundred_lists_are_sorted_as_go_does() -> None:
    lines = "".join(" ".join(map(str, order(keys))) + "\n" for keys in made_up())
    assert sha256(lines.encode()).hexdigest() == OF_GO


@given(lists(integers(0, 9), max_size=120))
def test_it_sorts(keys: list[int]) -> None:
    found = order(keys)
    assert sorted(found) == list(range(len(keys)))
    assert [keys[place] for place in found] == sorted(keys)
