"""Whom a rule between workloads looks at: machines by what they carry, workloads by their labels, nodes by their labels and taints."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.constraints import Affinity, LabelRule, Labels, Selector, Taint, TaintEffect, Toleration, TopologySpread
from autoscaler.model.nodes import Node
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, StepId, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Place
from autoscaler.model.workloads import Replica, Shape, Workload
from autoscaler.placement import Demand, Host, HostState, Load, Problem, Resident, place, places_for
from autoscaler.placement.choosing import choosy
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.relations import Relations
from autoscaler.planning.conditions import Context
from autoscaler.planning.conditions.capacity import room_for
from autoscaler.planning.conditions.neighbours import refused_at
from autoscaler.testing.scenes import NOW, WEB, a_node, a_replica, an_observation, commitments, some_policies
from tests.placement.verifying import scene_of

SHOP = ClusterName("shop")
OLD = WorkloadRef(SHOP, "old")
BOTH = Selector(rules=(LabelRule(key="app", value="web"),))
ZONES, RACKS = TopologySpread(over=BOTH, topology="zone"), TopologySpread(over=BOTH, topology="rack", max_skew=99)
ON_CPU = (LabelRule(key="kind", value="cpu"),)
HARD, SOFT = Taint(key="gpu"), Taint(key="gpu", effect=TaintEffect.PREFER_NO_SCHEDULE)


def machine(key: str, *taints: Taint, **labels: str) -> Host:
    return Host(key=key, capacity=Resources(1000, 0), labels=tuple(sorted(labels.items())), taints=taints)


def load(ref: WorkloadRef, labels: Labels = (("app", "web"),), **more: object) -> Load:
    return Load(workload=ref, shape=Shape(requests=Resources(100, 0), **more), spare=9, labels=labels)  # type: ignore[arg-type]


def crowded(web: Load, *hosts: Host) -> Problem:
    """Five of another workload that is counted with it stand on the first machine."""
    residents = (Resident(workload=OLD, host=hosts[0].key, count=5),)
    return Problem(hosts=hosts, loads=(web, load(OLD)), residents=residents, demands=(Demand(workload=WEB, count=4),), spread=True)


LOOKED_AT = [
    pytest.param(
        crowded(
            load(WEB, node_rules=ON_CPU, constraints=(ZONES,)),
            machine("ga", kind="gpu", zone="a"),
            machine("ca", kind="cpu", zone="a"),
            machine("cb", kind="cpu", zone="b"),
        ),
        {"ca": 2, "cb": 2},
        id="who stands where it may not is not counted",
    ),
    pytest.param(
        crowded(load(WEB, constraints=(ZONES, RACKS)), machine("b1", zone="b"), machine("a1", zone="a", rack="1")),
        {"a1": 4},
        id="a machine that one of its spreads knows nothing of is no domain of the others",
    ),
    pytest.param(
        crowded(
            load(WEB, constraints=(ZONES, RACKS)),
            machine("a0", zone="a"),
            machine("a1", zone="a", rack="1"),
            machine("b1", zone="b", rack="1"),
        ),
        {"a1": 2, "b1": 2},
        id="nor are those counted who stand there",
    ),
    pytest.param(
        crowded(
            load(WEB, constraints=(ZONES,)),
            machine("a0", zone="a")._replace(state=HostState.CLOSING),
            machine("a1", zone="a"),
            machine("b1", zone="b"),
        ),
        {"b1": 4},
        id="who stands on a machine that is being emptied is counted until he has gone",
    ),
]


@pytest.mark.parametrize(("problem", "went"), LOOKED_AT)
def test_a_spread_looks_at_machines_it_knows(problem: Problem, went: dict[str, int]) -> None:
    found = place(problem)
    assert {one.host: one.count for one in found.assignments} == went


@pytest.mark.parametrize(("problem", "went"), LOOKED_AT)
def test_the_second_opinion_is_the_same(problem: Problem, went: dict[str, int]) -> None:
    scene = scene_of(problem)
    able = {host.key for host in problem.hosts if not scene.refuses(WEB, host.key) and host.state is HostState.OPEN}
    assert able == {host.key for host in problem.hosts if host.key in went}


@pytest.mark.parametrize(
    ("taints", "minds", "places"),
    [
        pytest.param((), False, 20, id="no taint"),
        pytest.param((HARD,), False, 10, id="a hard taint leaves no choice to be made"),
        pytest.param((SOFT,), True, 20, id="one to be avoided does"),
        pytest.param((SOFT, HARD), True, 10, id="both"),
    ],
)
def test_only_taints_to_be_avoided_make_choosy(taints: tuple[Taint, ...], *, minds: bool, places: int) -> None:
    problem = Problem(hosts=(machine("m0", *taints), machine("m1")), loads=(load(WEB),))
    assert choosy(Ledger.of(problem), problem.loads[0]) is minds
    assert places_for(problem, WEB, 99) == places


values = st.sampled_from("xyz")
carried = st.dictionaries(st.sampled_from(("app", "tier")), values, max_size=2).map(lambda one: tuple(sorted(one.items())))
label_rules = st.builds(
    LabelRule,
    key=st.sampled_from(("app", "tier")),
    value=st.none() | values,
    equal=st.booleans(),
    or_else=st.lists(values, max_size=2).map(tuple),
)
selectors = st.builds(Selector, rules=st.lists(label_rules, max_size=3).map(tuple))


@given(st.lists(carried, min_size=1, max_size=6), selectors)
def test_a_selector_finds_all_that_it_selects(labels: list[Labels], selector: Selector) -> None:
    some = [load(WorkloadRef(SHOP, f"w{number}"), one) for number, one in enumerate(labels)]
    relations = Relations.of([load(WEB, (), constraints=(Affinity(to=selector),)), *some])
    assert [one.workload in relations.tallies for one in some] == [selector.selects(one.labels) for one in some]


class Watched(Selector):
    """One that tells by whose labels it was held against."""

    __slots__ = ()
    asked: list[Labels] = []  # noqa: RUF012 # shared on purpose: a selector cannot be written to

    def selects(self, labels: Labels) -> bool:
        self.asked.append(labels)
        return super().selects(labels)


def test_a_selector_is_held_against_those_alone_that_carry_what_it_asks_for() -> None:
    some = [load(WorkloadRef(SHOP, f"w{number}"), (("app", f"w{number}"), ("tier", "web"))) for number in range(9)]
    Watched.asked.clear()
    rules = LabelRule(key="tier", value="web"), LabelRule(key="app", value="w3")
    Relations.of([load(WEB, (), constraints=(Affinity(to=Watched(rules=rules)),)), *some])
    assert set(Watched.asked) == {(), some[3].labels}


def seen_from(*nodes: Node, **more: object) -> tuple[Context, Workload]:
    """A cluster in which web alone is known; `more`: what is seen, and fields of web."""
    ctx = Context.of(an_observation(nodes=nodes, **more), commitments(), some_policies(), NOW)  # type: ignore[arg-type] # named by the test
    assert ctx
    return ctx, ctx.state.workloads[0]


@pytest.mark.parametrize(
    ("shape", "node", "codes"),
    [
        pytest.param(Shape(), a_node("n1"), [], id="nothing to mind"),
        pytest.param(Shape(node_rules=ON_CPU), a_node("n1"), [Code.NO_NODE_MATCHES], id="a label it has to have"),
        pytest.param(Shape(node_rules=ON_CPU), a_node("n1", labels=(("kind", "cpu"),)), [], id="which is there"),
        pytest.param(Shape(), a_node("n1", taints=(HARD,)), [Code.NO_NODE_MATCHES], id="a taint"),
        pytest.param(Shape(tolerations=(Toleration(key="gpu"),)), a_node("n1", taints=(HARD,)), [], id="which it tolerates"),
    ],
)
def test_labels_and_taints_hold_where_nobody_has_a_rule_about_others(shape: Shape, node: Node, codes: list[Code]) -> None:
    ctx, web = seen_from(node, shape=shape)
    assert [one.code for one in refused_at(ctx, web, (Place(node=node.ref),), StepId("s"))] == codes


class Passes(tuple[Replica, ...]):  # noqa: SLOT001 # it has something to write to
    """Replicas that count how often somebody walks through them."""

    walked = 0

    def __iter__(self) -> Iterator[Replica]:
        self.walked += 1
        return super().__iter__()


@pytest.mark.parametrize("count", [1, 9])
def test_room_is_judged_in_one_pass_however_many_nodes_there_are(count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    replicas = Passes(a_replica(f"on-{name}", name) for name in names)
    ctx, web = seen_from(*(a_node(name) for name in names), replicas=replicas)
    before = replicas.walked
    assert not room_for(ctx, web, 1, but=StepId("s"))
    assert replicas.walked - before == 1
