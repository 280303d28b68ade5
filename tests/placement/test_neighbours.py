"""Rules between workloads and preferences, in one situation each."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from autoscaler.model.constraints import (
    Affinity,
    AntiAffinity,
    Constraint,
    LabelRule,
    NodeAffinity,
    Preference,
    Selector,
    Taint,
    TaintEffect,
    Toleration,
    TopologySpread,
)
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, PoolOptions, Problem, Resident, place
from autoscaler.placement.buying import SOLVER

SHOP, POOL, CPU = ClusterName("shop"), PoolName("general"), 1000
ZONES = ("a", "b", "c")
WEB, DB = WorkloadRef(SHOP, "web"), WorkloadRef(SHOP, "db")
APP, NOBODY = (Selector(rules=(LabelRule(key="app", value=app),)) for app in "xz")


def zones(*there: str) -> tuple[Host, ...]:
    return tuple(
        Host(key=f"m{number}", capacity=Resources(CPU, 0), pool=POOL, price=100, labels=(("zone", zone),))
        for number, zone in enumerate(there)
    )


def shaped(ref: WorkloadRef = WEB, cpu: int = 100, app: str = "x", **more: object) -> Load:
    return Load(workload=ref, shape=Shape(requests=Resources(cpu, 0), **more), spare=9, labels=(("app", app),))  # type: ignore[arg-type]


def liking(wish: NodeAffinity | Constraint) -> Load:
    return shaped(preferences=(Preference(weight=1, wish=wish),))


def selling(*there: str, cpu: int = CPU) -> PoolOptions:
    offers = tuple(
        Offer(name=OfferingName(f"in-{zone}"), capacity=Resources(cpu, 0), price=100, labels=(("zone", zone),)) for zone in there
    )
    return PoolOptions(name=POOL, count=0, min=0, max=9999, offers=offers)


@pytest.mark.parametrize(
    ("there", "load", "count", "went"),
    [
        pytest.param("aab", shaped(constraints=(TopologySpread(topology="zone"),)), 4, [1, 1, 2], id="as many in each zone"),
        pytest.param("aab", shaped(constraints=(AntiAffinity(),)), 9, [1, 1, 1], id="none beside another on a machine"),
        pytest.param("aab", shaped(constraints=(AntiAffinity(topology="zone"),)), 9, [0, 1, 1], id="none beside another in a zone"),
        pytest.param("aab", shaped(constraints=(Affinity(topology="zone"),)), 15, [7, 8], id="all in the zone that has room"),
        pytest.param("aab", shaped(constraints=(TopologySpread(max_skew=2, min_domains=4),)), 9, [2, 2, 2], id="too few machines"),
        pytest.param("ab", shaped(tolerations=(Toleration(key="x"),)), 3, [1, 2], id="nothing to mind"),
        pytest.param(
            "ab",
            shaped(preferences=(Preference(weight=1, wish=NodeAffinity(rules=(LabelRule(key="zone", value="b"),))),)),
            3,
            [3],
            id="liked",
        ),
        pytest.param("ab", shaped(preferences=(Preference(weight=1, wish=AntiAffinity(topology="zone")),)), 4, [2, 2], id="rather apart"),
        pytest.param(
            "aab", shaped(preferences=(Preference(weight=1, wish=TopologySpread(topology="zone")),)), 8, [2, 2, 4], id="rather even"
        ),
    ],
)
def test_where_they_come_to(there: str, load: Load, count: int, went: Sequence[int]) -> None:
    found = place(Problem(hosts=zones(*there), loads=(load,), demands=(Demand(workload=WEB, count=count),), spread=True))
    assert sorted(one.count for one in found.assignments) == sorted(number for number in went if number)


@pytest.mark.parametrize(
    ("constraint", "labels", "code"),
    [
        pytest.param(AntiAffinity(to=APP, topology="zone"), "y", Code.KEPT_APART, id="it refuses what stands there"),
        pytest.param(
            Affinity(to=Selector(rules=(LabelRule(key="app", value="z"),))), "y", Code.NONE_TO_JOIN, id="nobody it wants is there"
        ),
        pytest.param(TopologySpread(over=APP, topology="zone"), "x", Code.SPREAD_IS_FULL, id="one more would be uneven"),
    ],
)
def test_the_rule_that_decided_is_told(constraint: Constraint, labels: str, code: Code) -> None:
    standing, coming = shaped(DB), shaped(WEB, app=labels, constraints=(constraint,))
    hosts = (*zones("a"), zones("b")[0]._replace(key="full", used=Resources(CPU, 0)))
    problem = Problem(
        hosts=hosts,
        loads=(standing, coming),
        residents=(Resident(workload=DB, host="m0", count=1),),
        demands=(Demand(workload=WEB, count=1),),
    )
    (left,) = place(problem).unplaced
    assert left.reasons[0].code is code
    assert left.reasons[0].numbers[0] == 1


@pytest.mark.parametrize(
    ("taints", "tolerations", "placed"),
    [
        pytest.param((Taint(key="gpu"),), (), 0, id="a taint keeps away"),
        pytest.param((Taint(key="gpu"),), (Toleration(key="gpu"),), 1, id="but for who tolerates it"),
        pytest.param((Taint(key="gpu", value="a"),), (Toleration(key="gpu", value="b"),), 0, id="of that value"),
        pytest.param((Taint(key="gpu"),), (Toleration(effects=(TaintEffect.NO_EXECUTE,)),), 0, id="and effect"),
        pytest.param((Taint(key="old", effect=TaintEffect.PREFER_NO_SCHEDULE),), (), 1, id="one to be avoided does not"),
    ],
)
def test_taints(taints: tuple[Taint, ...], tolerations: tuple[Toleration, ...], placed: int) -> None:
    hosts = (zones("a")[0]._replace(taints=taints),)
    found = place(Problem(hosts=hosts, loads=(shaped(tolerations=tolerations),), demands=(Demand(workload=WEB, count=1),)))
    assert sum(one.count for one in found.assignments) == placed


def test_the_higher_priority_comes_first() -> None:
    loads = shaped(DB, cpu=600), shaped(WEB, cpu=600, priority=1)
    found = place(Problem(hosts=zones("a"), loads=loads, demands=tuple(Demand(workload=ref, count=1) for ref in (DB, WEB))))
    assert [one.workload for one in found.assignments] == [WEB]


@pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba alone")
@pytest.mark.parametrize(
    ("dearer", "machines", "forgone"),
    [
        pytest.param(0, 6, {Code.PREFERENCE_NOT_MET, Code.PREFERENCE_TOO_DEAR}, id="only what costs nothing"),
        pytest.param(800, 6, {Code.PREFERENCE_NOT_MET, Code.PREFERENCE_TOO_DEAR}, id="not as much as it would take"),
        pytest.param(9000, 60, {Code.PREFERENCE_NOT_MET}, id="as much as it takes"),
    ],
)
def test_a_preference_costs_no_more_than_it_may(dearer: int, machines: int, forgone: set[Code]) -> None:
    wishes = (
        Preference(weight=5, wish=NodeAffinity(rules=(LabelRule(key="zone", value="b"),))),
        Preference(weight=10, wish=AntiAffinity(to=APP, topology="zone")),
        Preference(weight=1, wish=AntiAffinity(to=APP)),
    )
    demands = (Demand(workload=WEB, count=60),)
    found = place(Problem(hosts=(), loads=(shaped(preferences=wishes),), demands=demands, pools=(selling("a", "b"),), dearer=dearer))
    assert len(found.opens) == machines
    assert {one.offering for one in found.opens} == {"in-b"}
    assert {reason.code for one in found.forgone for reason in one.reasons} == forgone


@pytest.mark.parametrize(
    ("load", "kinds"),
    [
        pytest.param(liking(TopologySpread(topology="zone")), ["in-a", "in-b", "in-c"], id="rather even"),
        pytest.param(liking(AntiAffinity(topology="zone")), ["in-a", "in-b", "in-c"], id="rather apart, while there is such a zone"),
        pytest.param(liking(NodeAffinity(rules=(LabelRule(key="zone", value="c"),))), ["in-c", "in-c", "in-c"], id="liked"),
        pytest.param(liking(Affinity(topology="zone")), ["in-a", "in-a", "in-a"], id="rather together"),
        pytest.param(shaped(), ["in-a", "in-a", "in-a"], id="nothing to wish for"),
    ],
)
def test_of_machines_at_one_price_the_one_that_is_liked_is_bought(load: Load, kinds: list[str]) -> None:
    found = place(Problem(hosts=(), loads=(load,), demands=(Demand(workload=WEB, count=25),), pools=(selling(*ZONES),)))
    assert [one.offering for one in found.opens] == kinds


@pytest.mark.parametrize(
    ("load", "why"),
    [
        pytest.param(shaped(), Reason(Code.NO_ROOM), id="no room"),
        pytest.param(
            shaped(constraints=(AntiAffinity(),)),
            Reason(Code.KEPT_APART, (2, 2), "nodes", (str(WEB), "node")),
            id="a rule keeps them apart",
        ),
        pytest.param(shaped(max_per_node=1), Reason(Code.SEATS_TAKEN, (2, 2), "nodes", (str(WEB),)), id="as many as may stand on each"),
        pytest.param(shaped(host_ports=(80,)), Reason(Code.SEATS_TAKEN, (2, 2), "nodes", (str(WEB),)), id="host ports are taken"),
    ],
)
def test_a_machine_is_bought_for_what_keeps_them_from_those_that_are_there(load: Load, why: Reason) -> None:
    demands = (Demand(workload=WEB, count=22),)
    found = place(Problem(hosts=zones("a", "b"), loads=(load,), demands=demands, pools=(selling("a"),)))
    assert {one.reasons for one in found.opens} == {(why,)}


def test_a_cheaper_machine_where_nobody_is_to_join_is_left_for_that() -> None:
    hosts = tuple(one._replace(used=one.capacity) for one in zones("a", "b"))
    web = shaped(app="y", constraints=(Affinity(to=APP, topology="zone"),))
    pool = selling("a", "b")
    pools = (replace(pool, offers=(pool.offers[0], pool.offers[1]._replace(price=1))),)
    stands = (Resident(workload=DB, host="m0", count=1),)
    found = place(Problem(hosts=hosts, loads=(shaped(DB), web), residents=stands, demands=(Demand(workload=WEB, count=1),), pools=pools))
    assert [one.offering for one in found.opens] == ["in-a"]
    assert [(one.offering, one.reasons) for one in found.rejected] == [
        ("in-b", (Reason(Code.NONE_TO_JOIN, names=(str(WEB), "zone", "in-b")),))
    ]


def test_a_machine_with_a_taint_to_be_avoided_is_bought_if_it_is_cheaper() -> None:
    pool = selling(*ZONES)
    first, *others = pool.offers
    tainted = first._replace(taints=(Taint(key="x", effect=TaintEffect.PREFER_NO_SCHEDULE),))
    for price, kind in ((100, "in-b"), (99, "in-a")):
        pools = (replace(pool, offers=(tainted._replace(price=price), *others)),)
        found = place(Problem(hosts=(), loads=(shaped(),), demands=(Demand(workload=WEB, count=5),), pools=pools))
        assert [one.offering for one in found.opens] == [kind]


def test_a_copy_that_has_to_be_somewhere_else_at_once_keeps_a_machine() -> None:
    load = shaped(constraints=(AntiAffinity(topology="zone"),))
    here, there = zones("a", "a")
    hosts = here, there._replace(keep=(Reason(Code.NODE_IS_MANAGER),))
    pools = (PoolOptions(name=POOL, count=2, min=0, max=2),)
    found = place(Problem(hosts=hosts, loads=(load,), residents=(Resident(workload=WEB, host="m0", count=1, serving=1),), pools=pools))
    assert {one.host: one.reasons[0].code for one in found.kept} == {"m0": Code.KEPT_APART, "m1": Code.NODE_IS_MANAGER}


def test_what_is_bought_for_an_even_spread_is_in_every_zone_that_sells() -> None:
    load = shaped(constraints=(TopologySpread(topology="zone"),))
    found = place(Problem(hosts=(), loads=(load,), demands=(Demand(workload=WEB, count=9),), pools=(selling(*ZONES),)))
    assert sorted(one.offering for one in found.opens) == ["in-a", "in-b", "in-c"]
    assert [one.count for one in found.assignments] == [3, 3, 3]


EVEN, RATHER_EVEN = TopologySpread(topology="zone"), Preference(weight=1, wish=TopologySpread(topology="zone"))


@pytest.mark.parametrize("count", [1, 2, 10, 40])
def test_an_even_spread_is_bought_for_to_the_end(count: int) -> None:
    full = tuple(host._replace(used=host.capacity) for host in zones(*ZONES))
    for hosts in ((), full):
        asked = Problem(
            hosts=hosts, loads=(shaped(constraints=(EVEN,)),), demands=(Demand(workload=WEB, count=count),), pools=(selling(*ZONES),)
        )
        assert place(asked).unplaced == ()


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(shaped(preferences=(RATHER_EVEN,)), id="rather even over zones"),
        pytest.param(shaped(constraints=(AntiAffinity(topology="zone"),)), id="apart by zone"),
    ],
)
def test_a_machine_without_a_zone_takes_whoever_need_not_be_in_one(load: Load) -> None:
    hosts = (zones("a")[0]._replace(key="nowhere", labels=()),)
    found = place(Problem(hosts=hosts, loads=(load,), demands=(Demand(workload=WEB, count=5),)))
    assert [(one.host, one.count) for one in found.assignments] == [("nowhere", 5)]


@pytest.mark.parametrize(
    "load",
    [pytest.param(shaped(constraints=(EVEN,)), id="must"), pytest.param(shaped(preferences=(RATHER_EVEN,)), id="should")],
)
def test_what_stands_already_counts_for_an_even_spread(load: Load) -> None:
    there = (Resident(workload=WEB, host="m0", count=1),)
    found = place(Problem(hosts=zones(*ZONES), loads=(load,), residents=there, demands=(Demand(workload=WEB, count=10),)))
    assert sorted(one.count + (one.host == "m0") for one in found.assignments) == [3, 4, 4]


@pytest.mark.compiled
@pytest.mark.parametrize("more", [(), (EVEN,)], ids=["over machines", "and over zones"])
def test_a_spread_over_machines_fills_them_evenly(more: tuple[Constraint, ...]) -> None:
    load = shaped(constraints=(TopologySpread(), *more))
    found = place(Problem(hosts=(), loads=(load,), demands=(Demand(workload=WEB, count=90),), pools=(selling(*ZONES),)))
    held = [sum(one.count for one in found.assignments if one.host == machine.key) for machine in found.opens]
    assert len(held) <= 15
    assert max(held) - min(held) <= 1


@pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba alone")
def test_who_must_have_others_beside_it_is_not_passed_over_for_who_matters_less() -> None:
    loads = shaped(DB, cpu=CPU, priority=100, constraints=(Affinity(),)), shaped(WEB, cpu=500)
    demands = Demand(workload=DB, count=1), Demand(workload=WEB, count=60)
    found = place(Problem(hosts=(), loads=loads, demands=demands, pools=(replace(selling("a"), max=30),)))
    assert DB not in {one.workload for one in found.unplaced}


@pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba alone")
def test_nothing_is_proven_where_more_is_bought_than_was_asked_for() -> None:
    demands = (Demand(workload=WEB, count=60),)
    least = [place(Problem(hosts=(), loads=(shaped(),), demands=demands, pools=(replace(selling("a"), min=low),))).bound for low in (0, 9)]
    assert least == [600, None]


@pytest.mark.parametrize(("used", "placed"), [(0, 2), (CPU, 0)], ids=["with room for all", "and none without"])
def test_what_declares_nothing_needs_room_also_where_rules_let_it_come_only_later(used: int, placed: int) -> None:
    """Once two stand in zone a, the next may come to zone b, whatever is left there."""
    first, second, third = zones(*"abb")
    hosts = (first, second, third._replace(used=Resources(used, 0)))
    load = replace(shaped(constraints=(TopologySpread(topology="zone"),)), sure=False)
    stands = (Resident(workload=WEB, host="m1", count=1, serving=1),)
    asked = Problem(hosts=hosts, loads=(load,), residents=stands, demands=(Demand(workload=WEB, count=2),), spread=True)
    assert sum(one.count for one in place(asked).assignments) == placed
