"""What holds for every plan, on small clusters drawn at random, at every step of carrying it out."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.available import available
from autoscaler.model.codec import dumps
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Consolidation
from autoscaler.model.quantities import Money, Share
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import ReleaseInstance, Step
from autoscaler.planning import records

if TYPE_CHECKING:
    from tests.planning.conftest import World

SURGES: st.SearchStrategy[int | Share] = st.sampled_from((0, 1, 2, Share(500), 4))

PRICES = st.sampled_from((0, 1000, 1_200_000, 2_400_000, 10_000_000))
"""Of a move, where a day of a machine costs 2,400,000."""

Worlds: TypeAlias = "type[World]"


def build(data: st.DataObject, small: Worlds) -> "World":
    """Up to five nodes, up to three workloads, everything healthy, every count decided."""
    world = small()
    names = [f"n{number}" for number in range(1, data.draw(st.integers(1, 5)) + 1)]
    for name in names:
        world.node(name, pooled=data.draw(st.integers(0, 9)) > 0, manager=data.draw(st.integers(0, 9)) == 0)
    for path in ("web", "api", "job")[: data.draw(st.integers(1, 3))]:
        cpu = data.draw(st.sampled_from((250, 500, 1000, 1500)))
        ref = world.workload(
            path,
            (),
            cpu=cpu,
            traffic=data.draw(st.booleans()),
            surge=data.draw(SURGES),
            floor=data.draw(st.sampled_from((Share(1000), Share(900), Share(500)))),
        )
        for _ in range(data.draw(st.integers(0, 5))):
            place = data.draw(st.sampled_from(names))
            if world.workloads[ref].shape.requests.fits(world.room(place)):
                world.start(ref, place)
        count = len([one for one in world.replicas if one.workload == ref])
        world.workloads[ref] = replace(world.workloads[ref], wanted=count)
        if world.availability[ref].traffic:
            world.join(ref)
        world.decided[ref] = data.draw(st.integers(0, 9))
    world.consolidate = Consolidation(move=Money(data.draw(PRICES)), hysteresis=Share(data.draw(st.integers(0, 100))))
    low = data.draw(st.integers(0, 2))
    world.bounds = (low, data.draw(st.integers(max(low, len(world.instances)), 7)))
    return world


def floors(world: "World") -> dict[WorkloadRef, int]:
    """The floor of each workload through its change, by the definition alone."""
    return {ref: world.availability[ref].least(one.wanted, world.decided[ref]) for ref, one in world.workloads.items()}


def serving(world: "World", ref: WorkloadRef) -> int:
    return len(available(world.observation(), ref, world.availability[ref].traffic))


def check(world: "World", least: dict[WorkloadRef, int], where: object) -> None:
    for ref, floor in least.items():
        assert serving(world, ref) >= floor, (where, ref)
    for name in world.nodes:
        room = world.room(name)
        assert room.cpu >= 0, (where, name)
        assert room.memory >= 0, (where, name)
    low, high = world.bounds
    assert world.pool().wanted <= max(high, low), where


def busy(world: "World", step: Step) -> bool:
    """As the conditions have it: no machine is given back while something stands on it."""
    return isinstance(step, ReleaseInstance) and step.node is not None and bool(world.on(step.node.id))


def step(world: "World", commitments: Commitments, *, last: bool = False) -> Commitments | None:
    """Do the first step whose turn it is, or the `last`; None when there is none."""
    done = {one.planned.id for one in commitments.records if one.status is StepStatus.DONE}
    known = {one.planned.id for one in commitments.records}
    places = list(enumerate(commitments.records))
    for place, one in reversed(places) if last else places:
        ready = set(one.planned.after) & known <= done and not busy(world, one.planned.step)
        if one.status is StepStatus.WAITING and ready:
            assert commitments.plan
            intent = world.apply(one.planned.step, commitments.plan)
            ended = StepRecord(
                plan=one.plan, planned=one.planned, status=StepStatus.DONE, intent=intent, began_at=world.at, ended_at=world.at
            )
            rest = list(commitments.records)
            rest[place] = ended
            return Commitments(plan=commitments.plan, records=tuple(rest))
    return None


def adopt(made: Plan, before: Commitments, world: "World") -> Commitments:
    """As the engine does: only what changes something is written."""
    found = records(made, before, world.at)
    if (before.plan is not None and made.id == before.plan.id) or not (found or before.open):
        return before
    return Commitments(plan=made, records=found)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_plan_carried_out_leaves_nothing_to_plan(data: st.DataObject, small: Worlds) -> None:
    world = build(data, small)
    least = floors(world)
    commitments, plans = Commitments(), 0
    for _ in range(400):
        made = world.plan(commitments)
        after = adopt(made, commitments, world)
        plans += after is not commitments
        advanced = step(world, after)
        world.tick(made)
        if advanced is None:
            break
        commitments = advanced
        check(world, least, commitments.records)
    else:
        raise AssertionError("it never ends")
    assert made.steps == () or made.id == (commitments.plan and commitments.plan.id)
    assert not commitments.open
    assert plans <= 12
    low, _ = world.bounds
    assert world.pool().wanted >= low or not world.offerings
    assert not [node for node in world.nodes.values() if node.availability is not NodeAvailability.OPEN]
    assert not [one for one in world.workloads.values() if one.marks]
    unplaced = {remark.subject for remark in made.remarks}
    for ref, count in world.decided.items():
        assert world.workloads[ref].wanted == count or str(ref) in unplaced


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_constant_world_gives_no_second_plan(data: st.DataObject, small: Worlds) -> None:
    world = build(data, small)
    made = world.plan()
    commitments = adopt(made, Commitments(), world)
    again = world.plan(commitments)
    assert again.id == made.id
    assert again.steps == made.steps
    assert adopt(again, commitments, world) is commitments


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_same_input_gives_the_same_bytes(data: st.DataObject, small: Worlds) -> None:
    world = build(data, small)
    assert dumps(world.plan(), kind="plan") == dumps(world.plan(), kind="plan")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_change_of_mind_at_any_step_ends_well(data: st.DataObject, small: Worlds) -> None:
    world = build(data, small)
    commitments = Commitments()
    least = {ref: min(one.wanted, world.decided[ref]) for ref, one in world.workloads.items()}
    turns = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=3))
    for number in range(600):
        if turns and number == turns[0]:
            turns.pop(0)
            for ref in world.decided:
                world.decided[ref] = data.draw(st.integers(0, 9))
                least[ref] = min(least[ref], world.decided[ref])
            turns = [turn + number + 1 for turn in turns]
        made = world.plan(commitments)
        commitments = adopt(made, commitments, world)
        advanced = step(world, commitments)
        world.tick(made)
        if advanced is None and not turns:
            break
        commitments = advanced or commitments
        check(world, {ref: world.availability[ref].least(count, count) for ref, count in least.items()}, commitments.records)
    else:
        raise AssertionError("it never ends")
    assert not commitments.open
    assert not [node for node in world.nodes.values() if node.availability is not NodeAvailability.OPEN]
    assert not [one for one in world.workloads.values() if one.marks]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_pool_is_never_below_its_minimum_and_launches_once(data: st.DataObject, small: Worlds) -> None:
    world = build(data, small)
    world.drains |= {name for name in world.nodes if data.draw(st.integers(0, 3)) == 0}
    world.bounds = (data.draw(st.integers(0, len(world.instances))), 12)
    low, grown, commitments = world.bounds[0], 0, Commitments()
    turn = data.draw(st.integers(0, 12))
    for number in range(400):
        if number == turn:
            world.decided |= {ref: data.draw(st.integers(0, 9)) for ref in world.decided}
        made = world.plan(commitments)
        commitments = adopt(made, commitments, world)
        before = world.pool().wanted
        advanced = step(world, commitments, last=data.draw(st.booleans()))
        world.tick(made)
        if advanced is None and number > turn:
            break
        commitments = advanced or commitments
        assert world.pool().wanted >= low, made.steps
        grown += world.pool().wanted > before
    else:
        raise AssertionError("it never ends")
    assert grown <= 4
