"""Devices at the instant a step is judged: whatever stands or stops there has its own, and one that is not known may be any."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.plans import PlannedStep
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, NodeRef, PlanId, StepId, Token, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Place, SetReplicas, StartReplica, Step
from autoscaler.model.workloads import ReplicaState, Shape
from autoscaler.planning.conditions import precondition
from autoscaler.planning.conditions.capacity import room_for
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_at

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

GPU, NEXT, SHOP = "nvidia.com/gpu", StepId("s1"), ClusterName("shop")
WANTS, PARTS = WorkloadRef(SHOP, "wants"), WorkloadRef(SHOP, "parts")
WHOLE_ONE, PART = DeviceAsk(kind=GPU, whole=1), DeviceAsk(kind=GPU, share=300)


def asking(ask: DeviceAsk) -> Shape:
    return Shape(requests=Resources(100, 2**20), device=ask)


def seen(world: "World", known: Iterable[int | None], waiting: int, *, stopping: bool = False) -> Context:
    """Two nodes of two devices each; parts on n1, and on which device, and others that wait for a place."""
    for name in ("n1", "n2"):
        world.node(name, devices=(Device(GPU), Device(GPU)))
    where = list(known)
    parts = world.workload("parts", ["n1"] * len(where), shape=asking(PART), traffic=False)
    world.workloads[parts] = replace(world.workloads[parts], wanted=len(where) + waiting)
    state = ReplicaState.STOPPING if stopping else ReplicaState.RUNNING
    world.replicas = [replace(one, devices=() if at is None else (at,), state=state) for one, at in zip(world.replicas, where, strict=True)]
    world.workload("wants", [], shape=asking(WHOLE_ONE), traffic=False)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    return ctx


@pytest.mark.parametrize(
    ("known", "waiting", "stopping", "places"),
    [
        pytest.param([], 0, False, 4, id="two devices on each of two nodes"),
        pytest.param([0, 0], 0, False, 3, id="parts that are known to share one"),
        pytest.param([None, None], 0, False, 2, id="parts that may be on two"),
        pytest.param([None], 1, False, 2, id="one that waits for a place may come to any"),
        pytest.param([0], 0, True, 3, id="one that is stopping has its device until it is gone"),
    ],
)
def test_room_for_whole_ones(small: Worlds, known: list[int | None], waiting: int, stopping: bool, places: int) -> None:  # noqa: FBT001
    ctx = seen(small(), known, waiting, stopping=stopping)
    wants = next(one for one in ctx.state.workloads if one.ref.path == "wants")
    assert not room_for(ctx, wants, places, but=NEXT)
    assert [one.code for one in room_for(ctx, wants, places + 1, but=NEXT)] == [Code.NO_FREE_DEVICES]


@pytest.mark.parametrize(
    ("known", "code"),
    [
        pytest.param([0, 0], [], id="on a node with one left"),
        pytest.param([0, 1], [Code.NO_FREE_DEVICES], id="not where both are shared"),
        pytest.param([None, None], [Code.NO_FREE_DEVICES], id="nor where both may be"),
    ],
)
def test_one_is_started(small: Worlds, known: list[int | None], code: list[Code]) -> None:
    ctx = seen(small(), known, 0)
    wants, node = next(one for one in ctx.state.workloads if one.ref.path == "wants"), ctx.node(NodeRef("n1", "1"))
    assert node
    assert [one.code for one in refused_at(ctx, wants, (Place(node=node.ref),), NEXT)] == code


def test_where_nothing_is_kept_free_all_may_come_to_one_node(small: Worlds) -> None:
    world = small()
    world.capabilities = replace(world.capabilities, reserves=False)
    ctx = seen(world, [], 0)
    wants = next(one for one in ctx.state.workloads if one.ref.path == "wants")
    assert not room_for(ctx, wants, 2, but=NEXT)
    assert [one.code for one in room_for(ctx, wants, 3, but=NEXT)] == [Code.NO_FREE_DEVICES]


def named(*places: tuple[str, int]) -> tuple[Place, ...]:
    return tuple(Place(node=NodeRef(name, "1"), devices=(at,)) for name, at in places)


@pytest.mark.parametrize(
    ("known", "places", "codes"),
    [
        pytest.param([0], [("n1", 1)], [], id="on a device that is free"),
        pytest.param([0], [("n1", 0)], [Code.DEVICE_TAKEN], id="not on one that somebody has by now"),
        pytest.param([0], [("n1", 1), ("n1", 1)], [Code.DEVICE_TAKEN], id="not two on one"),
        pytest.param([0], [("n1", 1), ("n2", 0)], [], id="each on its own"),
        pytest.param([None], [("n1", 1)], [Code.DEVICE_TAKEN], id="not where somebody may be on it"),
        pytest.param([], [("n1", 2)], [Code.DEVICE_TAKEN], id="not on one that is not there"),
        pytest.param([], [("n3", 0)], [Code.GONE_FROM_CLUSTER], id="not on a node that is gone"),
    ],
)
def test_devices_that_were_named(small: Worlds, known: list[int | None], places: list[tuple[str, int]], codes: list[Code]) -> None:
    ctx = seen(small(), known, 0)
    step = SetReplicas(workload=WANTS, seen=0, change=len(places), places=named(*places))
    assert [one.code for one in precondition(waiting(step), ctx)] == codes
    if len(places) == 1:
        name, at = places[0]
        start = StartReplica(workload=WANTS, node=NodeRef(name, "1"), devices=(at,))
        assert [one.code for one in precondition(waiting(start), ctx)] == codes


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        pytest.param([("n1", 1)], [Code.DEVICE_TAKEN], id="is not named again"),
        pytest.param([("n1", 0)], [], id="leaves the other one free"),
    ],
)
@pytest.mark.parametrize("kind", ["count", "start"])
def test_what_was_asked_for_and_is_not_seen_yet(small: Worlds, kind: str, places: list[tuple[str, int]], codes: list[Code]) -> None:
    """Whoever named it before us."""
    ctx, (place,) = seen(small(), [], 0), named(("n1", 1))
    count, start = (
        SetReplicas(workload=PARTS, seen=0, change=1, places=(place,)),
        StartReplica(workload=PARTS, node=place.node, devices=(1,)),
    )
    before: Step = count if kind == "count" else start
    asked = replace(waiting(before, "s0"), status=StepStatus.SENT, intent=Intent(token=Token("t"), term=1, seen=0, wanted=1))
    ctx = replace(ctx, commitments=Commitments(records=(asked,)))
    step = SetReplicas(workload=WANTS, seen=0, change=1, places=named(*places))
    assert [one.code for one in precondition(waiting(step), ctx)] == codes


def test_who_has_no_place_needs_room_wherever_it_comes(small: Worlds) -> None:
    ctx = seen(small(), [None, None], 0)
    some = SetReplicas(workload=WANTS, seen=0, change=2, places=named(("n2", 0)))
    assert not precondition(waiting(some), ctx)
    assert [one.code for one in precondition(waiting(replace(some, change=3)), ctx)] == [Code.NO_FREE_DEVICES]


def waiting(step: Step, name: str = NEXT) -> StepRecord:
    return StepRecord(plan=PlanId("p-1"), planned=PlannedStep(id=StepId(name), step=step, operation="scale shop/wants"))
