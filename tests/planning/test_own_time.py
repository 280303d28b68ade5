"""Balancers that let go of who leaves by themselves, in a time of their own."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.quantities import Duration
from autoscaler.model.steps import LeaveTraffic
from autoscaler.model.traffic import MemberState

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


@pytest.mark.parametrize(
    ("drains", "operations"),
    [
        pytest.param(None, ["rotate shop/web"], id="one that keeps them is told to take it out"),
        pytest.param(Duration(300_000), [], id="one that lets go by itself is left to do so"),
    ],
)
def test_a_member_that_drains_and_has_no_replica_any_more(small: Worlds, drains: Duration | None, operations: list[str]) -> None:
    world = small()
    world.node("n1")
    web = world.workload("web", ["n1"])
    lost = next(iter(world.members.values()))
    world.members["10.9.9.9:1"] = replace(lost, address="10.9.9.9:1", state=MemberState.DRAINING, sessions=None)
    world.rotation_drains = {web: drains} if drains else {}
    assert [str(one.operation) for one in world.plan().steps] == operations


def test_a_balancers_own_time_for_who_leaves_is_what_is_waited_for(small: Worlds) -> None:
    world = small()
    world.node("n1")
    web = world.workload("web", ["n1", "n1"])
    world.decided[web] = 1
    short = next(one.timeout for one in world.plan().steps if isinstance(one.step, LeaveTraffic))
    world.rotation_drains = {web: Duration(300_000)}
    long = next(one.timeout for one in world.plan().steps if isinstance(one.step, LeaveTraffic))
    assert long.ms - short.ms == 270_000
