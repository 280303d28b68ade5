"""What a plan does in one situation each."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Recommendation, ScaleEvent
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import InstanceState, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Limits, Unmanaged
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, StoreId
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import (
    AwaitNode,
    Evacuate,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    Purpose,
    SetReplicas,
    StartReplica,
    StopReplica,
    Undo,
    Unfence,
)
from autoscaler.model.workloads import Obstacle, Origin, Shape, WorkloadKind
from autoscaler.planning import plan, records, supersedes

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


def two(small: Worlds) -> "World":
    world = small()
    world.node("n1")
    world.node("n2")
    return world


def kinds(made: Plan, operation: str) -> list[str]:
    return [type(one.step).__name__ for one in made.steps if one.operation == operation]


def operations(made: Plan) -> list[str]:
    return list(dict.fromkeys(one.operation for one in made.steps))


def codes(made: Plan, subject: str) -> set[Code]:
    return {reason.code for remark in made.remarks if remark.subject == subject for reason in remark.reasons}


def withheld(made: Plan) -> set[Code]:
    return {reason.code for one in made.withheld for reason in one.reasons}


def test_nothing_to_do_is_an_empty_plan(small: Worlds) -> None:
    world = two(small)
    world.decided[world.workload("web", ["n1"] * 3 + ["n2"] * 3)] = 6
    made = world.plan()
    assert made.steps == ()
    assert not supersedes(made, Commitments())


def test_scaling_up_sets_the_count_and_joins_traffic(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n1", "n2"])
    world.decided[web] = 5
    made = world.plan()
    first = made.steps[0].step
    assert kinds(made, "scale shop/web") == ["SetReplicas", "JoinTraffic"]
    assert isinstance(first, SetReplicas)
    assert (first.seen, first.change, first.purpose) == (3, 2, Purpose.SCALE)
    assert dict(made.goal.replicas)[web] == 5


def test_without_a_rotation_healthy_is_awaited(small: Worlds) -> None:
    world = two(small)
    world.decided[world.workload("web", ["n1", "n2"], traffic=False)] = 3
    assert kinds(world.plan(), "scale shop/web") == ["SetReplicas", "AwaitHealthy"]


def test_what_does_not_fit_waits_for_new_nodes(small: Worlds) -> None:
    world = two(small)
    world.decided[world.workload("web", ["n1"] * 3 + ["n2"] * 3)] = 11
    made = world.plan()
    grow = next(one for one in made.steps if isinstance(one.step, GrowPool))
    awaits = next(one for one in made.steps if isinstance(one.step, AwaitNode))
    sets = [one for one in made.steps if isinstance(one.step, SetReplicas)]
    assert grow.step == GrowPool(pool=made.pools[0].pool, seen=2, wanted=3)
    assert [one.step.change for one in sets if isinstance(one.step, SetReplicas)] == [2, 3]
    assert awaits.id not in sets[0].after
    assert awaits.id in sets[1].after
    assert made.price_after.micro - made.price_before.micro == 100_000


def test_scaling_down_takes_victims_out_of_traffic_first(small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    world.decided[world.workload("web", ["n1"] * 3 + ["n2"] * 3)] = 4
    made = world.plan()
    assert kinds(made, "scale shop/web") == ["LeaveTraffic", "SetReplicas", "JoinTraffic"]
    assert [one.step.victims for one in made.steps if isinstance(one.step, LeaveTraffic)] == [2]


def test_a_broken_floor_lets_only_ill_replicas_go(small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    web = world.workload("web", ["n1"] * 3 + ["n2"] * 3)
    ill = world.order(web)[0]
    world.replicas = [replace(one, healthy=one.id != ill) for one in world.replicas]
    world.decided[web] = 5
    sets = [one.step for one in world.plan().steps if isinstance(one.step, SetReplicas)]
    assert [one.change for one in sets] == [-1]
    healthy = world.order(web)[1]
    world.replicas = [replace(one, healthy=one.id != healthy) for one in world.replicas]
    first = next(one.step for one in world.plan().steps if one.operation == "scale shop/web")
    assert isinstance(first, JoinTraffic)


def test_a_workload_in_mid_update_is_left_alone(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1"], updating=True)
    world.decided[web] = 3
    made = world.plan()
    assert operations(made) in ([], ["close n2"])
    assert Code.UPDATE_IN_PROGRESS in codes(made, "shop/web")


def test_a_superfluous_node_is_emptied_with_a_surge(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 2
    made = world.plan()
    name = operations(made)[0]
    assert kinds(made, name) == [
        "Fence",
        "SetReplicas",
        "JoinTraffic",
        "LeaveTraffic",
        "Evacuate",
        "JoinTraffic",
        "LeaveTraffic",
        "SetReplicas",
        "JoinTraffic",
        "ReleaseInstance",
        "RemoveNode",
    ]
    assert made.moves[0].how == "surge_and_empty"
    assert made.moves[0].expected
    assert made.goal.closing


def test_where_the_floor_holds_there_is_no_surge(small: Worlds) -> None:
    world = two(small)
    from autoscaler.model.quantities import Share

    world.decided[world.workload("web", ["n1", "n2"], floor=Share(500))] = 2
    made = world.plan()
    assert kinds(made, operations(made)[0]) == ["Fence", "LeaveTraffic", "Evacuate", "JoinTraffic", "ReleaseInstance", "RemoveNode"]
    assert any(reason.code is Code.FLOOR_HOLDS_WITHOUT_SURGE for one in made.steps for reason in one.reasons)


def test_an_empty_node_just_goes(small: Worlds) -> None:
    world = two(small)
    world.decided[world.workload("web", ["n1"])] = 1
    assert kinds(world.plan(), "close n2") == ["Fence", "ReleaseInstance", "RemoveNode"]


@pytest.mark.parametrize(
    ("since", "recent", "closes"),
    [
        pytest.param(None, (), False, id="without history a full window must pass"),
        pytest.param(9_900_000, (), False, id="the window is not over"),
        pytest.param(0, (), True, id="the window is over and nobody needed it"),
        pytest.param(0, ((9_999_000, 2),), False, id="it was needed within the window"),
        pytest.param(0, ((9_700_000, 2),), True, id="a need exactly a window old counts no more"),
    ],
)
def test_the_idle_window(since: int | None, recent: tuple[tuple[int, int], ...], *, closes: bool, small: Worlds) -> None:
    world = two(small)
    world.idle_since = None if since is None else Instant(since)
    world.needed = [Recommendation(Instant(at), count) for at, count in recent]
    world.decided[world.workload("web", ["n1"])] = 1
    made = world.plan()
    assert bool(made.steps) is closes
    assert made.needed[0][1] == 1
    assert closes or codes(made, "node:n2") & {Code.NO_HISTORY, Code.NOT_IDLE_LONG_ENOUGH}


def test_replace_each_where_we_place_and_stop(small: Worlds) -> None:
    world = two(small)
    world.capabilities = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)
    world.decided[world.workload("web", ["n1", "n1", "n2"], surge=1)] = 3
    made = world.plan()
    assert kinds(made, "close n2") == [
        "Fence",
        "StartReplica",
        "JoinTraffic",
        "LeaveTraffic",
        "StopReplica",
        "ReleaseInstance",
        "RemoveNode",
    ]
    assert not made.moves[0].expected
    starts = next(one.step for one in made.steps if isinstance(one.step, StartReplica))
    stops = next(one.step for one in made.steps if isinstance(one.step, StopReplica))
    assert starts.instead_of == stops.replica


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_what_cannot_be_in_two_places_needs_an_opt_in(obstacle: Obstacle, small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n2"], obstacles=(obstacle,))
    world.decided[web] = 2
    made = world.plan()
    assert made.steps == ()
    assert Code.GAP_NOT_ALLOWED in codes(made, "node:n1")
    world.availability[web] = replace(world.availability[web], allow_gap=True)
    made = world.plan()
    change = made.change_of(web)
    assert operations(made)
    assert change
    assert change.gap == Duration(25_000)
    assert made.moves[0].gap == Duration(25_000)


def test_daemons_never_hold_a_node(small: Worlds) -> None:
    world = two(small)
    world.workload("agent", ["n1", "n2"], traffic=False, kind=WorkloadKind.GLOBAL)
    world.decided[world.workload("web", ["n1"])] = 1
    assert kinds(world.plan(), "close n2") == ["Fence", "ReleaseInstance", "RemoveNode"]


def test_unmanaged_workloads_may_be_left_where_they_are(small: Worlds) -> None:
    world = two(small)
    world.workload("other", ["n1"], managed=False, traffic=False)
    world.decided[world.workload("web", ["n2"])] = 1
    assert world.plan().steps
    world.policies["unmanaged"] = Unmanaged.LEAVE
    made = world.plan()
    assert Code.UNMANAGED_LEFT in codes(made, "shop/other")
    assert "close n1" not in operations(made)


def test_a_drained_node_closes_whatever_is_needed(small: Worlds) -> None:
    world = two(small)
    world.bounds = (2, 5)
    world.idle_since = None
    world.drains = {"n2"}
    world.decided[world.workload("web", ["n1"] * 3 + ["n2"] * 3)] = 6
    made = world.plan()
    assert [type(one.step) for one in made.steps if one.operation == "grow general"] == [GrowPool, AwaitNode]
    assert Evacuate in [type(one.step) for one in made.steps if one.operation == "close n2"]
    surge = next(one for one in made.steps if isinstance(one.step, SetReplicas))
    awaits = next(one for one in made.steps if isinstance(one.step, AwaitNode))
    assert awaits.id in surge.after


def test_a_drained_node_in_no_pool_is_emptied_and_stays(small: Worlds) -> None:
    world = two(small)
    world.node("static", pooled=False)
    world.drains = {"static"}
    world.decided[world.workload("web", ["n1", "n2", "static"])] = 3
    world.idle_since = None
    made = world.plan()
    assert "ReleaseInstance" not in kinds(made, "close static")
    commitments = world.finish(made)
    assert world.plan(commitments).steps == ()
    assert world.nodes["static"].availability is NodeAvailability.EMPTYING


def test_a_manager_is_never_closed(small: Worlds) -> None:
    world = two(small)
    world.nodes["n2"] = replace(world.nodes["n2"], manager=True)
    world.drains = {"n2"}
    world.decided[world.workload("web", ["n1"])] = 1
    made = world.plan()
    assert "close n2" not in operations(made)
    assert Code.NODE_IS_MANAGER in codes(made, "node:n2")


def test_capacity_needed_again_is_opened_before_any_launch(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n1", "n1", "n2"])
    world.decided[web] = 4
    made = world.plan()
    commitments = world.finish(made, steps=1)
    world.decided[web] = 7
    again = world.plan(commitments)
    assert not [one for one in again.steps if isinstance(one.step, GrowPool)]
    assert [one.operation for one in again.steps if isinstance(one.step, Unfence)] == ["undo n2"]
    kept = records(again, commitments, world.at)
    assert {one.status for one in kept if one.planned.operation == "close n2"} == {StepStatus.DROPPED}


def test_once_something_was_stopped_the_way_is_forward(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n1", "n1", "n2"])
    world.decided[web] = 4
    made = world.plan()
    stopped = next(place for place, one in enumerate(made.steps) if isinstance(one.step, Evacuate)) + 1
    commitments = world.finish(made, steps=stopped)
    world.decided[web] = 9
    again = world.plan(commitments)
    assert "close n2" in operations(again)
    assert "grow general" in operations(again)
    assert {one.id for one in made.steps} <= {one.id for one in again.steps}


def test_a_launch_under_way_is_finished_and_more_is_added_later(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1"] * 4 + ["n2"] * 4)
    world.decided[web] = 10
    made = world.plan()
    flying = tuple(
        replace(one, status=StepStatus.SENT) if isinstance(one.planned.step, GrowPool) else one for one in world.adopt(made).records
    )
    world.decided[web] = 8
    again = world.plan(Commitments(plan=made, records=flying))
    assert operations(again) == ["grow general"]


@pytest.mark.parametrize(
    ("subject", "steps"),
    [
        pytest.param("all", 0, id="everything"),
        pytest.param("shop/web", 0, id="the workload"),
        pytest.param("pool:other", 2, id="something else"),
    ],
)
def test_a_freeze_withholds_what_it_names(subject: str, steps: int, small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    world.decided[world.workload("web", ["n1", "n2"])] = 3
    world.freezes = [Freeze(subject=subject, who="ann", why="sale", at=Instant(0))]
    made = world.plan()
    assert len(made.steps) == steps
    assert (Code.FROZEN in withheld(made)) is (steps == 0)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        pytest.param("down", Code.CLUSTER_UNHEALTHY, id="half the nodes are down"),
        pytest.param("launches", Code.LAUNCHES_FAILING, id="launches fail"),
        pytest.param("stale", Code.INPUT_STALE, id="the rotation was read long ago"),
    ],
)
def test_in_trouble_nothing_shrinks_and_growth_goes_on(trouble: str, code: Code, small: Worlds) -> None:
    world = two(small)
    web, api = world.workload("web", ["n1"] * 2), world.workload("api", ["n1"])
    world.decided = {web: 1, api: 2}
    if trouble == "down":
        world.nodes["n2"] = replace(world.nodes["n2"], state=NodeState.DOWN)
    world.failed_launches = 3 if trouble == "launches" else 0
    world.rotation_read_at = Instant(world.at - 31_000) if trouble == "stale" else None
    made = world.plan()
    assert operations(made) == ["scale shop/api"]
    assert code in withheld(made)


def test_pace_shrinks_a_change(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 8
    world.limits = Limits(replicas_per_minute=4)
    world.events["shop/web"] = [ScaleEvent(Instant(world.at - 1000), 1)]
    made = world.plan()
    assert [one.step.change for one in made.steps if isinstance(one.step, SetReplicas)] == [3]
    assert Code.TOO_FAST in withheld(made)


def test_at_most_so_many_close_at_once(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3", "n4", "n5"):
        world.node(name)
    world.decided[world.workload("web", ["n1"])] = 1
    made = world.plan()
    assert len(made.goal.closing) == 2
    assert Code.OVER_BUDGET in withheld(made)


def test_an_unknown_cluster_keeps_what_was_begun(small: Worlds) -> None:
    world = two(small)
    world.decided[world.workload("web", ["n1", "n2"])] = 3
    made = world.plan()
    blind = world.request(world.adopt(made), state=Unknown(Code.LATE))
    assert plan(blind) is made
    assert plan(replace(blind, commitments=Commitments())).steps == ()


def test_replicas_left_out_of_rotation_are_joined(small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 2
    del world.members[world.replicas[0].address]
    assert operations(world.plan()) == ["rotate shop/web"]


def test_members_without_a_replica_are_cleared(small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 2
    lost = next(iter(world.members.values()))
    world.members["10.9.9.9:1"] = replace(lost, address="10.9.9.9:1")
    assert operations(world.plan()) == ["rotate shop/web"]


def test_a_lost_mark_is_mended(small: Worlds) -> None:
    world = two(small)
    world.idle_since = None
    world.decided[world.workload("web", ["n1"])] = 1
    mark = Mark(store=StoreId("s"), plan=PlanId("p-old"), field="availability", was="open", ours="fenced")
    world.nodes["n2"] = replace(world.nodes["n2"], availability=NodeAvailability.FENCED, marks=(mark,))
    made = world.plan()
    assert [one.step for one in made.steps] == [Undo(object="n2", field="availability", was="open", ours="fenced")]


def test_a_node_fenced_by_somebody_else_is_no_room_and_stays(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1"] * 4)
    world.nodes["n2"] = replace(world.nodes["n2"], availability=NodeAvailability.FENCED)
    world.decided[web] = 5
    made = world.plan()
    assert "grow general" in operations(made)
    assert "close n2" not in operations(made)


def test_a_machine_on_its_way_is_counted_on(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1"] * 4 + ["n2"] * 4)
    machine = replace(world.instances["n2"], node_name="n3", state=InstanceState.LAUNCHING, ref=replace(world.instances["n2"].ref, id="i-n3"))
    world.instances["n3"] = machine
    world.decided[web] = 9
    made = world.plan()
    assert kinds(made, "grow general") == ["AwaitNode"]
    assert Code.NODE_JOINING in codes(made, "pool:general")


def test_undeclared_requests_must_fit_on_every_node_that_may_be_picked(small: Worlds) -> None:
    world = two(small)
    shape = Shape(requests=Resources(1000, 2**20), origin=Origin.MEASURED)
    web = world.workload("web", ["n1"] * 3 + ["n2"], shape=shape)
    world.decided[web] = 6
    made = world.plan()
    assert [one.step.change for one in made.steps if isinstance(one.step, SetReplicas)] == [1]
    assert Code.REQUEST_UNKNOWN in codes(made, "shop/web")


def test_a_close_whose_replacement_never_serves_is_taken_back(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 2
    made = world.plan()
    commitments = world.finish(made, steps=2)
    failed = replace(commitments.records[2], status=StepStatus.FAILED)
    broken = Commitments(plan=made, records=(*commitments.records[:2], failed, *commitments.records[3:]))
    again = world.plan(broken)
    names = [type(one.step).__name__ for one in again.steps]
    assert operations(again) == [f"undo {made.goal.closing[0].id}"]
    assert names == ["Unfence", "LeaveTraffic", "SetReplicas", "JoinTraffic"]
    world.finish(again)
    assert world.workloads[web].wanted == 2


def test_scale_ups_go_on_while_a_node_closes_and_scale_downs_wait(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    web = world.workload("web", ["n1", "n2"])
    world.decided[web] = 2
    made = world.plan()
    surged = next(place for place, one in enumerate(made.steps) if isinstance(one.step, SetReplicas)) + 1
    commitments = world.finish(made, steps=surged)
    world.decided[web] = 3
    up = world.plan(commitments)
    assert [one.step.change for one in up.steps if one.operation == "scale shop/web" and isinstance(one.step, SetReplicas)] == [1]
    world.decided[web] = 1
    down = world.plan(commitments)
    assert down is made
