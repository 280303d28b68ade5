"""What is expected: what has come, and before that what the nodes suggest."""

import numpy as np
import pytest

from autoscaler.placement.stranding import Classes, Ledger, Nodes, Place
from autoscaler.placement.stranding.mix import PRIOR, Mix, slices
from autoscaler.placement.stranding.scoring import MOST
from autoscaler.placement.stranding.worth import SCALE, STEPS, foresight, worth

NODES = Nodes(
    free=np.array([[16, 64], [16, 64], [8, 80]], np.int64),
    devices=np.array([[1000, 1000], [1000, 1000], [0, 0]], np.int64),
    kind=np.array([1, 1, 0], np.int64),
)


def classes(count: int) -> Classes:
    asks = np.arange(1, count + 1)[:, None].repeat(2, axis=1)
    none = np.zeros(count, np.int64)
    return Classes(requests=asks, whole=none, share=none, allowed=np.ones((count, 2), np.bool_))


def weights(mix: Mix) -> dict[int, int]:
    """By cpu asked for."""
    expected = mix.expected()
    return dict(zip(expected.requests[:, 0].tolist(), expected.weight.tolist(), strict=True))


def test_before_anything_is_seen_each_kind_of_node_is_expected_to_be_used_up_evenly() -> None:
    found = slices(NODES, 2)
    assert found.requests.tolist() == [[1, 10], [8, 32]]
    assert found.whole.tolist() == [0, 1]
    assert found.allowed.tolist() == [[True, False], [False, True]]


def test_what_has_come_soon_outweighs_the_guess() -> None:
    mix = Mix(classes(3), NODES)
    for _ in range(10 * PRIOR):
        mix.see(1)
    assert weights(mix)[2] >= 10 * sum(weight for cpu, weight in weights(mix).items() if cpu != 2)


def test_only_the_frequent_ones_are_looked_at() -> None:
    mix = Mix(classes(2 * MOST), NODES)
    for one in (*range(2 * MOST), 2 * MOST - 1, 2 * MOST - 1, 2 * MOST - 1, 2 * MOST - 1, 2 * MOST - 1):
        mix.see(one)
    assert len(mix.expected().weight) == MOST
    assert 2 * MOST in weights(mix)


def test_certain_is_counted_in_full_never_not_at_all_and_rare_for_more_than_its_chance() -> None:
    ahead = foresight()
    assert (ahead[0], ahead[STEPS]) == (0, SCALE)
    assert (np.diff(ahead) >= 0).all()
    assert ahead[STEPS // 20] > 8 * SCALE // 20


def test_without_devices_worth_is_shares_of_the_rest() -> None:
    asks = Classes(
        requests=np.array([[1, 0], [0, 10], [1, 10]]), whole=np.zeros(3, int), share=np.zeros(3, int), allowed=np.ones((3, 1), bool)
    )
    assert worth(asks.requests, asks.milli, [10, 100, 0]).tolist() == [10**8, 10**8, 2 * 10**8]


def test_a_ledger_takes_nothing_that_does_not_fit_and_changes_nothing_then() -> None:
    ledger = Ledger(NODES, classes(20))
    with pytest.raises(ValueError, match="class 19 does not fit on node 2"):
        ledger.take(19, Place(2))
    assert (ledger.free == NODES.free).all()


def test_a_class_asks_for_whole_devices_or_a_share_of_one() -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="whole devices or for less than one"):
        Classes(requests=one[:, None], whole=one, share=one, allowed=np.ones((1, 1), np.bool_))
