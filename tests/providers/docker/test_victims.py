"""Who goes when a service's count is lowered, as Swarm's own orchestrator picks them."""

import pytest
from hypothesis import given
from hypothesis.strategies import builds, integers, lists, sampled_from

from autoscaler.model.refs import ReplicaId
from autoscaler_docker.victims import Live, foretold, removal_order


def tasks(*placed: str) -> list[Live]:
    """`3@b` is slot 3 on node b, running; `3@b!` does not run; `3@` has no node. Ids are the texts, with their place."""
    return [_task(text, f"{text}#{index}" if placed.count(text) > 1 else text) for index, text in enumerate(placed)]


def _task(text: str, name: str) -> Live:
    slot, _, node = text.partition("@")
    return Live(id=ReplicaId(name), slot=int(slot), node=node.rstrip("!"), running=not node.endswith("!"))


@pytest.mark.parametrize(
    ("placed", "order"),
    [
        pytest.param(["1@a", "2@b", "3@a"], ["3@a", "2@b", "1@a"], id="the second of a node goes before the first of another"),
        pytest.param(["3@a", "1@b", "2@c"], ["3@a", "2@c", "1@b"], id="among equals the highest slot goes first"),
        pytest.param(["1@a!", "2@b", "3@c"], ["1@a!", "3@c", "2@b"], id="what does not run counts after what does"),
        pytest.param(["1@a!", "2@a", "3@b"], ["1@a!", "3@b", "2@a"], id="what does not run is the last of its node"),
        pytest.param(["1@a", "2@", "3@b"], ["2@", "3@b", "1@a"], id="what has no node goes first"),
        pytest.param(["1@a", "2@b", "2@c", "3@d"], ["2@b", "2@c", "3@d", "1@a"], id="a slot in mid-update goes first, with both tasks"),
        pytest.param(["1@a", "2@a", "3@a", "4@b"], ["3@a", "2@a", "4@b", "1@a"], id="the fullest node gives up most"),
        pytest.param([], [], id="of nobody nobody goes"),
    ],
)
def test_the_order_in_which_they_go(placed: list[str], order: list[str]) -> None:
    assert list(removal_order(tasks(*placed))) == order


@pytest.mark.parametrize(
    ("wanted", "gone"),
    [
        pytest.param(3, set(), id="as many as there are"),
        pytest.param(5, set(), id="more than there are"),
        pytest.param(2, {"2@b", "2@c"}, id="one slot, which may be two tasks"),
        pytest.param(0, {"1@a", "2@b", "2@c", "3@d"}, id="all"),
    ],
)
def test_a_lower_count_takes_whole_slots(wanted: int, gone: set[str]) -> None:
    assert foretold(tasks("1@a", "2@b", "2@c", "3@d"), wanted) == gone


PLACED = lists(
    builds(lambda slot, node, mark: f"{slot}@{node}{mark}", integers(1, 30), sampled_from(["", "a", "b", "c"]), sampled_from(["", "!"]))
)


@given(PLACED)
def test_everyone_is_named_once_whatever_order_they_were_read_in(placed: list[str]) -> None:
    found = tasks(*placed)
    assert sorted(removal_order(found)) == sorted(task.id for task in found)
    assert removal_order(reversed(found)) == removal_order(found)


@given(PLACED, integers(0, 30), integers(0, 30))
def test_lowering_further_takes_the_same_and_more(placed: list[str], one: int, other: int) -> None:
    found = tasks(*placed)
    assert foretold(found, min(one, other)) >= foretold(found, max(one, other))
