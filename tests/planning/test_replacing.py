"""Where we place and stop each replica: what was started in place of another is known, and who has no node goes first."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.constraints import Affinity, LabelRule, Selector
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.quantities import Share
from autoscaler.model.refs import ReplicaId
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Fence, LeaveTraffic, ReleaseInstance, RemoveNode, StartReplica, StopReplica
from autoscaler.model.workloads import Replica, ReplicaState, Shape

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

BOUND = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)
ONE = Resources(1000, 2**21)


def half_done(small: Worlds, *, drains: bool) -> tuple["World", Commitments]:
    """Each machine holds one; what stands on n1 has its replacement on n3, which is in no pool, and nothing else has room."""
    world = small(bounds=(0, 3), capabilities=BOUND, drains={"n1"} if drains else set())
    for name in ("n1", "n2", "n3"):
        world.node(name, pooled=name != "n3", capacity=ONE)
    world.workload("web", ["n1", "n2"])
    made = world.plan()
    place = next(place for place, one in enumerate(made.steps) if isinstance(one.step, StartReplica))
    return world, world.finish(made, steps=place + 1)


def test_a_close_goes_on_beside_the_replacement_that_it_started(small: Worlds) -> None:
    world, begun = half_done(small, drains=False)
    assert begun.plan
    assert world.plan(begun).id == begun.plan.id


@pytest.mark.parametrize("journalled", [pytest.param(True, id="journalled"), pytest.param(False, id="only seen by now")])
def test_a_close_that_is_given_up_stops_the_replacement_that_it_started(small: Worlds, *, journalled: bool) -> None:
    world, begun = half_done(small, drains=True)
    newcomer = world.on("n3")[0].id
    if not journalled:
        sent = [
            replace(one, status=StepStatus.SENT, intent=replace(one.intent, replicas=())) if one.intent and one.intent.replicas else one
            for one in begun.records
        ]
        begun = replace(begun, records=tuple(sent))
    world.drains.clear()
    stops = [one.step.replica for one in world.plan(begun).steps if isinstance(one.step, StopReplica)]
    assert stops == [newcomer]


@pytest.mark.parametrize("seen", [pytest.param(True, id="stands"), pytest.param(False, id="may still come")])
def test_a_close_that_was_cut_short_starts_nobody_again_whose_replacement(small: Worlds, *, seen: bool) -> None:
    world = small(capabilities=BOUND, drains={"n1"})
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1", "n1"])
    made, old = world.plan(), world.on("n1")[1].id
    starts = [place for place, one in enumerate(made.steps) if isinstance(one.step, StartReplica)]
    begun = world.finish(made, steps=starts[1] + 1)  # the first one has moved, and of the second the replacement is asked for
    done, after = list(begun.records[: starts[1] + 1]), begun.records[starts[1] + 1]
    if not seen:
        world.replicas.pop()
        done[-1] = replace(done[-1], status=StepStatus.SENT)
    done.append(replace(after, status=StepStatus.FAILED))
    plan = replace(made, steps=tuple(one.planned for one in done))
    again = world.plan(Commitments(plan=plan, records=tuple(done)))
    assert [one.step.instead_of for one in again.steps if isinstance(one.step, StartReplica)].count(old) == 1
    assert [one.step.replica for one in again.steps if isinstance(one.step, StopReplica)].count(old) == 1


def test_who_has_no_node_goes_before_anybody_who_serves(small: Worlds) -> None:
    world = small(capabilities=BOUND)
    for name in ("n1", "n2"):
        world.node(name)
    ref = world.workload("web", ["n1", "n2"])
    world.workloads[ref] = replace(world.workloads[ref], wanted=3)
    world.replicas.append(Replica(id=ReplicaId("homeless"), workload=ref, node=None, state=ReplicaState.WAITING))
    world.decided[ref] = 2
    leaves = [one.step.replicas for one in world.plan().steps if isinstance(one.step, LeaveTraffic) and one.operation.startswith("scale")]
    assert leaves == [("homeless",)]


@pytest.mark.parametrize("room", [pytest.param(False, id="waits as it is while nobody has"), pytest.param(True, id="goes on when one has")])
def test_a_close_that_nobody_can_leave_for_want_of_a_place(small: Worlds, *, room: bool) -> None:
    world = small(bounds=(0, 2), capabilities=BOUND, drains={"n1"})
    for name in ("n1", "n2"):
        world.node(name, capacity=ONE)
    world.workload("web", ["n1"])
    made = world.plan()
    fenced = world.finish(made, steps=1)
    world.workload("api", ["n2"])
    shut = replace(made, steps=tuple(one for one in made.steps if isinstance(one.step, Fence | ReleaseInstance | RemoveNode)))
    if room:
        world.node("n3", pooled=False)
    again = world.plan(Commitments(plan=shut, records=tuple(one for one in fenced.records if one.planned in shut.steps)))
    assert any(isinstance(one.step, StopReplica) for one in again.steps) is room
    assert (again.id == shut.id) is not room


APP, DB = ((("app", name),) for name in ("app", "db"))
BESIDE_DB, BESIDE_APP = (
    Shape(requests=Resources(500, 2**20), constraints=(Affinity(to=Selector(rules=(LabelRule(key="app", value=name),))),))
    for name in ("db", "app")
)


@pytest.mark.parametrize(
    ("shape", "surge", "last"),
    [
        pytest.param(BESIDE_DB, 1, ["app", "app"], id="when those who must stand beside it have gone"),
        pytest.param(BESIDE_APP, 1, [], id="at once where they must stand by each other"),
        pytest.param(BESIDE_DB, 0, [], id="at once where it has to go before another one comes"),
    ],
)
def test_the_last_one_on_a_node_that_is_closed_goes(small: Worlds, shape: Shape, surge: int, last: list[str]) -> None:
    world = small(capabilities=BOUND, drains={"n1"})
    for name in ("n1", "n2"):
        world.node(name)
    other = BESIDE_APP if shape is BESIDE_APP else None
    db = world.workload("db", ["n1", "n2", "n2"], cpu=500, shape=other, labels=DB, surge=surge, floor=Share(500))
    world.workload("app", ["n1", "n1"], shape=BESIDE_DB, labels=APP)
    made = world.plan()
    steps = {one.id: one.step for one in made.steps}
    (leaves,) = (one for one in made.steps if isinstance(one.step, LeaveTraffic) and one.step.workload == db)
    before = [step for one in leaves.after if isinstance(step := steps[one], StopReplica)]
    assert [step.workload.path for step in before] == last
    assert not world.finish(made).open


def test_what_a_close_has_not_begun_with_is_planned_again_for_another_count(small: Worlds) -> None:
    world = small(capabilities=BOUND, drains={"n1"})
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("api", ["n1"])
    web = world.workload("web", ["n2", "n1", "n1"], surge=1, floor=Share(300))
    world.decided[web] = 3
    made = world.plan()
    place = next(place for place, one in enumerate(made.steps) if isinstance(one.step, StartReplica))
    begun = world.finish(made, steps=place + 1)
    assert [one.workload.path for one in started(begun)] == ["api"], "void: api must have begun, and web not"
    old = {one.planned.id for one in begun.open}
    world.decided[web] = 2
    again = world.plan(begun)
    moves = [one for one in again.steps if one.operation == "close n1" and isinstance(one.step, StartReplica) and one.step.workload == web]
    assert [one.id in old for one in moves] == [False]
    assert any(one.operation == f"scale {web}" for one in again.steps)


def started(begun: Commitments) -> list[StartReplica]:
    steps = (one.planned.step for one in begun.records if one.status is StepStatus.DONE)
    return [one for one in steps if isinstance(one, StartReplica)]


@pytest.mark.parametrize(
    ("capabilities", "wanted", "ends"),
    [
        pytest.param(BOUND, 2, ["r0003"], id="where we stop each one, it ends: the youngest"),
        pytest.param(BOUND, 3, [], id="none is too many"),
        pytest.param(Capabilities(), 2, [], id="where an orchestrator counts, that is its own to do"),
    ],
)
def test_one_past_the_count_that_no_operation_explains(small: Worlds, capabilities: Capabilities, wanted: int, ends: list[str]) -> None:
    world = small(capabilities=capabilities)
    for name in ("n1", "n2"):
        world.node(name, pooled=False)
    web = world.workload("web", ["n1", "n2", "n1"])
    world.workloads[web] = replace(world.workloads[web], wanted=wanted)
    made = world.plan()
    assert [one.step.replica for one in made.steps if isinstance(one.step, StopReplica)] == ends
    begun = world.adopt(made)
    assert not ends or world.plan(begun).id == made.id


@pytest.mark.parametrize(
    ("wanted", "starts", "stops"),
    [
        pytest.param(2, 0, 1, id="is one too many, and replaces or goes"),
        pytest.param(3, 1, 0, id="is one of those that are wanted once a higher count took it in"),
    ],
)
def test_what_was_started_in_place_of_another(small: Worlds, wanted: int, starts: int, stops: int) -> None:
    world = small(capabilities=BOUND, drains={"n1"})
    for name in ("n1", "n2"):
        world.node(name)
    web = world.workload("web", ["n1", "n2"])
    made, old = world.plan(), world.on("n1")[0].id
    place = next(place for place, one in enumerate(made.steps) if isinstance(one.step, StartReplica))
    begun = world.finish(made, steps=place + 1)
    world.join(web)
    world.workloads[web] = replace(world.workloads[web], wanted=wanted)
    done = (*begun.records[: place + 1], replace(begun.records[place + 1], status=StepStatus.FAILED))
    cut = Commitments(plan=replace(made, steps=tuple(one.planned for one in done)), records=done)
    undone = [one.step.replica for one in world.plan(cut).steps if isinstance(one.step, StopReplica)]
    assert (len(undone), old in undone) == (stops, False)
    asked = [one.step.instead_of for one in world.plan(begun).steps if isinstance(one.step, StartReplica)]
    assert asked.count(old) == starts + 1  # the one that came, and another
