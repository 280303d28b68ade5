"""What no other machines for the same replicas could cost less than, where they are bought one after the other."""

from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from autoscaler.model.pool_asks import Headroom
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Load, Offer, PoolOptions, Problem, place
from autoscaler.placement.bounding import least_for

POOL = PoolName("general")


def load(name: str, cpu: int, memory: int, **others: int) -> Load:
    requests = Resources(cpu, memory, tuple(sorted(others.items())))
    return Load(workload=WorkloadRef(ClusterName("shop"), name), shape=Shape(requests=requests))


def offer(name: str, cpu: int, memory: int, price: int, **others: int) -> Offer:
    return Offer(name=OfferingName(name), capacity=Resources(cpu, memory, tuple(sorted(others.items()))), price=price)


SMALL, LARGE = offer("small", 2, 4, 100), offer("large", 8, 16, 360)


@pytest.mark.parametrize(
    ("housed", "offers", "least"),
    [
        pytest.param([(load("web", 1, 1), 1)], [SMALL, LARGE], 100, id="one replica needs the cheapest machine that holds it"),
        pytest.param([(load("web", 3, 1), 1)], [SMALL, LARGE], 360, id="and not one that is too small"),
        pytest.param([(load("web", 1, 1), 8)], [SMALL], 400, id="of one kind as many as cpu takes"),
        pytest.param([(load("web", 1, 4), 4)], [SMALL], 400, id="or as memory takes"),
        pytest.param([(load("web", 1, 1), 80)], [SMALL, LARGE], 3600, id="at the price of the kind that is cheapest for its cpu"),
        pytest.param([(load("a", 2, 0), 3), (load("b", 0, 4), 3)], [SMALL], 300, id="cpu of one beside memory of another"),
        pytest.param([(load("web", 1, 1, gpu=1), 6)], [offer("gpu", 64, 64, 900, gpu=2), SMALL], 2700, id="any other resource alone"),
        pytest.param([(load("web", 9, 1), 1)], [SMALL, LARGE], 0, id="nothing is proven of what no machine holds"),
        pytest.param([], [SMALL], 0, id="nor of nothing"),
        pytest.param([(load("web", 1, 1), 1)], [], 0, id="nor where nothing is sold"),
        pytest.param([(load("none", 0, 0), 5)], [SMALL, LARGE], 100, id="what asks for nothing needs a machine all the same"),
    ],
)
def test_the_least_that_is_proven(housed: list[tuple[Load, int]], offers: list[Offer], least: int) -> None:
    assert least_for(housed, offers) == least


def packs(items: list[tuple[int, int]], bins: list[tuple[int, int]]) -> bool:
    """Whether all items find a place, by trying every place for each."""
    if not items:
        return True
    (cpu, memory), *rest = items
    for place_, (has, keeps) in enumerate(bins):
        left = [*bins[:place_], (has - cpu, keeps - memory), *bins[place_ + 1 :]]
        if has >= cpu and keeps >= memory and packs(rest, left):
            return True
    return False


SIZES = tuples(integers(0, 4), integers(0, 4))


@given(lists(SIZES, min_size=1, max_size=4), lists(tuples(integers(1, 6), integers(1, 6), integers(1, 50)), min_size=1, max_size=3))
def test_no_machines_cost_less(items: list[tuple[int, int]], kinds: list[tuple[int, int, int]]) -> None:
    """Every choice of up to as many machines as replicas, packed in every way."""
    housed = [(load(f"w{number}", *size), 1) for number, size in enumerate(items)]
    least = least_for(housed, [offer(f"o{number}", *kind) for number, kind in enumerate(kinds)])
    for count in range(1, len(items) + 1):
        for chosen in combinations_with_replacement(kinds, count):
            if sum(price for _, _, price in chosen) < least:
                assert not packs(items, [(cpu, memory) for cpu, memory, _ in chosen])


def asked(**more: object) -> Problem:
    """Three replicas, of which a machine holds two."""
    pool = PoolOptions(name=POOL, count=0, max=9, offers=(SMALL, LARGE), **({"min": 0} | more))  # type: ignore[arg-type]
    web = load("web", 1, 2)
    return Problem(hosts=(), loads=(web,), demands=(Demand(workload=web.workload, count=3),), pools=(pool,))


def test_a_plan_of_few_replicas_has_a_bound() -> None:
    found = place(asked())
    assert (found.price, found.bound) == (200, 135)  # 3 of 8 parts of a large one


@pytest.mark.parametrize("more", [{"min": 3}, {"asks": (Headroom(cpu=9),)}], ids=["for the minimum", "to keep room free"])
def test_none_where_machines_are_bought_for_more(more: dict[str, object]) -> None:
    assert place(asked(**more)).bound is None
