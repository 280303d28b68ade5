"""Machines bought together for all that is to come: cheaper than one after the other, within every rule, and with a proof."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, none, sampled_from, tuples

from autoscaler.model.constraints import Affinity, Constraint, LabelRule, Selector, TopologySpread
from autoscaler.model.pool_asks import SpotShare
from autoscaler.model.quantities import Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, Placement, PoolOptions, Problem, buying, place
from autoscaler.placement.buying import MANY, worth_a_mix

POOL = PoolName("general")


@pytest.fixture(autouse=True, scope="module")
def few_rounds() -> Iterator[None]:
    """What holds after two rounds holds after forty; they take longer where nothing is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buying, "ROUNDS", 2)
        yield


SSD = (("disk", "ssd"),)
OFFERS = (
    Offer(name=OfferingName("small"), capacity=Resources(2000, 4000), price=100),
    Offer(name=OfferingName("lean"), capacity=Resources(4000, 4000), price=170),
    Offer(name=OfferingName("large"), capacity=Resources(8000, 32000), price=430, labels=SSD),
)


def load(name: str, cpu: int, memory: int, **more: object) -> Load:
    return Load(workload=WorkloadRef(ClusterName("shop"), name), shape=Shape(requests=Resources(cpu, memory), **more))  # type: ignore[arg-type]


def problem(loads: list[Load], counts: list[int], *, most: int = 10_000, **more: object) -> Problem:
    pool = PoolOptions(name=POOL, count=0, min=0, max=most, offers=OFFERS, **more)  # type: ignore[arg-type]
    demands = tuple(Demand(workload=one.workload, count=count) for one, count in zip(loads, counts, strict=True) if count)
    return Problem(hosts=(), loads=tuple(loads), demands=demands, pools=(pool,), spread=True)


def standing(found: Placement) -> dict[str, Counter[WorkloadRef]]:
    """Who stands on which new machine."""
    there: dict[str, Counter[WorkloadRef]] = {one.key: Counter() for one in found.opens}
    for one in found.assignments:
        there[one.host][one.workload] += one.count
    return there


def test_it_is_cheaper_than_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buying, "ROUNDS", 20)
    loads = [load("lean", 1900, 100), load("fat", 100, 3900)]
    found = place(problem(loads, [MANY, MANY]))
    assert found.price == MANY * 100, "one of each fills a small one"
    assert found.bound is not None
    assert found.price * 98 <= found.bound * 100


def test_what_is_there_is_filled_first() -> None:
    asked = problem([load("web", 1000, 1000)], [MANY])
    there = Host(key="there", capacity=Resources(40_000, 400_000), pool=POOL, price=1)
    found = place(Problem(hosts=(there,), loads=asked.loads, demands=asked.demands, pools=asked.pools, spread=True))
    assert sum(one.count for one in found.assignments if one.host == "there") == 40
    assert sum(one.count for one in found.assignments) == MANY


def test_what_all_fits_on_machines_that_are_there_buys_none() -> None:
    asked = problem([load("web", 10, 10), load("api", 10, 10)], [MANY, MANY])
    there = Host(key="there", capacity=Resources(40_000, 400_000), pool=POOL, price=1)
    found = place(Problem(hosts=(there,), loads=asked.loads, demands=asked.demands, pools=asked.pools, spread=True))
    assert (found.opens, found.unplaced, found.bound) == ((), (), None)


def test_what_the_pool_does_not_let_in_is_left_and_said_why() -> None:
    found = place(problem([load("web", 2000, 1000)], [MANY], most=3))
    assert len(found.opens) == 3
    assert [one.reasons[0].code for one in found.unplaced] == [Code.POOL_AT_MAXIMUM]
    assert found.bound is None


MUCH = problem([load("web", 1, 1)], [MANY])
(ONE,) = MUCH.pools
FREE = replace(MUCH, pools=(replace(ONE, offers=(OFFERS[0]._replace(price=0),)),))
TWO_CURRENCIES = replace(MUCH, pools=(replace(ONE, currency="USD"), replace(ONE, name=PoolName("other"), currency="EUR")))


@pytest.mark.parametrize(
    ("asked", "worth"),
    [
        pytest.param(FREE, False, id="what costs nothing"),
        pytest.param(TWO_CURRENCIES, False, id="prices of two currencies"),
        pytest.param(problem([load("web", 1, 1)], [MANY], most=0), True, id="no room in the pool, as it will say"),
        pytest.param(problem([load("web", 1, 1)], [MANY]), True, id="much that is to come"),
        pytest.param(problem([load("web", 1, 1)], [MANY - 1]), False, id="little"),
        pytest.param(
            problem([load("web", 1, 1)], [MANY], asks=(SpotShare(share=Share(500), on_demand=0),)), False, id="a rule to be kept to"
        ),
        pytest.param(
            Problem(
                hosts=(),
                loads=(Load(workload=WorkloadRef(ClusterName("shop"), "web"), shape=Shape(), sure=False),),
                demands=(Demand(workload=WorkloadRef(ClusterName("shop"), "web"), count=MANY),),
            ),
            False,
            id="what declares nothing",
        ),
    ],
)
def test_when_it_is_worth_a_search(asked: Problem, *, worth: bool) -> None:
    assert worth_a_mix(asked) is worth


SHAPES = tuples(
    sampled_from([100, 300, 700, 1900]), sampled_from([100, 900, 2000]), none() | integers(1, 4), sampled_from([None, True, False])
)


@settings(max_examples=25, deadline=None)
@given(shapes=lists(SHAPES, min_size=1, max_size=5), counts=lists(integers(10, 60), min_size=5, max_size=5))
def test_every_machine_keeps_to_every_rule(shapes: list[tuple[int, int, int | None, bool | None]], counts: list[int]) -> None:
    loads = [
        load(
            f"w{number}",
            cpu,
            memory,
            max_per_node=most,
            node_rules=() if ssd is None else (LabelRule(key="disk", value="ssd", equal=ssd),),
        )
        for number, (cpu, memory, most, ssd) in enumerate(shapes)
    ]
    found = place(problem(loads, counts[: len(loads)]))
    offers, kinds = {one.name: one for one in OFFERS}, {one.key: one.offering for one in found.opens}
    shapes_of = {one.workload: one.shape for one in loads}
    for key, held in standing(found).items():
        offer = offers[kinds[key]]
        assert sum(shapes_of[ref].requests.cpu * count for ref, count in held.items()) <= offer.capacity.cpu
        assert sum(shapes_of[ref].requests.memory * count for ref, count in held.items()) <= offer.capacity.memory
        assert all(count <= (shapes_of[ref].max_per_node or count) for ref, count in held.items())
        assert all((("disk", "ssd") in offer.labels) is rule.equal for ref in held for rule in shapes_of[ref].node_rules)
    assert sum(found_one.count for found_one in found.assignments) == sum(counts[: len(loads)])
    assert found.price == sum(offers[kind].price for kind in kinds.values())
    assert found.bound is None or found.bound <= found.price


X = Selector(rules=(LabelRule(key="app", value="x"),))
AGENT = Load(workload=WorkloadRef(ClusterName("shop"), "agent"), shape=Shape(), labels=(("app", "x"),))


@pytest.mark.parametrize(
    ("db", "web", "on"),
    [
        pytest.param((TopologySpread(over=X),), (Affinity(),), 0, id="others' new machine had room for who stays together"),
        pytest.param((), (TopologySpread(topology="zone"), Affinity(to=X)), 1, id="all went to a later one, where somebody stands to join"),
    ],
)
def test_no_machine_is_bought_that_nobody_stands_on(db: tuple[Constraint, ...], web: tuple[Constraint, ...], on: int) -> None:
    loads = [replace(load(name, 100, 0, constraints=mine), labels=AGENT.labels) for name, mine in (("api", ()), ("db", db), ("web", web))]
    offers = tuple(
        Offer(
            name=OfferingName(f"a{size}"),
            capacity=Resources(1000 * size, 0),
            price=100 * size,
            labels=(("zone", "a"),),
            daemons=(AGENT.workload,) if number == on else (),
        )
        for number, size in enumerate((1, 3))
    )
    asked = problem(loads, [17, 17, 17])
    asked = replace(asked, daemons=(AGENT,), pools=(replace(asked.pools[0], offers=offers),), spread=False)
    found = place(asked)
    assert {one.key for one in found.opens} == {one.host for one in found.assignments}
