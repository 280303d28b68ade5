"""Closing machines under rules between workloads: what is planned is what schedulers will allow, and still is once it is half done."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from autoscaler.model.constraints import NODE, AntiAffinity, Constraint, TopologySpread
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, place, places_for

SHOP, POOL = ClusterName("shop"), PoolName("general")
WEB, JOB = WorkloadRef(SHOP, "web"), WorkloadRef(SHOP, "job")
OVER_NODES, OVER_ZONES, ALONE = TopologySpread(topology=NODE), TopologySpread(topology="zone"), AntiAffinity()
OPEN, CLOSING, SHUT = HostState.OPEN, HostState.CLOSING, HostState.SHUT


def host(key: str, *, keep: bool = False, state: HostState = OPEN, emptied: bool = False, must_close: bool = False) -> Host:
    """The first letter of its key is its zone; kept ones are in no pool."""
    pool = None if keep else POOL
    capacity, labels = Resources(2000, 0), (("zone", key[0]),)
    return Host(key=key, capacity=capacity, state=state, pool=pool, price=1, labels=labels, emptied=emptied, must_close=must_close)


def web(*rules: Constraint, surged: int = 0, doubles: bool = True) -> Load:
    """None of it to spare but the surge that stands."""
    shape = Shape(requests=Resources(500, 0), constraints=rules)
    lent = surged if doubles else 0
    return Load(workload=WEB, shape=shape, spare=surged, surge=1, lent=lent, booked=surged, doubles=doubles)


def asked(load: Load, hosts: Iterable[Host], standing: str, *, others: str = "", spread: bool = True, sells: str = "") -> Placement:
    """`standing` and `others`: on which machines one of it, and one of another workload that has no rules, is."""
    job = Load(workload=JOB, shape=Shape(requests=Resources(500, 0)), spare=9)
    found = [(WEB, key) for key in standing.split()] + [(JOB, key) for key in others.split()]
    residents = tuple(Resident(workload=ref, host=key, count=found.count((ref, key)), serving=1) for ref, key in dict.fromkeys(found))
    offers = tuple(Offer(name=OfferingName(one), capacity=Resources(2000, 0), price=1, labels=(("zone", one),)) for one in sells.split())
    pool = PoolOptions(name=POOL, count=3, min=0, max=9, offers=offers)
    return place(Problem(hosts=tuple(hosts), loads=(load, job), residents=residents, pools=(pool,), spread=spread))


def kept(found: Placement) -> dict[str, Code]:
    return {one.host: one.reasons[0].code for one in found.kept if one.reasons[0].code is not Code.NODE_NOT_IN_POOL}


@pytest.mark.parametrize("state", [pytest.param(OPEN, id="both are open"), pytest.param(CLOSING, id="both are being closed")])
def test_a_fenced_machine_with_none_of_it_lets_none_come_to_others_until_it_is_gone(state: HostState) -> None:
    hosts = [host("a1", keep=True), host("a2", keep=True), host("a3", state=state), host("b1", state=state)]
    found = asked(web(OVER_NODES), hosts, "a1 a2 a3", others="b1 a3")
    assert found.closes == ("b1",)
    assert kept(found) == {"a3": Code.SPREAD_IS_FULL}


def test_two_that_must_go_go_one_after_the_other_and_nothing_is_bought_for_the_second() -> None:
    hosts = [host("a1", keep=True), host("a2", keep=True), host("b1", must_close=True), host("a3", must_close=True)]
    found = asked(web(OVER_NODES), hosts, "a1 a2 a3", others="b1", sells="a")
    assert (found.closes, found.opens) == (("b1",), ())
    assert kept(found) == {"a3": Code.SPREAD_IS_FULL}


@pytest.mark.parametrize(
    ("fenced", "places"),
    [
        pytest.param(host("b1", state=SHUT), 0, id="a fenced machine is a domain"),
        pytest.param(host("b1", state=SHUT, emptied=True), 2, id="one that is being emptied is none"),
    ],
)
def test_how_many_find_a_place_beside_a_machine_that_goes(fenced: Host, places: int) -> None:
    load, hosts = web(OVER_NODES), (host("a1"), host("a2"), fenced)
    residents = tuple(Resident(workload=WEB, host=key, count=1) for key in ("a1", "a2"))
    assert places_for(Problem(hosts=hosts, loads=(load,), residents=residents), WEB, 2) == places


@pytest.mark.parametrize(
    ("spread", "closes"),
    [
        pytest.param(True, ("c1",), id="emptied as a whole, it is no domain while its replicas come elsewhere"),
        pytest.param(False, (), id="replaced one by one, it is a domain to the end"),
    ],
)
def test_the_last_machine_of_the_zone_that_has_fewest(closes: tuple[str, ...], *, spread: bool) -> None:
    hosts = [host(key, keep=True) for key in ("a1", "b1")] + [host("c1")]
    spare = replace(web(OVER_ZONES), spare=9)
    assert asked(spare, hosts, "a1 a1 b1 b1 c1", spread=spread).closes == closes


@pytest.mark.parametrize(
    ("rule", "standing", "surge", "doubles"),
    [
        pytest.param(OVER_ZONES, "b1 a1", "b2", True, id="what replaces it comes to its own zone, the surge to the other"),
        pytest.param(ALONE, "b1 a1", "b2", False, id="its replacement was started by name, and there is no place for another"),
    ],
)
def test_a_close_goes_on_once_its_surge_stands(rule: Constraint, standing: str, surge: str, *, doubles: bool) -> None:
    rest = [host("b1", keep=True), host("b2", keep=True)] + ([host("a2", keep=True)] if doubles else [])
    begun = asked(web(rule, doubles=doubles), [*rest, host("a1")], standing, others="a2" if doubles else "", spread=doubles)
    assert begun.closes == ("a1",)
    half = web(rule, surged=1, doubles=doubles)
    again = asked(half, [*rest, host("a1", state=CLOSING)], f"{standing} {surge}", others="a2" if doubles else "", spread=doubles)
    assert (again.closes, kept(again)) == (("a1",), {})


def test_a_close_is_not_begun_that_would_be_given_up_once_its_surge_stands() -> None:
    # Zone b has two too many as it is; the surge makes zone a better, and leaving makes it as bad as before.
    hosts = [host(key, keep=True) for key in ("b1", "b2", "b3", "a1")]
    rules = (ALONE, OVER_ZONES)
    assert kept(asked(web(*rules), [*hosts, host("a2")], "b1 b2 b3 a2")) == {"a2": Code.BREAKS_RULE}
    again = asked(web(*rules, surged=1), [*hosts, host("a2")._replace(state=CLOSING)], "b1 b2 b3 a2 a1")
    assert kept(again) == {"a2": Code.BREAKS_RULE}


def test_what_was_replaced_by_name_is_not_placed_again() -> None:
    hosts = [host(key, keep=True) for key in ("b1", "b2", "b3")]
    again = asked(web(ALONE, surged=1, doubles=False), [*hosts, host("a1", state=CLOSING)], "b1 a1 b2", spread=False)
    assert (again.closes, again.moves) == (("a1",), ())
