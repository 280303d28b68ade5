"""What a mode lets planning do: on a pool, on a workload, and on a cluster where nothing may act."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.contracts.policy import ClusterPolicies, PoolPolicy
from autoscaler.model.commitments import Commitments
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Mode
from autoscaler.model.pools import PoolSpec
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, StoreId, WorkloadRef
from autoscaler.model.steps import AwaitNode, Fence, GrowPool, JoinTraffic, ReleaseInstance
from autoscaler.planning import PlanRequest, plan
from tests.planning.conftest import POOL, SHOP
from tests.planning.test_plan_properties import build

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
Build: TypeAlias = "Callable[[World], WorkloadRef]"
WATCHING = pytest.mark.parametrize("mode", [Mode.RECOMMEND, Mode.OFF])
CODE = {Mode.RECOMMEND: Code.RECOMMEND_ONLY, Mode.OFF: Code.SWITCHED_OFF, Mode.SCALE_OUT_ONLY: Code.SCALE_OUT_ONLY}


def pooled(world: "World", mode: Mode) -> None:
    """The one pool in this mode."""
    low, high = world.bounds
    world.policies["pools"] = (PoolPolicy(spec=PoolSpec(name=POOL, cluster=SHOP, min=low, max=high, mode=mode)),)


def governed(request: PlanRequest, mode: Mode) -> PlanRequest:
    """Every policy in this mode, deciding as the last stage does."""
    policies = tuple(replace(one, mode=mode) for one in request.policies.policies)
    decisions = request.decisions
    if mode in (Mode.RECOMMEND, Mode.OFF):
        decisions = tuple(
            replace(one, mode=mode, count=one.current, stages=(StageResult(stage=Stage.MODE, before=one.count, after=one.current),))
            for one in decisions
        )
    return replace(request, policies=replace(request.policies, policies=policies), decisions=decisions)


def crowded(world: "World") -> WorkloadRef:
    """One full node, and more wanted."""
    world.node("n1")
    ref = world.workload("web", ["n1"] * 4)
    world.decided[ref] = 6
    return ref


def roomy(world: "World") -> WorkloadRef:
    """Three nodes, of which one would do."""
    for name in ("n1", "n2", "n3"):
        world.node(name)
    ref = world.workload("web", ["n1", "n2"])
    world.decided[ref] = 2
    return ref


def astray(world: "World") -> WorkloadRef:
    """A healthy replica that the rotation lost."""
    ref = roomy(world)
    world.members.pop(next(iter(world.members)))
    return ref


def marked(world: "World") -> WorkloadRef:
    """A node that a forgotten plan of ours fenced."""
    ref = roomy(world)
    mark = Mark(store=StoreId("s"), plan=PlanId("old"), field="availability", was="open", ours="fenced")
    world.nodes["n3"] = replace(world.nodes["n3"], availability=NodeAvailability.FENCED, marks=(mark,))
    return ref


def kinds(made: Plan) -> set[type]:
    return {type(one.step) for one in made.steps}


def said(made: Plan, subject: str) -> list[tuple[Code, tuple[int, ...]]]:
    return [(reason.code, reason.numbers) for one in made.remarks if one.subject == subject for reason in one.reasons]


@pytest.mark.parametrize(
    ("mode", "grows", "closes"),
    [
        pytest.param(Mode.ACTIVE, True, True, id="active grows and closes"),
        pytest.param(Mode.SCALE_OUT_ONLY, True, False, id="scale_out_only grows and closes nothing"),
        pytest.param(Mode.RECOMMEND, False, False, id="recommend does neither"),
        pytest.param(Mode.OFF, False, False, id="off does neither"),
    ],
)
def test_what_a_pool_may_do(small: Worlds, mode: Mode, *, grows: bool, closes: bool) -> None:
    full, empty = small(), small()
    crowded(full)
    roomy(empty)
    for world in (full, empty):
        pooled(world, mode)
    assert (GrowPool in kinds(full.plan())) is grows
    assert (Fence in kinds(empty.plan())) is closes


@WATCHING
@pytest.mark.parametrize(
    ("case", "count"),
    [pytest.param(crowded, 2, id="it would grow"), pytest.param(roomy, 1, id="it would shrink")],
)
def test_a_remark_says_how_many_nodes_there_would_be(small: Worlds, mode: Mode, case: Build, count: int) -> None:
    world = small()
    case(world)
    pooled(world, mode)
    assert said(world.plan(), f"pool:{POOL}") == [(CODE[mode], (count,))]


def test_a_pool_that_only_grows_says_what_it_keeps(small: Worlds) -> None:
    world = small()
    roomy(world)
    pooled(world, Mode.SCALE_OUT_ONLY)
    assert said(world.plan(), f"pool:{POOL}") == [(Code.SCALE_OUT_ONLY, (1,))]


def test_replicas_still_come_where_there_is_room_without_the_pool(small: Worlds) -> None:
    world = small()
    crowded(world)
    world.node("n2", pooled=False, capacity=world.nodes["n1"].capacity - world.workloads[WorkloadRef(SHOP, "web")].shape.requests)
    pooled(world, Mode.RECOMMEND)
    assert dict(world.plan().goal.replicas)[WorkloadRef(SHOP, "web")] == 6
    assert kinds(world.plan()).isdisjoint({GrowPool, AwaitNode})


@WATCHING
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(crowded, id="more is wanted than fits"),
        pytest.param(roomy, id="a node is superfluous"),
        pytest.param(astray, id="a rotation drifted"),
        pytest.param(marked, id="a mark of ours was left"),
    ],
)
def test_a_cluster_that_only_watches_has_nothing_to_do(small: Worlds, mode: Mode, case: Build) -> None:
    world = small()
    case(world)
    assert plan(governed(world.request(), Mode.ACTIVE)).steps
    pooled(world, mode)
    assert plan(governed(world.request(), mode)).steps == ()


@WATCHING
def test_a_workload_that_is_watched_holds_its_nodes(small: Worlds, mode: Mode) -> None:
    world = small()
    roomy(world)
    made = plan(governed(world.request(), mode))
    released = {one.step.node.id for one in made.steps if isinstance(one.step, ReleaseInstance) and one.step.node}
    assert released == {"n3"}, "the empty one goes, for the pool is active"
    assert {code for code, _ in said(made, "node:n1") + said(made, "node:n2")} == {CODE[mode]}


@WATCHING
def test_a_watched_workload_keeps_its_drift_while_others_are_mended(small: Worlds, mode: Mode) -> None:
    world = small()
    watched = astray(world)
    other = world.workload("api", ["n3"])
    world.members = {address: one for address, one in world.members.items() if one.workload != other}
    request = world.request()
    policies = tuple(replace(one, mode=mode if one.workload == watched else Mode.ACTIVE) for one in request.policies.policies)
    made = plan(replace(request, policies=replace(request.policies, policies=policies)))
    assert {one.step.workload for one in made.steps if isinstance(one.step, JoinTraffic)} == {other}
    held = {(one.step.step.workload, one.reasons[0].code) for one in made.withheld if isinstance(one.step.step, JoinTraffic)}
    assert held == {(watched, CODE[mode])}


@WATCHING
def test_a_drain_that_somebody_asked_for_goes_on_and_gives_no_machine_back(small: Worlds, mode: Mode) -> None:
    world = small()
    roomy(world)
    pooled(world, mode)
    world.drains = {"n2"}
    made = plan(governed(world.request(), mode))
    assert [one.step.node.id for one in made.steps if isinstance(one.step, Fence)] == ["n2"]
    assert ReleaseInstance not in kinds(made)


@WATCHING
def test_a_mark_that_no_plan_explains_is_taken_off_in_any_mode(small: Worlds, mode: Mode) -> None:
    """A freeze may have ended the operation that would have: what we left is ours to take back."""
    world = small()
    marked(world)
    pooled(world, mode)
    assert "mend n3" in {one.operation for one in world.plan().steps}


@WATCHING
def test_a_close_under_way_is_taken_back_when_the_mode_changes(small: Worlds, mode: Mode) -> None:
    world = small()
    roomy(world)
    made = world.plan()
    done = world.finish(made, steps=1)
    (fenced,) = (name for name, node in world.nodes.items() if node.availability is NodeAvailability.FENCED)
    pooled(world, mode)
    back = plan(governed(world.request(done), mode))
    assert {one.operation for one in back.steps} == {f"undo {fenced}"}
    world.finish(back)
    assert all(node.availability is NodeAvailability.OPEN and not node.marks for node in world.nodes.values())
    assert plan(governed(world.request(), mode)).steps == ()


def test_no_policy_at_all_is_no_mode(small: Worlds) -> None:
    world = small()
    marked(world)
    world.policies = {"policies": (), "pools": ()}
    assert {one.operation for one in world.plan().steps} >= {"mend n3"}


@settings(max_examples=150)
@given(data=st.data())
def test_nothing_is_done_where_nothing_may_act(small: Worlds, data: st.DataObject) -> None:
    world = build(data, small)
    if data.draw(st.booleans(), label="drift") and world.members:
        world.members.pop(data.draw(st.sampled_from(sorted(world.members))))
    mode = data.draw(st.sampled_from((Mode.RECOMMEND, Mode.OFF)))
    pooled(world, mode)
    made = plan(governed(world.request(), mode))
    assert made.steps == ()
    assert plan(governed(world.request(Commitments(plan=made)), mode)).steps == ()


@settings(max_examples=150)
@given(data=st.data())
def test_a_pool_that_only_grows_never_loses_a_node(small: Worlds, data: st.DataObject) -> None:
    world = build(data, small)
    pooled(world, Mode.SCALE_OUT_ONLY)
    made = world.plan()
    assert kinds(made).isdisjoint({ReleaseInstance, Fence})
    assert all(change.after >= change.before for change in made.pools)


def test_the_default_is_to_act() -> None:
    assert PoolSpec(name=POOL, cluster=SHOP, min=0, max=1).mode is Mode.ACTIVE
    assert ClusterPolicies(cluster=SHOP).pool(POOL) is None
