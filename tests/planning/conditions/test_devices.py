"""Devices at the instant a step is judged: whatever stands or stops there has its own, and one that is not known may be any."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.reasons import Code
from autoscaler.model.refs import NodeRef, StepId
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import ReplicaState, Shape
from autoscaler.planning.conditions.capacity import room_for
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_at

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

GPU, NEXT = "nvidia.com/gpu", StepId("s1")
WHOLE_ONE, PART = DeviceAsk(kind=GPU, whole=1), DeviceAsk(kind=GPU, share=300)


def asking(ask: DeviceAsk) -> Shape:
    return Shape(requests=Resources(100, 2**20), device=ask)


def seen(world: "World", known: Iterable[int | None], waiting: int, *, stopping: bool = False) -> Context:
    """Two nodes of two devices each; parts on n1, and on which device, and others that wait for a place."""
    for name in ("n1", "n2"):
        world.node(name, devices=(Device(GPU), Device(GPU)))
    where = list(known)
    parts = world.workload("parts", ["n1"] * len(where), shape=asking(PART), traffic=False)
    world.workloads[parts] = world.changed(world.workloads[parts], wanted=len(where) + waiting)
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
    assert [one.code for one in refused_at(ctx, wants, node, NEXT)] == code


def test_where_nothing_is_kept_free_all_may_come_to_one_node(small: Worlds) -> None:
    world = small()
    world.capabilities = replace(world.capabilities, reserves=False)
    ctx = seen(world, [], 0)
    wants = next(one for one in ctx.state.workloads if one.ref.path == "wants")
    assert not room_for(ctx, wants, 2, but=NEXT)
    assert [one.code for one in room_for(ctx, wants, 3, but=NEXT)] == [Code.NO_FREE_DEVICES]
