"""Prices in different currencies: which pools come first, and what is never compared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.constraints import Labels
from autoscaler.model.policies import Consolidation
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, Placement, PoolOptions, Problem, Resident, place
from autoscaler.placement.problem import Bidding
from autoscaler.planning.currencies import main_currency, paid_in, ranked, uncompared

WEB = WorkloadRef(ClusterName("shop"), "web")
LOAD = Load(workload=WEB, shape=Shape(requests=Resources(1000, 1000)))
HOLDS = Resources(4000, 4000)
NONE: Labels = ()


def state(name: str, *prices: str) -> PoolState:
    offerings = tuple(
        Offering(name=OfferingName(f"{name}-{at}"), price=Money.parse(price), capacity=HOLDS, labels=NONE)
        for at, price in enumerate(prices)
    )
    return PoolState(pool=PoolName(name), read_at=Instant(0), wanted=0, instances=(), offerings=offerings)


def options(of: PoolState, priority: int = 0, most: int = 100) -> PoolOptions:
    offers = tuple(Offer(name=one.name, capacity=HOLDS, price=one.price.micro) for one in of.offerings)
    return PoolOptions(name=of.pool, count=0, min=0, max=most, offers=offers, currency=paid_in(of), priority=priority)


def bought(states: list[PoolState], pools: list[PoolOptions], count: int = 8) -> Placement:
    demands = (Demand(workload=WEB, count=count),)
    return place(Problem(hosts=(), loads=(LOAD,), demands=demands, pools=ranked(pools, states), spread=False))


@pytest.mark.parametrize(
    ("pools", "main"),
    [
        pytest.param([("a", "1 EUR"), ("b", "1 USD"), ("c", "1 EUR")], "EUR", id="that of most"),
        pytest.param([("a", "1 USD"), ("b", "1 EUR")], "EUR", id="of equals the first by name"),
        pytest.param([("a", "0 USD"), ("b", "0 USD"), ("c", "1 EUR")], "EUR", id="none of what has no price"),
        pytest.param([("a", "0 USD")], "", id="nothing where nothing has a price"),
    ],
)
def test_the_clusters_currency(pools: list[tuple[str, str]], main: str) -> None:
    assert main_currency(state(*one) for one in pools) == main


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        pytest.param(("1 EUR",), None, id="in the main one"),
        pytest.param(("1 USD",), "USD", id="in another one"),
        pytest.param(("1 EUR", "1 USD"), "EUR and USD", id="in several"),
        pytest.param(("1 EUR", "0 USD"), None, id="and what has no price is in none"),
    ],
)
def test_what_is_told_of_a_pool(prices: tuple[str, ...], told: str | None) -> None:
    found = uncompared([state("a", *prices), state("b", "1 EUR"), state("c", "2 EUR")]).get(PoolName("a"))
    assert (found and (found.code, found.names)) == (told and (Code.PRICES_NOT_COMPARED, ("a", told, "EUR")))


@pytest.mark.parametrize("price", ["0.01 USD", "100 USD"])
def test_a_pool_in_another_currency_is_bought_in_last_whatever_the_number(price: str) -> None:
    states = [state("a", "1 EUR"), state("b", "2 EUR"), state("c", price)]
    found = bought(states, [options(states[0], most=1), options(states[1], most=0), options(states[2])])
    assert sorted(str(one.pool) for one in found.opens) == ["a", "c"]
    states = [state("a", "1 EUR"), state("b", "2 EUR"), state("c", price)]
    found = bought(states, [options(one) for one in states])
    assert {str(one.pool) for one in found.opens} == {"a"}
    assert [one.reasons[0].code for one in found.rejected if one.pool == "c"] == [Code.PRICES_NOT_COMPARED]


def test_a_priority_still_comes_first() -> None:
    states = [state("a", "1 EUR"), state("b", "2 EUR"), state("c", "9 USD")]
    found = bought(states, [options(states[0]), options(states[1]), options(states[2], priority=1)])
    assert {str(one.pool) for one in found.opens} == {"c"}


@given(priorities=st.lists(st.integers(-3, 3), min_size=1, max_size=5), currency=st.sampled_from(["EUR", "USD"]))
def test_pools_of_one_currency_are_as_they_are(priorities: list[int], currency: str) -> None:
    states = [state(f"p{at}", f"{at + 1} {currency}") for at in range(len(priorities))]
    pools = [options(one, priority) for one, priority in zip(states, priorities, strict=True)]
    assert ranked(pools, states) == tuple(pools)


@given(
    st.lists(
        st.tuples(st.integers(-2, 2), st.sampled_from(["EUR", "USD", "GBP"]), st.sampled_from(["EUR", "USD", "GBP"])),
        min_size=2,
        max_size=6,
    )
)
def test_no_two_pools_of_one_rank_are_paid_in_different_currencies_and_priorities_keep_their_order(
    told: list[tuple[int, str, str]],
) -> None:
    states = [state(f"p{at}", f"1 {first}", f"2 {second}") for at, (_, first, second) in enumerate(told)]
    before = [options(one, priority) for one, (priority, _, _) in zip(states, told, strict=True)]
    after = ranked(before, states)
    for one, its in zip(before, after, strict=True):
        for other, theirs in zip(before, after, strict=True):
            assert its.priority != theirs.priority or one.currency == other.currency
            assert one.priority <= other.priority or its.priority > theirs.priority


@pytest.mark.parametrize(("currency", "gone"), [pytest.param("EUR", True, id="of its own"), pytest.param("USD", False, id="of no other")])
def test_a_node_gives_way_to_cheaper_ones_of_its_currency_alone(currency: str, *, gone: bool) -> None:
    rule = Consolidation(move=Money(1, "EUR"), horizon=Duration(3_600_000), hysteresis=Share(0))
    own = replace(options(state("own", "1 EUR")), count=1, consolidate=rule)
    other = options(state("other", f"0.5 {currency}"))
    asked = Problem(
        hosts=(Host(key="there", capacity=HOLDS, pool=own.name, price=1_000_000),),
        loads=(replace(LOAD, spare=9, surge=9),),
        residents=(Resident(workload=WEB, host="there", count=2, serving=2),),
        pools=(own, other),
        bidding=Bidding(hosts=frozenset({"there"}), most=1),
    )
    assert (place(asked).closes == ("there",)) is gone
