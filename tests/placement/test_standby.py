"""Of machines that cost the same, those that are made already and only have to be started come first."""

from collections import Counter
from collections.abc import Iterator

import pytest

from autoscaler.model.constraints import LabelRule, NodeAffinity, Preference
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Load, Offer, PoolOptions, Problem, buying, place
from autoscaler.placement.buying import MANY

WEB = WorkloadRef(ClusterName("shop"), "web")
SHAPE = Shape(requests=Resources(1000, 1000))
COUNTS = pytest.mark.parametrize("count", [pytest.param(8, id="few"), pytest.param(MANY, id="many")])
PREFERS_A = Preference(weight=1, wish=NodeAffinity(rules=(LabelRule(key="zone", value="a"),)))


@pytest.fixture(autouse=True, scope="module")
def few_rounds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buying, "ROUNDS", 2)
        yield


def offer(name: str, standby: int = 0, *, price: int = 100) -> Offer:
    """A machine that holds four, in a zone of that name."""
    return Offer(name=OfferingName(name), capacity=Resources(4000, 4000), price=price, labels=(("zone", name),), standby=standby)


def pool(name: str, *offers: Offer, low: int = 0, priority: int = 0) -> PoolOptions:
    return PoolOptions(name=PoolName(name), count=0, min=low, max=1000, offers=offers, priority=priority, currency="USD")


def bought(count: int, *pools: PoolOptions, shape: Shape = SHAPE) -> dict[str, int]:
    """How many machines of each offering."""
    demands = (Demand(workload=WEB, count=count),) if count else ()
    found = place(Problem(hosts=(), loads=(Load(workload=WEB, shape=shape),), demands=demands, pools=pools))
    assert not found.unplaced
    return dict(Counter(str(one.offering) for one in found.opens))


@COUNTS
def test_of_one_pool_the_kind_that_stands_by_is_taken(count: int) -> None:
    assert bought(count, pool("general", offer("a"), offer("b", standby=100))) == {"b": -(-count // 4)}


@COUNTS
def test_of_several_pools_the_one_whose_machines_stand_by_is_taken(count: int) -> None:
    assert bought(count, pool("first", offer("a")), pool("second", offer("b", standby=100))) == {"b": -(-count // 4)}


@COUNTS
def test_what_costs_less_is_taken_whatever_stands_by(count: int) -> None:
    assert bought(count, pool("general", offer("a", price=99), offer("b", standby=100))) == {"a": -(-count // 4)}


@COUNTS
def test_a_pool_of_a_higher_priority_comes_first_whatever_stands_by(count: int) -> None:
    pools = pool("own", offer("a"), priority=5), pool("other", offer("b", standby=100))
    assert bought(count, *pools) == {"a": -(-count // 4)}


@COUNTS
def test_a_preference_comes_first(count: int) -> None:
    shape = Shape(requests=SHAPE.requests, preferences=(PREFERS_A,))
    assert bought(count, pool("general", offer("a"), offer("b", standby=100)), shape=shape) == {"a": -(-count // 4)}


def test_once_all_are_taken_the_others_are_as_good() -> None:
    assert bought(12, pool("general", offer("a"), offer("b", standby=1), offer("c", standby=1))) == {"a": 1, "b": 1, "c": 1}


def test_a_minimum_is_filled_from_what_stands_by_first() -> None:
    assert bought(0, pool("general", offer("a"), offer("b", standby=2), low=3)) == {"a": 1, "b": 2}
