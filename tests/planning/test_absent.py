"""A machine that never joined is given back, and its pool rests; who may have joined under another name is left alone."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.explaining import sentence
from autoscaler.model.history import Arrival, Arrivals
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import InstanceRef, OfferingName
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool, ReleaseInstance
from autoscaler.planning import plan

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

ABSENT = Instance(
    ref=InstanceRef("i-n9", "1"),
    state=InstanceState.RUNNING,
    offering=OfferingName("small"),
    node_name="n9",
    launched_at=Instant(9_000_000),
    absent=True,
)


def world_of(small: Worlds, machine: Instance = ABSENT) -> "World":
    """A full node, and a machine beside it that has none."""
    world = small()
    world.node("n1")
    world.workload("web", ["n1"] * 4)
    world.instances["n9"] = machine
    return world


def while_it_rests(world: "World", times: int, ends: int = 10_060_000) -> Plan:
    """The plan where the pool's machines did not join so often in a row."""
    request = world.request()
    (view,) = request.observation.pools
    assert not isinstance(view.state, Unknown)
    state = replace(view.state, rests_until=Instant(ends), never_joined=times)
    return plan(replace(request, observation=replace(request.observation, pools=(replace(view, state=state),))))


def given_back(made: Plan) -> list[str]:
    return [one.step.instance.id for one in made.steps if isinstance(one.step, ReleaseInstance)]


def launched(made: Plan) -> list[tuple[int, int]]:
    return [(one.step.seen, one.step.wanted) for one in made.steps if isinstance(one.step, GrowPool)]


def codes(made: Plan, subject: str) -> set[Code]:
    return {why.code for one in made.remarks if one.subject == subject for why in one.reasons}


def test_it_is_given_back_and_the_step_says_why(small: Worlds) -> None:
    (step,) = world_of(small).plan().steps
    assert isinstance(step.step, ReleaseInstance)
    assert [sentence(why) for why in step.reasons] == ["n9 runs, and did not join its cluster within 10m"]


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(replace(ABSENT, absent=False), id="lost, and perhaps at work"),
        pytest.param(replace(ABSENT, absent=False, launched_at=Instant(9_900_000)), id="still joining"),
    ],
)
def test_a_machine_is_kept_that_is(small: Worlds, machine: Instance) -> None:
    assert given_back(world_of(small, machine).plan()) == []


def test_one_that_has_a_node_by_now_is_kept(small: Worlds) -> None:
    world = world_of(small)
    world.node("n9", pooled=False)
    world.instances["n9"] = ABSENT
    assert not any(one.operation.startswith("release") for one in world.plan().steps)


def test_it_makes_up_for_none_of_the_pools_fewest(small: Worlds) -> None:
    world = world_of(small)
    world.bounds = (2, 20)
    made = world.plan()
    assert (launched(made), given_back(made)) == ([(2, 3)], ["i-n9"])


def test_a_pool_that_rests_launches_nothing_and_says_until_when(small: Worlds) -> None:
    world = world_of(small)
    world.bounds = (2, 20)
    made = while_it_rests(world, 1)
    assert (launched(made), given_back(made)) == ([], ["i-n9"])
    assert codes(made, "pool:general") == {Code.POOL_RESTS}
    world.at = Instant(world.at + 60_000)
    assert launched(while_it_rests(world, 1, ends=world.at)) == [(2, 3)]


@pytest.mark.parametrize(("times", "held"), [pytest.param(2, False, id="twice is no trouble"), pytest.param(3, True, id="thrice is")])
def test_a_cluster_whose_machines_never_join_is_not_made_smaller(small: Worlds, times: int, held: bool) -> None:  # noqa: FBT001 - a column
    world = world_of(small)
    (web,) = world.workloads
    world.decided[web] = 3
    found = {why.code for one in while_it_rests(world, times).withheld for why in one.reasons}
    assert (Code.LAUNCHES_FAILING in found) is held


def test_a_strange_node_that_may_be_it_is_named(small: Worlds) -> None:
    world = world_of(small, replace(ABSENT, absent=False))
    world.arrivals = Arrivals((Arrival("i-n9", Instant(9_100_000)),))
    world.node("other", pooled=False, joined_at=Instant(9_200_000))
    made = world.plan()
    assert ("i-n9" in given_back(made), codes(made, "node:n9")) == (False, {Code.NAMED_OTHERWISE})
    world.arrivals = Arrivals()
    assert codes(world.plan(), "node:n9") == {Code.GONE_FROM_CLUSTER}
