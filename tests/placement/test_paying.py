"""A machine is emptied where that pays: what it costs over a horizon is more than its moves are priced at."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, just, lists, one_of, sampled_from

from autoscaler.model.policies import Consolidation
from autoscaler.model.quantities import Duration, Money, Share
from autoscaler.model.reasons import Code
from autoscaler.placement import Placement, Problem, Resident, place
from tests.placement.test_consolidating import STANDING, after, problem

HOUR = 3_600_000
PRICES = lists(one_of(just(0), integers(1, 1000)), min_size=8, max_size=8)
MOVES = sampled_from((0, 1, 50, 100, 200, 1000))


def rule(move: int, *, hours: int = 1, hysteresis: int = 0, currency: str = "USD") -> Consolidation:
    return Consolidation(horizon=Duration(hours * HOUR), move=Money(move, currency), hysteresis=Share(hysteresis))


def priced(asked: Problem, paying: Consolidation, prices: list[int], most: int = 8) -> Problem:
    """The same machines at these prices."""
    hosts = tuple(host._replace(price=price) for host, price in zip(asked.hosts, prices, strict=True))
    return replace(asked, hosts=hosts, pools=(replace(asked.pools[0], consolidate=paying, currency="USD", max=most),))


def afterwards(asked: Problem, found: Placement) -> Problem:
    """The problem once all of it is done."""
    stays = tuple(host for host in asked.hosts if host.key not in found.closes)
    there = sorted(after(asked, found).items())
    residents = tuple(Resident(workload=ref, host=key, count=count, serving=count) for (key, ref), count in there if count)
    return replace(asked, hosts=stays, residents=residents, pools=(replace(asked.pools[0], count=len(stays)),))


@settings(max_examples=300, deadline=None)
@given(standing=STANDING, prices=PRICES, move=MOVES, margin=sampled_from((0, 50, 2000)), spread=booleans())
def test_what_is_emptied_pays_and_what_is_kept_for_its_moves_does_not(
    standing: list[tuple[int, int]], prices: list[int], move: int, margin: int, *, spread: bool
) -> None:
    asked = priced(problem(standing, spread=spread), rule(move, hours=3, hysteresis=margin), prices)
    found = place(asked)
    cost, moves = {host.key: Fraction(3 * host.price) for host in asked.hosts}, Counter[str]()
    for one in asked.residents:
        moves[one.host] += one.count
    worth = {key: count * move * Fraction(1000 + margin, 1000) for key, count in moves.items()}
    assert not [key for key in found.closes if moves[key] and cost[key] and cost[key] <= worth[key]]
    kept = [one.host for one in found.kept if one.reasons[0].code is Code.DOES_NOT_PAY]
    assert not [key for key in kept if not cost[key] or cost[key] > -(-worth[key] // 1)]


@settings(max_examples=300, deadline=None)
@given(standing=STANDING, prices=PRICES, move=MOVES, spread=booleans())
def test_a_plan_made_on_what_a_plan_brought_about_is_empty(
    standing: list[tuple[int, int]], prices: list[int], move: int, *, spread: bool
) -> None:
    asked = priced(problem(standing, spread=spread), rule(move), prices)
    again = place(afterwards(asked, place(asked)))
    assert (again.closes, again.opens, again.moves) == ((), (), ())


@pytest.mark.parametrize(
    ("paying", "price", "closes"),
    [
        pytest.param(rule(33), 100, True, id="more is saved than three moves are priced at"),
        pytest.param(rule(34), 100, False, id="less is saved"),
        pytest.param(rule(20), 60, False, id="as much is saved"),
        pytest.param(rule(20, hysteresis=500), 90, False, id="as much is saved as moves and hysteresis take"),
        pytest.param(rule(25, hysteresis=300), 100, True, id="more than both"),
        pytest.param(rule(34, hours=2), 100, True, id="over a longer horizon it pays"),
        pytest.param(rule(34), 0, True, id="an unknown price is not held against moves"),
        pytest.param(rule(34, currency="EUR"), 100, False, id="currencies are not compared"),
        pytest.param(Consolidation(), 125, False, id="as is usual, three tenths of a cent are too little for three moves"),
        pytest.param(Consolidation(), 132, True, id="and a bit more is not"),
        pytest.param(None, 1, True, id="moves without a price"),
    ],
)
def test_a_machine_goes_if_that_pays(paying: Consolidation | None, price: int, *, closes: bool) -> None:
    asked = problem([(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0)], machines=2)
    asked = replace(asked, pools=(replace(asked.pools[0], consolidate=paying, currency="USD", min=1),))
    asked = replace(asked, hosts=tuple(host._replace(price=price) for host in asked.hosts))
    assert place(asked).closes == (("m0",) if closes else ())


def test_why_a_machine_stays_is_told_with_the_figures() -> None:
    asked = priced(problem([(0, 0), (0, 0), (1, 0), (1, 0), (1, 0)], machines=2), rule(60_000, hysteresis=100), [100_000] * 2)
    told = {one.host: one.reasons[0] for one in place(asked).kept}
    assert (told["m0"].code, told["m0"].numbers, told["m0"].names) == (Code.DOES_NOT_PAY, (2,), ("0.10 USD", "1h", "0.132 USD"))


def test_empty_machines_go_whatever_a_move_is_priced_at() -> None:
    asked = priced(problem([(0, 0)], machines=3), rule(10**9), [1] * 3)
    assert place(asked).closes == ("m1", "m2")


def test_a_pool_above_its_maximum_gives_machines_back_whatever_that_costs() -> None:
    asked = priced(problem([(0, 0), (1, 0), (2, 0)], machines=3), rule(10**9), [1] * 3, most=2)
    assert place(asked).closes == ("m0",)
