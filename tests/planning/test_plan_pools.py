"""A pool counts a machine until it is asked back, however long its node is seen afterwards."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from autoscaler.model.commitments import StepStatus
from autoscaler.model.nodes import InstanceState
from autoscaler.model.reasons import Code
from autoscaler.model.steps import GrowPool

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"


def test_a_machine_being_ended_is_not_taken_off_its_pools_count_twice(small: Worlds) -> None:
    world = small(bounds=(1, 4))
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1"])
    made = world.plan()
    assert [one.operation for one in made.steps] == ["close n2"] * 3
    begun = world.finish(made, steps=1)
    world.instances["n2"] = replace(world.instances["n2"], state=InstanceState.STOPPING)
    records = tuple(replace(one, status=StepStatus.SENT) if number == 1 else one for number, one in enumerate(begun.records))
    again = world.plan(replace(begun, records=records))
    assert not any(isinstance(one.step, GrowPool) for one in again.steps)
    assert not any(one.operation == "close n1" for one in again.steps)


def test_a_machine_for_replicas_that_a_limit_holds_back_is_not_given_back(small: Worlds) -> None:
    world = small(bounds=(1, 4))
    for name in ("n1", "n2"):
        world.node(name)
    web = world.workload("web", ["n1"] * 4)
    assert [one.operation for one in world.plan().steps] == ["close n2"] * 3
    world.decided[web], world.eventually[web] = 4, 6
    made = world.plan()
    assert made.steps == ()
    assert [one.reasons[0].code for one in made.remarks if one.subject == "node:n2"] == [Code.KEPT_FOR_LATER]
