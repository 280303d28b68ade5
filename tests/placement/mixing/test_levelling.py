"""Where counters say how many machines there must be: no more of them than that, and what stands on them keeps every rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.mixing import UNLIMITED, Mix, Pattern, Question, mix, question_of
from autoscaler.placement.mixing.levelling import Levelling
from autoscaler.placement.mixing.proving import Pricer
from autoscaler.placement.mixing.tables import prepared
from autoscaler.placement.mixing.totalling import totalled
from benchmarks.baselines.greedy import Stock, greedy
from benchmarks.karpenter.w1 import pods, question, zoned
from tests.placement.mixing.judging import broken, cheapest, questions


def dealt(asked: Question) -> Mix:
    """What dealing alone makes of it."""
    some = prepared(asked)
    found = Levelling.of(some.tables, some.counts).step()
    patterns = tuple(Pattern(kind=int(some.kinds[one.kind]), replicas=one.replicas, times=one.times) for one in found.patterns)
    return Mix(patterns=patterns, left=found.left, price=found.price, bound=0, rounds=0, solver="")


def shy(count: int, *, alone: int, eight: int = 85, **more: object) -> Question:
    """`alone` replicas that refuse each other and `count` that do not mind; machines of 4, 8 and 16 for 40, `eight` and 165."""
    return question_of(
        np.array([[1], [2]]),
        np.array([alone, count]),
        np.array([[4], [8], [16]]),
        np.array([40, eight, 165]),
        adds=np.array([[1], [0]]),
        limits=np.array([[1], [UNLIMITED]]),
        **more,  # type: ignore[arg-type]  # only what a case names
    )


@given(questions())
@settings(max_examples=60)
def test_what_is_dealt_keeps_the_rules(asked: Question) -> None:
    assert broken(asked, dealt(asked)) == []


@given(questions(), st.integers(1, 5))
@settings(max_examples=40)
def test_dealing_anew_never_costs_more_and_keeps_the_stock(asked: Question, times: int) -> None:
    some = prepared(asked)
    levelling = Levelling.of(some.tables, some.counts)
    prices = [levelling.step().price for _ in range(times)]
    assert prices == sorted(prices, reverse=True)
    bought = np.bincount(some.tables.pool[levelling.table.kinds[levelling.table.kinds >= 0]], minlength=len(asked.most))
    assert (levelling.table.stock + bought).tolist() == asked.most.tolist()


@given(questions(classes=3, kinds=3, replicas=2))
@settings(max_examples=40)
def test_totals_prove_no_more_than_the_cheapest_machines_cost(asked: Question) -> None:
    some = prepared(asked)
    best = cheapest(asked, tuple(asked.counts.tolist()))
    assert best is None or totalled(Pricer.of(some), some.counts).bound(some.counts, some.tables.most) <= best


@pytest.mark.parametrize(
    ("asked", "machines", "price", "left"),
    [
        pytest.param(shy(0, alone=12), 12, 480, [0, 0], id="each of those that refuse each other has a machine"),
        pytest.param(shy(12, alone=12), 12, 480, [0, 0], id="others fill what these have to spare"),
        pytest.param(shy(13, alone=12, eight=75), 12, 515, [0, 0], id="one machine grows where that is cheaper than one more"),
        pytest.param(shy(13, alone=12), 13, 520, [0, 0], id="one more is bought where that is cheaper than growing"),
        pytest.param(shy(0, alone=12, most=np.array([5])), 5, 200, [7, 0], id="a pool sells no more than it has"),
        pytest.param(
            shy(12, alone=12, allowed=np.array([[True, False, False], [False, True, True]])),
            14,
            730,
            [0, 0],
            id="what may not stand on one kind stands apart",
        ),
        pytest.param(
            shy(12, alone=4, pool=np.array([0, 1, 1]), most=np.array([2, 9])),
            5,
            335,
            [0, 0],
            id="a machine grows into what another pool still sells",
        ),
    ],
)
def test_deals(asked: Question, machines: int, price: int, left: list[int]) -> None:
    found = dealt(asked)
    assert broken(asked, found) == []
    assert (found.machines, found.price, list(found.left)) == (machines, price, left)


@pytest.mark.compiled
@pytest.mark.parametrize("count", [50, 100, 1000, 10_000])
def test_karpenters_own_workload_takes_as_many_machines_as_replicas_that_refuse_each_other(count: int) -> None:
    asked = [question(zone) for zone in zoned(pods(count))]
    found = [mix(one, lambda rounds: rounds < 1) for one in asked]
    assert [broken(one, some) for one, some in zip(asked, found, strict=True)] == [[], [], []]
    assert (sum(one.machines for one in found), sum(sum(one.left) for one in found)) == (count // 5, 0)


@pytest.mark.compiled
@given(st.integers(0, 999))
@settings(max_examples=3)
def test_karpenters_own_workload_costs_less_than_greedy_pays(seed: int) -> None:
    asked = question(pods(300, seed), types=60)
    parts = {name: getattr(asked, name) for name in ("requests", "counts", "capacity", "price", "allowed", "adds", "limits")}
    found = mix(asked, lambda rounds: rounds < 1)
    assert found.bound <= found.price <= greedy(Stock(**parts)).price
