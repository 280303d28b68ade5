"""Replicas spread evenly again on request: where to, how many, and never at the price of an available one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler.engine.pinning import calm
from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.constraints import LabelRule
from autoscaler.model.freezes import Freeze
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.policies import Unmanaged
from autoscaler.model.quantities import Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import JoinTraffic
from autoscaler.model.workloads import Obstacle, Shape
from autoscaler.planning import Rebalance, plan

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
NODES = ("n1", "n2", "n3", "n4")
WEB, OTHER = WorkloadRef.parse("shop/web"), WorkloadRef.parse("shop/other")


def joined_late(small: Worlds, *, cpu: int = 100, **more: object) -> "World":
    """Two nodes with three replicas each, and one that joined when they stood already."""
    world = small()
    for name in NODES[:3]:
        world.node(name)
    world.workload("web", ["n1"] * 3 + ["n2"] * 3, cpu=cpu, **more)  # type: ignore[arg-type]
    return world


def rebalanced(world: "World", moves: int = 10, *only: WorkloadRef) -> Plan:
    return plan(replace(world.request(), rebalance=Rebalance(moves=moves, workloads=frozenset(only))))


def counts(world: "World", name: str = "web") -> list[int]:
    here = Counter(one.node.id for one in world.replicas if one.node and one.workload.path == name)
    return sorted(here[node] for node in world.nodes)


@pytest.mark.parametrize(
    ("moves", "more", "after"),
    [
        pytest.param(10, {}, [2, 2, 2], id="as evenly as can be"),
        pytest.param(1, {}, [1, 2, 3], id="no more moves than asked for"),
        pytest.param(10, {"surge": 1}, [2, 2, 2], id="in waves of its surge"),
        pytest.param(10, {"surge": 0}, [0, 3, 3], id="nothing without a surge"),
        pytest.param(10, {"traffic": False}, [2, 2, 2], id="without traffic too"),
        pytest.param(10, {"cpu": 1500}, [0, 3, 3], id="nothing where nodes are overfull already and nobody knows better"),
    ],
)
def test_a_node_that_joined_late_gets_its_share(small: Worlds, moves: int, more: dict[str, object], after: list[int]) -> None:
    world = joined_late(small, **more)  # type: ignore[arg-type]
    if "cpu" in more:
        world.node("n3", capacity=Resources(1000, 2**30))
    world.finish(rebalanced(world, moves))
    assert counts(world) == after


def broken_off(world: "World", made: Plan) -> Commitments:
    """Extra replicas were asked for, and do not serve in time."""
    begun = world.finish(made, steps=1)
    failed = replace(begun.records[1], status=StepStatus.FAILED, reasons=(Reason(Code.TIMED_OUT),), ended_at=world.at)
    return replace(begun, records=(begun.records[0], failed, *begun.records[2:]))


@pytest.mark.parametrize("passive", [False, True], ids=["while its policy acts", "while nothing may act"])
def test_what_breaks_off_gives_its_extra_replicas_back(small: Worlds, *, passive: bool) -> None:
    world = joined_late(small)
    commitments = broken_off(world, rebalanced(world))
    request = world.request(commitments)
    after = plan(replace(request, policies=calm(request.policies)) if passive else request)
    assert {one.operation for one in after.steps} == {"undo shop/web"}
    world.finish(after)
    assert world.workloads[WEB].wanted == 6
    assert len(world.replicas) == 6


@pytest.mark.parametrize("steps", range(1, 5))
def test_what_is_begun_goes_on_whatever_the_mode_is_now(small: Worlds, steps: int) -> None:
    world = joined_late(small)
    made = rebalanced(world)
    request = world.request(world.finish(made, steps=steps))
    assert plan(replace(request, policies=calm(request.policies))).id == made.id


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda world: world.drains.add("n1"), id="while a node is to be emptied"),
        pytest.param(lambda world: world.replicas.append(replace(world.replicas[0], id=ReplicaId("w"), node=None)), id="while one waits"),
    ],
)
def test_nothing_while_something_else_needs_the_room(small: Worlds, spoil: Callable[["World"], None]) -> None:
    world = joined_late(small)
    world.workload("other", ["n1"] * 4, cpu=100)
    spoil(world)
    commitments = world.finish(world.plan(), steps=1)
    made = plan(replace(world.request(commitments), rebalance=Rebalance()))
    assert made.steps == ()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param({"allow_gap": True, "obstacles": (Obstacle.SINGLE_WRITER,)}, Code.GAP_NOT_ALLOWED, id="what cannot be in two places"),
        pytest.param({"surge": 0}, Code.OVER_BUDGET, id="what may have no extra replica"),
    ],
)
def test_what_cannot_move_beside_itself_stays(small: Worlds, spoil: dict[str, object], why: Code) -> None:
    made = rebalanced(joined_late(small, **spoil))  # type: ignore[arg-type]
    assert made.steps == ()
    assert why in {reason.code for remark in made.remarks for reason in remark.reasons}


def test_a_floor_that_is_broken_already_is_not_built_upon(small: Worlds) -> None:
    world = joined_late(small)
    world.replicas[0] = replace(world.replicas[0], healthy=False)
    made = rebalanced(world)
    assert made.steps == ()
    assert Code.FLOOR_BROKEN in {reason.code for remark in made.remarks for reason in remark.reasons}


def test_whoever_is_ill_already_is_not_waited_for(small: Worlds) -> None:
    world = joined_late(small, floor=Share(500))
    world.replicas[0] = replace(world.replicas[0], healthy=False)
    waits = [one.step for one in rebalanced(world).steps if isinstance(one.step, JoinTraffic)]
    assert waits[0].count == 3 + 2


@pytest.mark.parametrize("frozen", ["shop/web", "node:n3", "pool:general"])
def test_what_is_frozen_neither_moves_nor_takes(small: Worlds, frozen: str) -> None:
    world = joined_late(small)
    world.workload("other", ["n1"] * 4, cpu=100)
    world.freezes.append(Freeze(subject=frozen, who="somebody", why="looking", at=world.at))
    made = rebalanced(world, 3)
    assert {one.operation for one in made.steps} <= {"rebalance shop/other"}
    assert not {one.target for one in made.moves} & {"n3" if frozen == "node:n3" else ""}
    assert bool(made.steps) is (frozen != "pool:general")


def test_the_most_uneven_goes_first(small: Worlds) -> None:
    world = small()
    for name in NODES:
        world.node(name, capacity=Resources(40_000, 2**32))
    world.workload("high", ["n1"] * 9 + ["n2"] * 9 + ["n3"] * 9 + ["n4"] * 7, cpu=100)
    world.workload("uneven", ["n1"] * 6, cpu=100)
    assert [str(one.workload) for one in rebalanced(world, 1).moves] == ["shop/uneven"]


def test_what_is_begun_beside_it_is_nothing(small: Worlds) -> None:
    world = joined_late(small)
    world.decided[WorkloadRef.parse("shop/web")] = 6
    world.node("idle")
    operations = {one.operation for one in rebalanced(world).steps}
    assert operations == {"rebalance shop/web"}


def test_its_moves_are_told_as_expected(small: Worlds) -> None:
    made = rebalanced(joined_late(small))
    assert [(str(one.source), one.target, one.count, one.expected, one.gap.ms) for one in made.moves] == [
        ("n1", "n3", 1, True, 0),
        ("n2", "n3", 1, True, 0),
    ]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param({"updating": True}, Code.UPDATE_IN_PROGRESS, id="while its owner updates it"),
        pytest.param({"managed": False}, Code.UNMANAGED_LEFT, id="unmanaged, and those are left alone"),
    ],
)
def test_what_may_not_move_stays_and_it_is_said_why(small: Worlds, spoil: dict[str, object], why: Code) -> None:
    world = joined_late(small, **spoil)  # type: ignore[arg-type]
    world.policies["unmanaged"] = Unmanaged.LEAVE
    made = rebalanced(world)
    assert made.steps == ()
    assert why in {reason.code for remark in made.remarks if remark.subject == "shop/web" for reason in remark.reasons}


def test_only_those_named(small: Worlds) -> None:
    world = joined_late(small)
    world.workload("other", ["n1"] * 4, cpu=100)
    assert {one.operation for one in rebalanced(world, 10, OTHER).steps} == {"rebalance shop/other"}


def test_the_bound_on_moves_is_for_all_together(small: Worlds) -> None:
    world = joined_late(small)
    world.workload("other", ["n1"] * 4, cpu=100)
    assert sum(one.count for one in rebalanced(world, 3).moves) == 3


def test_the_room_that_one_takes_is_no_longer_there_for_the_next(small: Worlds) -> None:
    world = joined_late(small, cpu=900)
    world.node("n3", capacity=Resources(1000, 4 * 2**30))
    world.workload("other", ["n1"] * 2, cpu=200)
    assert sum(one.target == "n3" for one in rebalanced(world).moves) == 1


def test_its_labels_are_kept_to(small: Worlds) -> None:
    shape = Shape(requests=Resources(100, 2**20), node_rules=(LabelRule(key="disk", value="ssd"),))
    world = joined_late(small, shape=shape)
    for name in ("n1", "n2"):
        world.node(name, labels=(("disk", "ssd"),))
    assert rebalanced(world).steps == ()


def test_what_a_scale_changes_anyway_is_not_moved_beside_it(small: Worlds) -> None:
    world = joined_late(small)
    world.decided[WorkloadRef.parse("shop/web")] = 8
    assert rebalanced(world).steps == ()


def test_no_recipe_is_proven_where_we_stop_replicas_and_do_not_place_them(small: Worlds) -> None:
    world = joined_late(small)
    world.capabilities = Capabilities(moves=Moves.REPLICA, bound=False, stops=True)
    made = rebalanced(world)
    assert made.steps == ()
    assert Code.NO_RECIPE in {reason.code for remark in made.remarks for reason in remark.reasons}


@given(places=lists(integers(0, 3), min_size=2, max_size=12), surge=integers(1, 4), moves=integers(1, 6))
def test_it_evens_out_within_its_bounds_and_never_below_the_floor(small: Worlds, places: list[int], surge: int, moves: int) -> None:
    world = small()
    for name in NODES:
        world.node(name)
    ref = world.workload("web", [NODES[one] for one in places], cpu=100, surge=surge)
    before = counts(world)

    def watch(after: "World", _: PlannedStep) -> None:
        serving = {address for address, one in after.members.items() if one.state.value == "ready"}
        live = [one for one in after.replicas if one.workload == ref]
        assert sum(one.address in serving for one in live) >= len(places)
        assert len(live) <= len(places) + surge

    made = rebalanced(world, moves)
    world.finish(made, watch)
    moved, after = sum(one.count for one in made.moves), counts(world)
    assert moved <= moves
    assert max(after) - min(after) <= max(before) - min(before)
    assert sum(one * one for one in after) < sum(one * one for one in before) or not moved
    if max(after) - min(after) < 2:
        assert rebalanced(world, moves).steps == (), "what is even stays so"
    else:
        assert moved == moves
