"""The world's scheduler keeps to what workloads ask of their neighbours, as kube-scheduler does."""

from dataclasses import replace

import pytest

from autoscaler.model.constraints import (
    Affinity,
    AntiAffinity,
    LabelRule,
    NodeAffinity,
    Preference,
    Selector,
    Taint,
    TaintEffect,
    Toleration,
    TopologySpread,
)
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Cpu, Instant, Money
from autoscaler.model.refs import ClusterName
from autoscaler.model.workloads import Shape
from autoscaler.simulation.virtual_runtime import EPOCH
from autoscaler.simulation.world import others, views
from autoscaler.simulation.world.constraints import Apart, Spread, Term, Together, Wish
from autoscaler.simulation.world.specs import NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.world import World, build

SHOP = ClusterName("shop")
DB = WorkloadSpec(name="db", replicas=1, labels=(("app", "db"),), only_on=(("disk", "ssd"),))
WEB = WorkloadSpec(name="web", replicas=1, labels=(("app", "web"),))
TO_DB = (("app", "db"),)
TAINT = Taint(key="for", value="db")
SOFT = Taint(key="old", effect=TaintEffect.PREFER_NO_SCHEDULE)


def node(name: str, zone: str = "", *, ssd: bool = False, taints: tuple[Taint, ...] = (), cpu: int = 4000) -> NodeSpec:
    labels = (("zone", zone), *([("disk", "ssd")] if ssd else []))
    return NodeSpec(name=name, cpu=Cpu(cpu), labels=labels if zone else labels[1:], taints=taints)


A, A2, B, C = node("a", "a", ssd=True), node("a2", "a"), node("b", "b"), node("c")
"""Two nodes of zone a, the first with what `db` asks for; one of zone b; one of no zone."""


def world(nodes: tuple[NodeSpec, ...], *workloads: WorkloadSpec) -> World:
    return build(WorldSpec(nodes=nodes, workloads=workloads), SHOP, EPOCH)


def places(made: World, path: str) -> list[str]:
    """Where its replicas stand, and `-` for each that waits."""
    return sorted(made.state.hosts[unit.node].name if unit.node else "-" for unit in made.state.of(path) if unit.live)


@pytest.mark.parametrize(
    ("web", "found"),
    [
        pytest.param(replace(WEB, apart=(Apart(),), replicas=5), ["-", "a", "a2", "b", "c"], id="apart from itself, one a node"),
        pytest.param(replace(WEB, apart=(Apart(topology="zone"),), replicas=3), ["a2", "b", "c"], id="one a zone, and any without one"),
        pytest.param(replace(WEB, apart=(Apart(from_=TO_DB, topology="zone"),), replicas=2), ["b", "c"], id="in no zone with another"),
        pytest.param(replace(WEB, together=(Together(with_=TO_DB),), replicas=2), ["a", "a"], id="on the node of another"),
        pytest.param(replace(WEB, together=(Together(with_=TO_DB, topology="zone"),), replicas=2), ["a", "a2"], id="in its zone"),
        pytest.param(replace(WEB, together=(Together(with_=(("app", "x"),)),)), ["-"], id="beside somebody who is not there"),
        pytest.param(replace(WEB, together=(Together(topology="zone"),), replicas=3), ["a", "a2", "a2"], id="the first goes anywhere"),
        pytest.param(replace(WEB, spread=(Spread(topology="zone"),), replicas=4), ["a", "a2", "b", "b"], id="zones fill evenly"),
        pytest.param(
            replace(WEB, spread=(Spread(topology="zone", max_skew=2),), most_per_node=1, replicas=4), ["-", "a", "a2", "b"], id="2"
        ),
        pytest.param(
            replace(WEB, spread=(Spread(topology="zone", min_domains=3),), replicas=3), ["-", "a2", "b"], id="a third zone is due"
        ),
        pytest.param(
            replace(WEB, spread=(Spread(topology="zone"),), only_on=(("zone", "a"),), replicas=3),
            ["a", "a2", "a2"],
            id="zones it may not enter are none",
        ),
        pytest.param(
            replace(WEB, spread=(Spread(topology="zone", over=TO_DB),), replicas=2), ["a2", "b"], id="spread over others that are even"
        ),
        pytest.param(replace(WEB, any_of=(Term(only_on=(("disk", "ssd"),)), Term(only_on=(("zone", "b"),)))), ["b"], id="either kind"),
        pytest.param(replace(WEB, any_of=(Term(never_on=(("zone", "a"),)),), replicas=2), ["b", "c"], id="neither of one kind"),
    ],
)
def test_where_replicas_go_beside_a_database_on_the_first_node(web: WorkloadSpec, found: list[str]) -> None:
    made = world((A, A2, B, C), DB, web)
    assert places(made, "db") == ["a"]
    assert places(made, "web") == found


def test_who_stands_keeps_away_whom_he_does_not_want() -> None:
    picky = replace(DB, apart=(Apart(from_=(("app", "web"),), topology="zone"),))
    assert places(world((A, A2, B), picky, replace(WEB, replicas=3)), "web") == ["b", "b", "b"]


def test_who_is_on_the_way_out_keeps_away_still() -> None:
    made = world((A, B), replace(WEB, apart=(Apart(),), replicas=2))
    host = next(iter(made.state.hosts.values()))
    others.fence(made, host, NodeAvailability.EMPTYING)
    others.fence(made, host, NodeAvailability.OPEN)
    made.advance(EPOCH + 1000)
    assert places(made, "web") == ["-", "b"]
    made.advance(EPOCH + 10_000)
    assert places(made, "web") == ["a", "b"]


@pytest.mark.parametrize(
    ("availability", "found"),
    [
        pytest.param(NodeAvailability.FENCED, ["-", "a", "a", "b"], id="a fenced node's zone counts still"),
        pytest.param(NodeAvailability.EMPTYING, ["a", "a", "a", "a"], id="one that is being emptied does not"),
    ],
)
def test_which_zones_a_spread_looks_at(availability: NodeAvailability, found: list[str]) -> None:
    made = world((A, B), replace(WEB, spread=(Spread(topology="zone"),), replicas=2))
    others.fence(made, list(made.state.hosts.values())[1], availability)
    others.scale(made, "web", 4)
    assert places(made, "web") == found


def test_who_is_on_the_way_out_is_not_counted() -> None:
    made = world((A, B), replace(WEB, spread=(Spread(topology="zone"),), replicas=2))
    others.scale(made, "web", 1)
    others.fence(made, list(made.state.hosts.values())[1], NodeAvailability.FENCED)
    others.scale(made, "web", 2)
    assert places(made, "web") == ["-", "a"]


def test_who_is_on_the_way_out_is_no_company() -> None:
    made = world((A,), DB, replace(WEB, together=(Together(with_=TO_DB),)))
    others.scale(made, "db", 0)
    others.scale(made, "web", 2)
    assert places(made, "web") == ["-", "a"]


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        pytest.param(Wish(nodes=Term(only_on=(("zone", "b"),))), ["b", "b"], id="one zone"),
        pytest.param(Wish(apart=Apart(from_=TO_DB, topology="zone")), ["b", "b"], id="away from another"),
        pytest.param(Wish(together=Together(with_=TO_DB)), ["a", "a"], id="beside another"),
        pytest.param(Wish(spread=Spread(topology="zone")), ["a2", "b"], id="evenly"),
        pytest.param(Wish(apart=Apart(from_=(("app", "web"),), topology="zone")), ["a2", "b"], id="apart from its own kind"),
    ],
)
def test_what_is_preferred_comes_before_the_emptiest_node(wish: Wish, found: list[str]) -> None:
    assert places(world((A, A2, B), DB, replace(WEB, prefers=(wish,), replicas=2)), "web") == found


def test_the_heavier_wish_wins() -> None:
    light, heavy = Wish(weight=2, nodes=Term(only_on=(("zone", "a"),))), Wish(weight=3, nodes=Term(only_on=(("zone", "b"),)))
    assert places(world((A, B), replace(WEB, prefers=(light, heavy))), "web") == ["b"]


def test_a_wish_that_cannot_be_granted_keeps_nobody_waiting() -> None:
    assert places(world((C,), replace(WEB, prefers=(Wish(spread=Spread(topology="zone")),), replicas=2)), "web") == ["c", "c"]


@pytest.mark.parametrize(
    ("taint", "tolerates", "found"),
    [
        pytest.param(TAINT, (), ["c"], id="a taint keeps away"),
        pytest.param(replace(TAINT, effect=TaintEffect.NO_EXECUTE), (), ["c"], id="so does one that would also send away"),
        pytest.param(TAINT, (Toleration(key="for", value="db"),), ["a"], id="unless it is tolerated"),
        pytest.param(TAINT, (Toleration(key="for", value="web"),), ["c"], id="tolerating another value is not enough"),
        pytest.param(SOFT, (), ["c"], id="a soft one only where there is another place"),
        pytest.param(SOFT, (Toleration(),), ["a"], id="whoever tolerates all does not see it"),
    ],
)
def test_taints(taint: Taint, tolerates: tuple[Toleration, ...], found: list[str]) -> None:
    assert places(world((node("a", taints=(taint,)), C), replace(WEB, tolerates=tolerates)), "web") == found


def test_with_no_other_place_a_soft_taint_does_not_matter() -> None:
    assert places(world((node("a", taints=(SOFT,)),), WEB), "web") == ["a"]


def test_daemons_stay_off_tainted_nodes_and_take_nothing_there() -> None:
    agent = WorkloadSpec(name="agent", everywhere=True, cpu=Cpu(100))
    made = world((node("a", taints=(TAINT,)), C), agent)
    assert places(made, "agent") == ["c"]
    seen = {one.name: one for one in views.cluster_state(made.core, Instant(EPOCH)).nodes}
    assert [(name, seen[name].capacity.cpu, seen[name].taints) for name in "ac"] == [("a", 4000, (TAINT,)), ("c", 3900, ())]


def test_of_those_that_wait_the_highest_priority_is_placed_first() -> None:
    low, high = replace(WEB, name="low", cpu=Cpu(1000)), replace(WEB, name="high", cpu=Cpu(1000), priority=5)
    made = world((node("a", cpu=1000),), low, high)
    assert (places(made, "low"), places(made, "high")) == (["-"], ["a"])


def test_a_pools_nodes_carry_zone_and_taints_of_their_offering() -> None:
    offers = (
        OfferingSpec(name="one", price=Money(1), zone="a", taints=(TAINT,)),
        OfferingSpec(name="other", price=Money(1), zone="a", labels=(("zone", "z"),)),
    )
    made = build(WorldSpec(pools=(WorldPool(name="general", offerings=offers, nodes=1),)), SHOP, EPOCH)
    (host,) = made.state.hosts.values()
    assert (host.labels, host.taints) == ((("pool", "general"), ("zone", "a")), (TAINT,))
    seen = views.pool_state(made.core, "general", Instant(EPOCH)).offerings
    assert [dict(one.labels)["zone"] for one in seen] == ["a", "z"]
    assert [one.taints for one in seen] == [(TAINT,), ()]


def test_the_orchestrator_shows_what_the_settings_say() -> None:
    web = replace(
        WEB,
        any_of=(Term(only_on=(("zone", "a"),)), Term(never_on=(("disk", "hdd"),))),
        apart=(Apart(),),
        together=(Together(with_=TO_DB, topology="zone"),),
        spread=(Spread(topology="zone", max_skew=2, min_domains=3),),
        prefers=(Wish(weight=7, nodes=Term(only_on=(("zone", "a"),))), Wish(apart=Apart(from_=TO_DB))),
        tolerates=(Toleration(key="for"),),
        priority=4,
    )
    db, in_a = Selector(rules=(LabelRule(key="app", value="db"),)), (LabelRule(key="zone", value="a"),)
    assert web.shape == Shape(
        requests=web.request,
        node_terms=(in_a, (LabelRule(key="disk", value="hdd", equal=False),)),
        tolerations=(Toleration(key="for"),),
        constraints=(AntiAffinity(), Affinity(to=db, topology="zone"), TopologySpread(topology="zone", max_skew=2, min_domains=3)),
        preferences=(Preference(weight=7, wish=NodeAffinity(rules=in_a)), Preference(weight=1, wish=AntiAffinity(to=db))),
        priority=4,
    )
