"""Pools of a higher priority are bought in first, whatever they cost; the rest comes to the next."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.constraints import LabelRule, Labels, TopologySpread
from autoscaler.model.policies import Consolidation
from autoscaler.model.quantities import Duration, Money, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, Placement, PoolOptions, Problem, Resident, buying, place
from autoscaler.placement.buying import MANY
from autoscaler.placement.problem import Bidding

WEB, GPU = (WorkloadRef(ClusterName("shop"), name) for name in ("web", "gpu"))
ASKS = Resources(1000, 1000)
LOAD = Load(workload=WEB, shape=Shape(requests=ASKS))
COUNTS = pytest.mark.parametrize("count", [pytest.param(8, id="few"), pytest.param(MANY, id="many")])


@pytest.fixture(autouse=True, scope="module")
def few_rounds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buying, "ROUNDS", 2)
        yield


def pool(name: str, priority: int, *, price: int = 100, most: int = 1000, labels: Labels = (), **more: object) -> PoolOptions:
    """Machines that hold four."""
    offer = Offer(name=OfferingName(name), capacity=Resources(4000, 4000), price=price, labels=labels)._replace(**more)  # type: ignore[arg-type]  # fields of an offer, named by the test
    return PoolOptions(name=PoolName(name), count=0, min=0, max=most, offers=(offer,), priority=priority, currency="USD")


def bought(count: int, *pools: PoolOptions, loads: tuple[Load, ...] = (LOAD,), spread: bool = False) -> tuple[dict[str, int], Placement]:
    """How many machines of each pool."""
    demands = tuple(Demand(workload=one.workload, count=count) for one in loads)
    found = place(Problem(hosts=(), loads=loads, demands=demands, pools=pools, spread=spread))
    return dict(Counter(str(one.pool) for one in found.opens)), found


@COUNTS
def test_the_higher_one_is_bought_in_though_it_is_dearer(count: int) -> None:
    opened, _ = bought(count, pool("cheap", 0, price=10), pool("own", 5))
    assert opened == {"own": -(-count // 4)}


@COUNTS
def test_what_finds_no_room_there_comes_to_the_next(count: int) -> None:
    opened, found = bought(count, pool("cheap", 0, price=10), pool("own", 5, most=1))
    assert opened == {"own": 1, "cheap": -(-count // 4) - 1}
    assert found.unplaced == ()


@COUNTS
@pytest.mark.parametrize(
    "own",
    [
        pytest.param(pool("own", 5, sold_out=True), id="it is sold out"),
        pytest.param(pool("own", 5, most=0), id="it is full"),
        pytest.param(pool("own", 5, capacity=Resources(500, 500)), id="its machines are too small"),
    ],
)
def test_where_nothing_can_be_had_there_all_comes_to_the_next(count: int, own: PoolOptions) -> None:
    opened, found = bought(count, pool("cheap", 0), own)
    assert (opened, found.unplaced) == ({"cheap": -(-count // 4)}, ())


@COUNTS
def test_each_workload_has_the_highest_that_holds_it(count: int) -> None:
    picky = Load(workload=GPU, shape=Shape(requests=ASKS, node_rules=(LabelRule(key="card", value="a"),)))
    opened, _ = bought(count, pool("cards", 0, price=900, labels=(("card", "a"),)), pool("own", 5), loads=(LOAD, picky))
    assert opened == {"cards": -(-count // 4), "own": -(-count // 4)}


@COUNTS
def test_among_equals_price_decides(count: int) -> None:
    opened, _ = bought(count, pool("dear", 5), pool("cheap", 5, price=50), pool("low", 0, price=1))
    assert opened == {"cheap": -(-count // 4)}


@COUNTS
def test_a_spread_that_needs_both_pools_has_machines_of_both(count: int) -> None:
    spread = TopologySpread(topology="zone", max_skew=1)
    load = replace(LOAD, shape=replace(LOAD.shape, constraints=(spread,)))
    opened, found = bought(
        count, pool("far", 0, labels=(("zone", "b"),)), pool("near", 5, labels=(("zone", "a"),)), loads=(load,), spread=True
    )
    zones = Counter[str]()
    for one in found.assignments:
        zones[next(str(machine.pool) for machine in found.opens if machine.key == one.host)] += one.count
    assert (abs(zones["far"] - zones["near"]) <= 1, found.unplaced, set(opened)) == (True, (), {"far", "near"})


def test_why_a_cheaper_pool_was_left_is_told() -> None:
    _, found = bought(8, pool("cheap", 0, price=10), pool("own", 5))
    assert [(one.pool, one.reasons[0].code, one.reasons[0].names) for one in found.rejected] == [
        ("cheap", Code.LOWER_PRIORITY, ("cheap", "own"))
    ]


@COUNTS
def test_no_bound_is_told_that_others_could_be_below(count: int) -> None:
    _, found = bought(count, pool("cheap", 0, price=10), pool("own", 5))
    assert found.bound is None or found.bound <= 10 * -(-count // 4)


@pytest.mark.parametrize(
    ("priority", "gone"),
    [
        pytest.param(5, True, id="of the same priority"),
        pytest.param(9, True, id="of a higher one"),
        pytest.param(4, False, id="not of a lower one"),
    ],
)
def test_cheaper_machines_take_the_place_of_others(priority: int, *, gone: bool) -> None:
    rule = Consolidation(move=Money(1, "USD"), horizon=Duration(3_600_000), hysteresis=Share(0))
    own = replace(pool("own", 5), count=1, consolidate=rule)
    asked = Problem(
        hosts=(Host(key="there", capacity=Resources(4000, 4000), pool=own.name, price=100),),
        loads=(replace(LOAD, spare=9, surge=9),),
        residents=(Resident(workload=WEB, host="there", count=2, serving=2),),
        pools=(own, pool("cheap", priority, price=10)),
        bidding=Bidding(hosts=frozenset({"there"}), most=1),
    )
    assert (place(asked).closes == ("there",)) is gone


POOLS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50), st.integers(0, 12)), min_size=1, max_size=4)
"""Priority, price, most."""


@settings(max_examples=150, deadline=None)
@given(pools=POOLS, count=st.integers(1, 2 * MANY))
def test_nothing_is_bought_while_a_higher_pool_has_room(pools: list[tuple[int, int, int]], count: int) -> None:
    sold = [pool(f"p{place}", priority, price=price, most=most) for place, (priority, price, most) in enumerate(pools)]
    opened, found = bought(count, *sold)
    room = {str(one.name): one.max - opened.get(str(one.name), 0) for one in sold}
    ranks = {str(one.name): one.priority for one in sold}
    lowest = min((ranks[name] for name in opened), default=0)
    assert all(room[name] == 0 for name, rank in ranks.items() if rank > lowest)
    assert sum(one.count for one in found.assignments) == min(count, 4 * sum(one.max for one in sold))
