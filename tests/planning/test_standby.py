"""A plan says how many of the machines it opens stand by and are only started."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.explaining import plan_as_text
from autoscaler.model.arrivals import strangers
from autoscaler.model.nodes import InstanceState, NodeState
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.steps import AwaitNode, GrowPool, JoinTraffic, SetReplicas
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.health import unhealthy

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
NOW = 10_000_000


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


def started_again(world: "World", *, state: InstanceState = InstanceState.LAUNCHING, launched_at: int = NOW, joined_at: int = 1) -> "World":
    """A node that is full, and one that is down, whose machine stood by and was started; four replicas more to come."""
    world.node("n1")
    world.node("n2", state=NodeState.DOWN, joined_at=Instant(joined_at))
    world.instances["n2"] = replace(world.instances["n2"], state=state, launched_at=Instant(launched_at))
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 8
    return world


@pytest.mark.parametrize(
    "state",
    [pytest.param(InstanceState.LAUNCHING, id="while it starts"), pytest.param(InstanceState.RUNNING, id="until its node is ready")],
)
def test_a_machine_that_is_started_again_is_waited_for_though_its_node_is_known(small: Worlds, state: InstanceState) -> None:
    made = started_again(small(), state=state).plan()
    steps = [one.step for one in made.steps if not isinstance(one.step, JoinTraffic)]
    assert [type(one) for one in steps] == [AwaitNode, SetReplicas]
    assert made.steps[1].after == (made.steps[0].id,)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"joined_at": NOW + 1}, id="the node joined since"),
        pytest.param({"joined_at": 0}, id="nobody knows when the node joined"),
        pytest.param({"launched_at": 1000}, id="it runs for long"),
    ],
)
def test_a_node_that_may_have_died_is_not_waited_for(small: Worlds, more: dict[str, int]) -> None:
    made = started_again(small(), state=InstanceState.RUNNING, **more).plan()
    assert any(isinstance(one.step, GrowPool) for one in made.steps)


def prepared(world: "World", state: NodeState) -> "World":
    """A node of a machine that stands by: it joined while it was prepared."""
    world.node("n1")
    world.node("n2", pooled=False, state=state)
    world.standing_by = ("n2",)
    return world


def test_a_node_that_stands_by_makes_no_cluster_unhealthy(small: Worlds) -> None:
    world = prepared(small(), NodeState.DOWN)
    gather = Facts.gather(world.request(), world.state())
    assert unhealthy(gather) == ()
    world.standing_by = ()
    assert unhealthy(Facts.gather(world.request(), world.state())) != ()


def test_no_room_is_counted_on_a_node_that_is_about_to_stand_by(small: Worlds) -> None:
    world = prepared(small(), NodeState.READY)
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 8
    assert any(isinstance(one.step, GrowPool) for one in world.plan().steps)


def test_a_node_that_stands_by_is_no_stranger(small: Worlds) -> None:
    world = prepared(small(), NodeState.DOWN)
    assert strangers(world.observation(), world.state()) == ()
