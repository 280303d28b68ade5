"""What becomes of a plan in flight, of guards' doing, and of what nobody planned."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import ScaleEvent
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import InstanceState, NodeAvailability, NodeState
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Limits
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PlanId, StoreId
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import (
    Evacuate,
    GrowPool,
    Purpose,
    SetReplicas,
    Undo,
    Unfence,
)
from autoscaler.model.workloads import Origin, Shape
from autoscaler.planning import plan, records
from autoscaler.planning.facts import Facts
from autoscaler.planning.linking import carried

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


def test_a_surge_to_give_back_remembers_the_count_it_was_booked_in(small: Worlds) -> None:
    world = two(small)
    web = world.workload("web", ["n1", "n1", "n1", "n2"])
    world.decided[web] = 4
    made = world.plan()
    emptied = next(place for place, one in enumerate(made.steps) if isinstance(one.step, Evacuate)) + 1
    commitments = world.finish(made, steps=emptied)
    back = next(one for one in made.steps if isinstance(one.step, SetReplicas) and one.step.purpose is Purpose.GIVE_BACK)
    world.workloads[web] = replace(world.workloads[web], wanted=7, marks=())
    world.workload("api", ["n1"])
    again = carried(Facts.gather(world.request(commitments), world.state()), {back.operation: made.steps})
    assert next(one for one in again if one.id == back.id).step == back.step


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
    assert {why.numbers for one in made.withheld for why in one.reasons if why.code is Code.OVER_BUDGET} == {(3, 2)}


def test_a_node_that_is_down_or_fenced_by_others_is_told_why_it_stays(small: Worlds) -> None:
    world = two(small)
    world.workload("web", ["n1", "n2"])
    world.node("n3", state=NodeState.DOWN)
    world.node("n4", availability=NodeAvailability.FENCED)
    told = {one.subject: [why.code for why in one.reasons] for one in world.plan().remarks}
    assert (told["node:n3"], told["node:n4"]) == ([Code.NODE_NOT_READY], [Code.NODE_FENCED_BY_OTHERS])


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


@pytest.mark.parametrize(
    ("free", "dead", "joins", "left_out"),
    [
        pytest.param(None, 0, True, 0, id="a rotation without bounds takes both"),
        pytest.param(2, 0, True, 0, id="two places are enough"),
        pytest.param(1, 0, True, 1, id="one joins and one is left out"),
        pytest.param(0, 0, False, 2, id="a full rotation is not asked at all"),
        pytest.param(0, 2, True, 0, id="members without a replica make room"),
    ],
)
def test_nobody_joins_a_full_rotation(free: int | None, dead: int, joins: bool, left_out: int, small: Worlds) -> None:  # noqa: FBT001
    world = two(small)
    web = world.workload("web", ["n1", "n2", "n1", "n2"])
    for replica in world.replicas[:2]:
        del world.members[replica.address]
    for number in range(dead):
        ghost = replace(next(iter(world.members.values())), address=f"10.9.9.9:{number}")
        world.members[ghost.address] = ghost
    world.rotation_free = {} if free is None else {web: free}
    made = world.plan()
    assert ("rotate shop/web" in operations(made)) is joins
    found = [one for one in made.remarks if one.subject == "shop/web" and one.reasons[-1].code is Code.NO_CAPACITY]
    assert [one.count for one in found] == ([left_out] if left_out else [])


@pytest.mark.parametrize(
    ("code", "after", "again"),
    [
        pytest.param(Code.PROVIDER_FAILED, 15_000, False, id="what just failed waits"),
        pytest.param(Code.PROVIDER_FAILED, 61_000, True, id="a minute later it is tried again"),
        pytest.param(Code.CHANGED_BY_OTHERS, 1000, True, id="what changed under it is planned anew at once"),
    ],
)
def test_what_failed_is_not_planned_again_at_once(code: Code, after: int, again: bool, small: Worlds) -> None:  # noqa: FBT001
    world = two(small)
    world.workload("web", ["n1", "n2"])
    del world.members[world.replicas[0].address]
    made = world.plan()
    waiting = world.adopt(made)
    failed = replace(waiting.records[0], status=StepStatus.FAILED, ended_at=world.at, reasons=(Reason(code),))
    world.at = Instant(world.at + after)
    later = world.plan(replace(waiting, records=(failed, *waiting.records[1:])))
    assert ("rotate shop/web" in operations(later)) is again
    assert withheld(later) == (set() if again else {Code.FAILED_LATELY})


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


def drained(small: Worlds) -> "tuple[World, Commitments]":
    """A node in no pool, with nothing on it, that was emptied for somebody who was told so and asks no more."""
    world = small()
    world.node("n1")
    world.node("own", pooled=False)
    world.workload("web", ["n1"])
    world.drains.add("own")
    made = world.plan()
    assert kinds(made, "close own") == ["Fence"]
    commitments = world.finish(made)
    world.drains.clear()
    return world, commitments


def test_a_node_in_no_pool_emptied_for_somebody_stays_closed_and_is_no_room(small: Worlds) -> None:
    world, commitments = drained(small)
    assert world.plan(commitments).steps == ()
    assert world.plan().steps == ()
    web = next(iter(world.workloads))
    world.decided[web] = 8
    again = world.plan()
    assert [one for one in again.steps if isinstance(one.step, GrowPool)]
    assert world.nodes["own"].availability is NodeAvailability.FENCED


def test_such_a_node_is_opened_again_for_whoever_wants_it_back(small: Worlds) -> None:
    world, commitments = drained(small)
    request = replace(world.request(commitments), reopens=frozenset({"own"}))
    assert kinds(plan(request), "mend own") == ["Undo"]


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
    ref = replace(world.instances["n2"].ref, id="i-n3")
    world.instances["n3"] = replace(world.instances["n2"], node_name="n3", state=InstanceState.LAUNCHING, ref=ref)
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


def test_an_unknown_pool_is_not_touched(small: Worlds) -> None:
    world = two(small)
    world.pool_unknown = True
    web = world.workload("web", ["n1"] * 3)
    world.decided[web] = 9
    made = world.plan()
    assert operations(made) == ["scale shop/web"]
    assert [one.step.change for one in made.steps if isinstance(one.step, SetReplicas)] == [5]
    assert Code.POOL_UNKNOWN in codes(made, "node:n2") | codes(made, "pool:general")
