"""What a plan does in one situation each."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments
from autoscaler.model.history import Recommendation
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Consolidation, Unmanaged
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.reasons import Code
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
)
from autoscaler.model.workloads import Obstacle, WorkloadKind
from autoscaler.planning import supersedes

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
    world.decided[world.workload("web", ["n1", "n2"], floor=Share(500))] = 2
    made = world.plan()
    assert kinds(made, operations(made)[0]) == ["Fence", "LeaveTraffic", "Evacuate", "JoinTraffic", "ReleaseInstance", "RemoveNode"]
    assert any(reason.code is Code.FLOOR_HOLDS_WITHOUT_SURGE for one in made.steps for reason in one.reasons)


@pytest.mark.parametrize(
    ("move", "price", "code", "where"),
    [
        pytest.param(1_000_000, 100_000, Code.PAYS, "close n2", id="a day of the node is more than the move is priced at"),
        pytest.param(3_000_000, 100_000, Code.DOES_NOT_PAY, "node:n2", id="it is less, and the node stays"),
        pytest.param(3_000_000, 0, Code.PAYS_UNKNOWN, "close n2", id="nobody knows the price of the node"),
    ],
)
def test_what_a_move_is_priced_at_is_held_against_what_it_saves(small: Worlds, move: int, price: int, code: Code, where: str) -> None:
    world = two(small)
    world.offerings = (replace(world.offerings[0], price=Money(price)),)
    world.consolidate = Consolidation(move=Money(move))
    world.decided[world.workload("web", ["n1", "n1", "n2"])] = 3
    made = world.plan()
    reasons = [(one.operation, reason.code) for one in made.steps for reason in one.reasons]
    reasons += [(one.subject, reason.code) for one in made.remarks for reason in one.reasons]
    assert (where, code) in reasons
    assert operations(made) == ([where] if where == "close n2" else [])


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
