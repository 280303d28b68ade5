"""Spread, affinity, anti-affinity, taints and preferences: what is placed and moved keeps to them, as single replicas are counted."""

from collections import Counter
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.constraints import (
    NODE,
    Affinity,
    AntiAffinity,
    Constraint,
    LabelRule,
    Preference,
    Selector,
    Taint,
    TaintEffect,
    Toleration,
    TopologySpread,
)
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, place
from tests.placement.verifying import Scene, cases, come, come_all, scene_of, with_opened

SHOP, POOL, CPU = ClusterName("shop"), PoolName("general"), 1000
REFS = tuple(WorkloadRef(SHOP, name) for name in ("api", "db", "web"))
AGENT = WorkloadRef(SHOP, "agent")
ZONES = ("a", "b", "c")
APPS = ("x", "y")

selectors = st.one_of(
    st.none(), st.sampled_from(APPS).map(lambda app: Selector(rules=(LabelRule(key="app", value=app),))), st.just(Selector())
)
topologies = st.sampled_from((NODE, "zone", "rack"))
spreads = st.builds(TopologySpread, over=selectors, topology=topologies, max_skew=st.integers(1, 2), min_domains=st.integers(1, 3))
rules: st.SearchStrategy[Constraint] = st.one_of(
    spreads, st.builds(Affinity, to=selectors, topology=topologies), st.builds(AntiAffinity, to=selectors, topology=topologies)
)
wishes = st.builds(Preference, weight=st.integers(1, 100), wish=rules)


@st.composite
def loads(draw: st.DrawFn, ref: WorkloadRef) -> Load:
    shape = Shape(
        requests=Resources(draw(st.sampled_from((100, 250, 400))), 0),
        constraints=tuple(draw(st.lists(rules, max_size=2))),
        preferences=tuple(draw(st.lists(wishes, max_size=1))),
        tolerations=draw(st.sampled_from(((), (Toleration(key="old"),)))),
    )
    return Load(workload=ref, shape=shape, spare=99, labels=(("app", draw(st.sampled_from(APPS))),))


@st.composite
def agents(draw: st.DrawFn) -> Load:
    """What runs on machines and never moves: others may mind it, and it may mind others."""
    refusing = st.builds(AntiAffinity, to=selectors, topology=topologies)
    shape = Shape(requests=Resources(0, 0), constraints=tuple(draw(st.lists(refusing, max_size=1))))
    return Load(workload=AGENT, shape=shape, labels=(("app", draw(st.sampled_from((*APPS, "agent")))),))


running = st.sampled_from(((), (), (AGENT,)))


@st.composite
def hosts(draw: st.DrawFn, number: int) -> Host:
    zone = draw(st.sampled_from((*ZONES, None)))
    labels = (("rack", draw(st.sampled_from("12"))), *((("zone", zone),) if zone else ()))
    state = draw(st.sampled_from((HostState.OPEN, HostState.OPEN, HostState.OPEN, HostState.JOINING, HostState.SHUT)))
    taints = draw(st.sampled_from(((), (), (), (Taint(key="old"),), (Taint(key="old", effect=TaintEffect.PREFER_NO_SCHEDULE),))))
    return Host(
        key=f"m{number}",
        capacity=Resources(CPU, 0),
        state=state,
        pool=POOL,
        price=100,
        labels=labels,
        taints=taints,
        daemons=draw(running),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Some stand already, wherever they were allowed to come; more are to come; machines can be bought in some zones."""
    some = tuple(draw(loads(ref)) for ref in REFS)
    there = tuple(draw(hosts(number)) for number in range(draw(st.integers(0, 6))))
    agent = draw(agents())
    scene = scene_of(Problem(hosts=there, loads=some, daemons=(agent,)))
    for ref, host in (
        draw(st.lists(st.tuples(st.sampled_from(REFS), st.sampled_from([host.key for host in there])), max_size=12)) if there else ()
    ):
        if scene.hosts[host].state is not HostState.JOINING and not scene.refuses(ref, host):
            scene.standing.append((ref, host))
    selling = draw(st.lists(st.sampled_from(ZONES), unique=True))
    offers = tuple(
        Offer(name=OfferingName(zone), capacity=Resources(CPU, 0), price=100, labels=(("zone", zone),), daemons=draw(running))
        for zone in selling
    )
    return Problem(
        hosts=there,
        loads=some,
        residents=tuple(
            Resident(workload=ref, host=host, count=count, serving=count)
            for (ref, host), count in sorted(Counter(scene.standing).items())
            if ref != AGENT
        ),
        daemons=(agent,),
        demands=tuple(Demand(workload=ref, count=draw(st.integers(1, 6))) for ref in draw(st.lists(st.sampled_from(REFS), unique=True))),
        pools=(PoolOptions(name=POOL, count=len(there), min=0, max=len(there) + 8, offers=offers),),
        spread=draw(st.booleans()),
    )


def placed(problem: Problem, found: Placement) -> list[tuple[WorkloadRef, str]]:
    """Where no scheduler would have let a replica come, as one part of a workload was placed after the other.

    Of each part first where there are machines, then on new ones. A workload has two where others were bought for in between.
    """
    scene, refused = scene_of(problem), list[tuple[WorkloadRef, str]]()
    for ref, part in groupby(found.assignments, lambda one: one.workload):
        keys = [one.host for one in part for _ in range(one.count)]
        left = come(scene, ref, [key for key in keys if key in scene.hosts])
        new = [key for key in keys if key not in scene.hosts]
        ways = [opened(scene, problem, found, (ref, lots, [*left, *new])) for lots in ([new], [[key] for key in dict.fromkeys(new)])]
        scene, left = min(ways, key=lambda way: len(way[1]))
        refused += [(ref, key) for key in left]
    return refused


Coming = tuple[WorkloadRef, list[list[str]], list[str]]
"""Who comes, on machines that come in which lots, and to which."""


def opened(scene: Scene, problem: Problem, found: Placement, coming: Coming) -> tuple[Scene, list[str]]:
    """The machines come in these lots, and with the first those on which nobody is to stand; who may not come to any.

    What runs on a machine is counted as soon as it is there, so that it may take all machines at once, or one after the other.
    """
    ref, lots, left = coming
    after = Scene(scene.loads, dict(scene.hosts), list(scene.standing))
    empty = {one.key for one in found.opens} - {one.host for one in found.assignments} - after.hosts.keys()
    for lot in lots:
        with_opened(after, problem, found, {*lot, *empty})
        empty = set()
        left = come(after, ref, [key for key in left if key in after.hosts]) + [key for key in left if key not in after.hosts]
    return after, left


@settings(max_examples=cases(5000), deadline=None)
@given(problem=problems())
def test_what_is_placed_may_come_there_one_after_the_other(problem: Problem) -> None:
    found = place(problem)
    assert placed(problem, found) == []
    wanted, got = Counter({one.workload: one.count for one in problem.demands}), Counter[WorkloadRef]()
    for one in found.assignments:
        got[one.workload] += one.count
    for left in found.unplaced:
        got[left.workload] += left.count
    assert got == wanted


@settings(max_examples=cases(5000), deadline=None)
@given(problem=problems())
def test_what_moves_keeps_to_them_while_both_copies_stand_and_after(problem: Problem) -> None:
    problem = replace(problem, demands=())
    found, scene = place(problem), scene_of(problem)
    with_opened(scene, problem, found, [one.key for one in found.opens])
    before = scene.broken()
    for key in found.closes:
        # Fenced, it is a domain until it is gone; where it is emptied as a whole, not while that lasts.
        scene.hosts[key] = scene.hosts[key]._replace(state=HostState.LEAVING if problem.spread else HostState.CLOSING)
        for ref in REFS:
            targets = [one.target for one in found.moves if (one.source, one.workload) == (key, ref) for _ in range(one.count)]
            assert come(scene, ref, targets) == []
        scene.standing = [one for one in scene.standing if one[1] != key]
        scene.hosts[key] = scene.hosts[key]._replace(state=HostState.CLOSING)
        assert scene.overfull() == []
    assert scene.broken() <= before
    assert {one.source for one in found.moves} <= set(found.closes)


@st.composite
def purchases(draw: st.DrawFn) -> Problem:
    """So much is to come that it is bought together; a little stands already."""
    problem = draw(problems())
    counts = draw(st.tuples(*(st.integers(17, 20) for _ in REFS)))
    offers = tuple(
        Offer(
            name=OfferingName(f"{zone}{size}"),
            capacity=Resources(CPU * size, 0),
            price=100 * size + extra,
            labels=(("zone", zone),),
            daemons=draw(running),
        )
        for zone, extra in draw(st.lists(st.tuples(st.sampled_from(ZONES), st.integers(0, 2)), min_size=1, unique_by=lambda one: one[0]))
        for size in (1, 3)
    )
    demands = tuple(Demand(workload=ref, count=count) for ref, count in zip(REFS, counts, strict=True))
    return replace(
        problem, hosts=problem.hosts[:2], residents=(), demands=demands, pools=(replace(problem.pools[0], max=999, offers=offers),)
    )


@pytest.mark.compiled
@settings(max_examples=cases(200), deadline=None)
@given(problem=purchases())
def test_what_is_bought_together_may_come_there_in_some_order(problem: Problem) -> None:
    found, scene = place(problem), scene_of(problem)
    with_opened(scene, problem, found, [one.key for one in found.opens])
    running = {key for _, key in scene.standing}
    coming = [(one.workload, one.host) for one in found.assignments for _ in range(one.count)]
    assert come_all(scene, coming) or not placed(problem, found)  # what was not bought together after all comes as it was bought
    scene.standing = coming
    assert scene.overfull() == []
    assert found.bound is None or found.bound <= found.price
    empty = {one.key for one in found.opens} - {one.host for one in found.assignments}
    assert empty <= running, "bought, and nothing stands there"
