"""A machine that its cloud takes is emptied first of all; who cannot leave in time is named, with figures."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.explaining import plan_as_text
from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.nodes import NodeState
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.policies import Limits, Mode
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import Evacuate, Fence, GrowPool, JoinTraffic, LeaveTraffic, ReleaseInstance, RemoveNode, SetReplicas, Unfence
from autoscaler.model.workloads import Obstacle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.planning.conftest import World

Worlds: TypeAlias = "Callable[[], World]"


def notice(world: "World", name: str, seconds: int) -> None:
    world.instances[name] = replace(world.instances[name], ends_at=Instant(world.at + seconds * 1000))


def reasons(made: Plan, subject: str) -> list[Code]:
    return [why.code for one in made.remarks if one.subject == subject for why in one.reasons]


def of(made: Plan, *kinds: type) -> list[PlannedStep]:
    return [one for one in made.steps if isinstance(one.step, kinds)]


def two_nodes(small: Worlds, **more: object) -> tuple["World", WorkloadRef]:
    world = small()
    world.node("n1")
    world.node("n2")
    return world, world.workload("web", ["n1", "n2"], **more)  # type: ignore[arg-type]


def test_it_closes_whatever_windows_and_budgets_say(small: Worlds) -> None:
    world, _ = two_nodes(small)
    world.node("n3")
    world.idle_since, world.limits = None, Limits(closing_at_once=1, nodes_per_minute=1)
    world.drains.add("n3")
    assert [ref.id for ref in world.plan().goal.closing] == ["n3"]
    notice(world, "n1", 120)
    made = world.plan()
    assert [ref.id for ref in made.goal.closing] == ["n1"]
    assert {one.step.operation for one in made.withheld} == {"close n3"}
    assert Code.ENDED_BY_CLOUD in reasons(made, "node:n1")


def in_mode(world: "World", mode: Mode) -> None:
    world.policies["pools"] = tuple(replace(one, spec=replace(one.spec, mode=mode)) for one in world.request().policies.pools)


def test_it_closes_in_a_pool_that_only_grows(small: Worlds) -> None:
    world, _ = two_nodes(small)
    world.policies["pools"] = tuple(
        replace(one, spec=replace(one.spec, mode=Mode.SCALE_OUT_ONLY)) for one in world.request().policies.pools
    )
    notice(world, "n1", 120)
    assert [ref.id for ref in world.plan().goal.closing] == ["n1"]


@pytest.mark.parametrize("mode", [Mode.RECOMMEND, Mode.OFF])
def test_a_pool_that_may_not_act_keeps_its_node(small: Worlds, mode: Mode) -> None:
    world, _ = two_nodes(small)
    in_mode(world, mode)
    notice(world, "n1", 120)
    assert not world.plan().steps


def test_it_is_no_target_and_what_takes_its_place_is_bought_at_once(small: Worlds) -> None:
    world, web = two_nodes(small, cpu=3000)
    world.bounds = (2, 20)
    world.decided[web] = 3
    notice(world, "n1", 120)
    made = world.plan()
    assert [one.step.wanted for one in of(made, GrowPool) if isinstance(one.step, GrowPool)] == [4]
    assert all(not one.after for one in of(made, GrowPool))
    assert all(move.target != "n1" for move in made.moves)


def test_a_machine_that_ends_before_it_joins_is_nobodys_place(small: Worlds) -> None:
    world, web = two_nodes(small, cpu=3000)
    world.node("n3")
    del world.nodes["n3"]
    world.instances["n3"] = replace(world.instances["n3"], launched_at=world.at)
    world.decided[web] = 3
    assert not of(world.plan(), GrowPool)
    notice(world, "n3", 120)
    assert of(world.plan(), GrowPool)


def test_it_takes_back_no_closing_of_a_machine_that_ends(small: Worlds) -> None:
    world, web = two_nodes(small, cpu=1000)
    world.drains.add("n1")
    begun = world.adopt(world.plan())
    notice(world, "n1", 120)
    assert [ref.id for ref in world.plan(begun).goal.closing] == ["n1"]
    del web


def waits_for(made: Plan, one: PlannedStep) -> set[str]:
    """Kinds of steps that come before it, at any distance."""
    steps, found, todo = {step.id: step for step in made.steps}, set[str](), list(one.after)
    while todo:
        step = steps[todo.pop()]
        found.add(type(step.step).__name__)
        todo += step.after
    return found


@pytest.mark.parametrize(
    ("seconds", "named", "waits"),
    [
        pytest.param(120, None, True, id="in time"),
        pytest.param(40, (55_000, 40_000), True, id="not all of it, but the replacement comes first"),
        pytest.param(10, (55_000, 10_000), False, id="not even the replacement, so nobody waits for it"),
    ],
)
def test_who_cannot_leave_in_time_is_named_with_figures(small: Worlds, seconds: int, named: tuple[int, int] | None, *, waits: bool) -> None:
    world, web = two_nodes(small)
    world.node("n3")
    notice(world, "n1", seconds)
    made = world.plan()
    assert [why.numbers for one in made.remarks for why in one.reasons if why.code is Code.TOO_LATE] == ([named] if named else [])
    assert [one.step.change for one in of(made, SetReplicas) if isinstance(one.step, SetReplicas)] == [1, -1]
    leave = next(one for one in of(made, LeaveTraffic) if one.step.node)  # type: ignore[union-attr]
    assert ("JoinTraffic" in waits_for(made, leave)) == waits
    if named:
        assert f"shop/web needs {named[0] // 1000}s to leave n1, which the cloud takes in {seconds}s" in " ".join(
            plan_as_text(made).split()
        )
    del web


def test_each_workload_leaves_when_its_own_replacements_serve(small: Worlds) -> None:
    world, _ = two_nodes(small, cpu=500)
    world.workload("api", ["n1", "n2"], cpu=500)
    notice(world, "n1", 120)
    made = world.plan()
    leaves = [one for one in of(made, LeaveTraffic) if one.step.node]  # type: ignore[union-attr]
    steps = {one.id: one.step for one in made.steps}
    for one in leaves:
        assert [steps[before].workload for before in one.after] == [one.step.workload]  # type: ignore[union-attr]


def test_whoever_matters_most_goes_first(small: Worlds) -> None:
    world = small()
    world.node("n1")
    world.node("n2")
    for name, priority in (("a", 0), ("b", 5), ("c", 1)):
        ref = world.workload(name, ["n1"])
        world.workloads[ref] = replace(world.workloads[ref], shape=replace(world.workloads[ref].shape, priority=priority))
    notice(world, "n1", 120)
    surges = [one.step.workload.path for one in of(world.plan(), SetReplicas) if isinstance(one.step, SetReplicas) and one.step.change > 0]
    assert surges == ["b", "c", "a"]


def test_where_there_is_room_for_few_those_who_matter_most_move(small: Worlds) -> None:
    world = small()
    world.node("n1")
    world.node("n2")
    world.bounds = (2, 2)
    world.workload("full", ["n2"], cpu=2000)
    for name, priority in (("a", 0), ("b", 5)):
        ref = world.workload(name, ["n1"], cpu=1500)
        world.workloads[ref] = replace(world.workloads[ref], shape=replace(world.workloads[ref].shape, priority=priority))
    notice(world, "n1", 120)
    made = world.plan()
    assert {move.workload.path for move in made.moves} == {"b"}
    assert Code.ENDS_WITH_NODE in reasons(made, "shop/a")


def test_what_needs_a_gap_stays_and_ends_with_its_machine(small: Worlds) -> None:
    world, web = two_nodes(small)
    single = world.workload("one", ["n1"], obstacles=(Obstacle.SINGLE_WRITER,))
    notice(world, "n1", 120)
    made = world.plan()
    assert reasons(made, "shop/one") == [Code.ENDS_WITH_NODE, Code.GAP_NOT_ALLOWED]
    assert {move.workload for move in made.moves} == {web}
    assert not any(single in getattr(one.step, "workloads", (getattr(one.step, "workload", None),)) for one in made.steps)
    assert of(made, Fence, ReleaseInstance)


def test_room_is_bought_for_who_comes_back_when_its_machine_has_gone(small: Worlds) -> None:
    world = small()
    world.node("n1")
    world.workload("one", ["n1"], cpu=3000, obstacles=(Obstacle.SINGLE_WRITER,))
    notice(world, "n1", 120)
    assert of(world.plan(), GrowPool)


def test_room_is_bought_for_more_than_its_surge_lets_leave(small: Worlds) -> None:
    world = small()
    world.node("n1")
    web = world.workload("web", ["n1", "n1"], cpu=2000, surge=1)
    notice(world, "n1", 120)
    made = world.plan()
    assert reasons(made, "shop/web") == [Code.ENDS_WITH_NODE, Code.SURGE_TOO_SMALL]
    assert not [move for move in made.moves if move.workload == web]
    assert [one.step.wanted - one.step.seen for one in of(made, GrowPool) if isinstance(one.step, GrowPool)] == [1]


def test_who_waits_for_a_machine_that_is_bought_is_named_and_what_it_waits_for(small: Worlds) -> None:
    world = small()
    world.capabilities = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)
    world.node("n1")
    world.workload("web", ["n1"], cpu=3000, surge=1)
    notice(world, "n1", 40)
    made = world.plan()
    told = [why for one in made.remarks if one.subject == "node:n1" for why in one.reasons if why.code is not Code.ENDED_BY_CLOUD]
    assert [(why.code, why.names) for why in told] == [(Code.NODE_JOINING, ("new-1",)), (Code.TOO_LATE, ("shop/web", "n1"))]


def test_the_soonest_goes_first(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    world.workload("web", ["n1", "n2", "n3"])
    notice(world, "n1", 120)
    notice(world, "n2", 60)
    made = world.plan()
    first = [one.operation for one in made.steps if one.operation.startswith("close ") and isinstance(one.step, SetReplicas)]
    assert first[0] == "close n2"


def test_the_plan_stays_while_nothing_changes(small: Worlds) -> None:
    world, _ = two_nodes(small)
    world.workload("one", ["n1"], obstacles=(Obstacle.SINGLE_WRITER,))
    notice(world, "n1", 120)
    made = world.plan()
    begun = world.adopt(made)
    world.at = Instant(world.at + 5000)
    assert world.plan(begun).id == made.id


@pytest.mark.parametrize(
    ("seconds", "same"),
    [
        pytest.param(100, True, id="while there is time the replacement is waited for"),
        pytest.param(112, False, id="in the last moment nobody waits for it any more"),
    ],
)
def test_what_waits_when_its_machine_is_about_to_end_leaves_traffic(small: Worlds, seconds: int, *, same: bool) -> None:
    world, _ = two_nodes(small)
    notice(world, "n1", 120)
    made = world.plan()
    until = next(place for place, one in enumerate(made.steps) if isinstance(one.step, JoinTraffic))
    begun = world.finish(made, steps=until)
    world.at = Instant(world.at + seconds * 1000)
    again = world.plan(begun)
    assert (again.id == made.id) == same
    leave = next(one for one in of(again, LeaveTraffic) if one.step.node)  # type: ignore[union-attr]
    assert ("JoinTraffic" in waits_for(again, leave)) == same


@pytest.mark.parametrize(
    "noticed", [pytest.param(True, id="as its cloud had said"), pytest.param(False, id="without a word, while we closed it")]
)
def test_the_node_of_a_machine_that_was_taken_is_forgotten(small: Worlds, noticed: bool) -> None:  # noqa: FBT001 - a case of the table
    world, _ = two_nodes(small)
    world.node("n3")
    if noticed:
        notice(world, "n1", 120)
    else:
        world.drains |= {"n1"}
    made = world.plan()
    fence = next(place for place, one in enumerate(made.steps) if isinstance(one.step, Fence))
    assert fence == 0
    begun = world.finish(made, steps=1)
    world.replicas = [one for one in world.replicas if one.node is None or one.node.id != "n1"]
    world.nodes["n1"] = replace(world.nodes["n1"], state=NodeState.DOWN)
    del world.instances["n1"]
    closing = [one for one in begun.records if one.planned.operation == "close n1"]
    # Somebody had stopped there already, so that the close is gone on with whatever comes.
    kept = [one for one in closing if isinstance(one.planned.step, Fence if noticed else Fence | Evacuate | ReleaseInstance)]
    last = len(kept) - 1
    ended = tuple(replace(one, status=StepStatus.DROPPED if place and place == last else StepStatus.DONE) for place, one in enumerate(kept))
    plan = replace(made, steps=tuple(one.planned for one in ended))
    assert [one.step.node.id for one in of(world.plan(Commitments(plan=plan, records=ended)), RemoveNode)] == ["n1"]  # type: ignore[union-attr]


def begun(world: "World", name: str, kind: type) -> Commitments:
    """Its cloud takes the machine in two minutes, and its close has come as far as to its first step of this kind."""
    notice(world, name, 120)
    made = world.plan()
    return world.finish(made, steps=1 + next(place for place, one in enumerate(made.steps) if isinstance(one.step, kind)))


def take(world: "World", name: str) -> None:
    world.replicas = [one for one in world.replicas if one.node is None or one.node.id != name]
    world.nodes[name] = replace(world.nodes[name], state=NodeState.DOWN)
    del world.instances[name]


def failing(found: Commitments) -> Commitments:
    """The step that comes next failed."""
    place = next(place for place, one in enumerate(found.records) if one.status is StepStatus.WAITING)
    failed = replace(found.records[place], status=StepStatus.FAILED)
    return replace(found, records=(*found.records[:place], failed, *found.records[place + 1 :]))


@pytest.mark.parametrize("failed", [pytest.param(False, id="which waits for it still"), pytest.param(True, id="of which a step failed")])
def test_a_machine_that_goes_early_leaves_a_surge_to_give_back_and_a_node_to_forget(small: Worlds, *, failed: bool) -> None:
    world, _ = two_nodes(small)
    world.node("n3")
    moving = begun(world, "n1", SetReplicas)
    take(world, "n1")
    again = world.plan(failing(moving) if failed else moving)
    done = {record.planned.id for record in moving.records}
    fresh = [one for one in again.steps if one.operation == "close n1" and one.id not in done]
    assert [one.step.change for one in fresh if isinstance(one.step, SetReplicas)] == [-1]
    assert isinstance(fresh[-1].step, RemoveNode)
    assert {type(one.step).__name__ for one in fresh} == {"JoinTraffic", "LeaveTraffic", "SetReplicas", "RemoveNode"}
    assert {"SetReplicas", "JoinTraffic"} <= waits_for(again, fresh[-1])
    assert world.plan(world.adopt(again, moving)).id == again.id


def test_no_node_is_forgotten_while_its_pool_cannot_be_read(small: Worlds) -> None:
    world, _ = two_nodes(small)
    world.node("n3")
    moving = failing(begun(world, "n1", SetReplicas))
    take(world, "n1")
    world.pool_unknown = True
    assert not [one for one in of(world.plan(moving), RemoveNode) if one.id not in {record.planned.id for record in moving.records}]


@pytest.mark.parametrize(
    ("noticed", "kind"), [pytest.param(True, Evacuate, id="of a machine that ends"), pytest.param(False, Unfence, id="of any other")]
)
def test_a_close_that_failed_goes_on_or_is_taken_back(small: Worlds, noticed: bool, kind: type) -> None:  # noqa: FBT001 - as above
    world, _ = two_nodes(small)
    world.node("n3")
    world.drains |= set() if noticed else {"n1"}
    moving = failing(begun(world, "n1", Fence))
    if not noticed:
        world.instances["n1"] = replace(world.instances["n1"], ends_at=None)
    assert {type(one.step) for one in world.plan(moving).steps} & {Evacuate, Unfence} == {kind}


@pytest.mark.parametrize(
    "asked", [pytest.param(False, id="is forgotten"), pytest.param(True, id="stays as it is, where somebody asked for it to be emptied")]
)
def test_a_node_of_which_a_freeze_left_the_fence_alone(small: Worlds, *, asked: bool) -> None:
    world, _ = two_nodes(small)
    world.drains |= {"n1"} if asked else set()
    made = world.plan()
    fenced = world.finish(made, steps=1).records[0]
    assert isinstance(fenced.planned.step, Fence)
    take(world, fenced.planned.step.node.id)
    left = Commitments(plan=replace(made, steps=(fenced.planned,)), records=(fenced,))
    assert [one.step.node for one in of(world.plan(left), RemoveNode)] == ([] if asked else [fenced.planned.step.node])  # type: ignore[union-attr]
