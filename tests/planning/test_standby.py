"""A plan says how many of the machines it opens stand by and are only started."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.explaining import plan_as_text
from autoscaler.model.plans import Plan
from autoscaler.model.reasons import Code

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


def growing(world: "World", standby: int, *, more: int = 8) -> Plan:
    """A node that is full, and so many replicas more to come."""
    world.offerings = tuple(replace(one, standby=standby) for one in world.offerings)
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 4 + more
    return world.plan()


def started(plan: Plan) -> list[tuple[int, ...]]:
    return [one.numbers for pool in plan.pools for one in pool.reasons if one.code is Code.STARTS_STANDBY]


@pytest.mark.parametrize(
    ("standby", "more", "told"),
    [
        pytest.param(1, 8, [(1,)], id="some of those it opens"),
        pytest.param(5, 8, [(2,)], id="no more than it opens"),
        pytest.param(0, 8, [], id="none stands by"),
        pytest.param(5, 0, [], id="none is opened"),
    ],
)
def test_how_many_are_started(small: Worlds, standby: int, more: int, told: list[tuple[int, ...]]) -> None:
    assert started(growing(small(), standby, more=more)) == told


def test_in_words(small: Worlds) -> None:
    text = " ".join(plan_as_text(growing(small(), 1)).split())
    assert "started from standby: 1 machine of small" in text


def test_the_plan_stays_the_same_when_one_is_taken_by_somebody_else(small: Worlds) -> None:
    world = small()
    made = growing(world, 2)
    begun = world.adopt(made)
    world.offerings = tuple(replace(one, standby=1) for one in world.offerings)
    assert world.plan(begun).id == made.id
