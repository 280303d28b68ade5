"""Where we choose who goes and who comes: whoever is replaced is not ended by a lower count as well, nor the other way round."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import PlannedStep
from autoscaler.model.quantities import Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, ReplicaId, StepId, Token, WorkloadRef
from autoscaler.model.steps import JoinTraffic, SetReplicas, StartReplica, Step
from autoscaler.model.workloads import ReplicaState
from autoscaler.planning.conditions import postcondition, precondition
from autoscaler.planning.conditions.context import Context
from tests.planning.conftest import EDGE, SHOP

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

BOUND = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)
WEB, OLDER, YOUNGER = WorkloadRef(SHOP, "web"), ReplicaId("r0001"), ReplicaId("r0002")
LOWER = SetReplicas(workload=WEB, seen=2, change=-1)


def record(step: Step, *ends: ReplicaId, begun: bool) -> StepRecord:
    planned = PlannedStep(id=StepId(f"p.{type(step).__name__}"), step=step, operation="close n1")
    intent = Intent(token=Token("t"), term=1, replicas=ends) if begun else None
    return StepRecord(plan=PlanId("p"), planned=planned, status=StepStatus.SENT if begun else StepStatus.WAITING, intent=intent)


def two(small: Worlds, *, traffic: bool = False) -> "World":
    """Of two the younger goes first at a lower count."""
    world = small(capabilities=BOUND)
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1", "n1"], traffic=traffic, floor=Share(500))
    return world


def seen(world: "World", *begun: StepRecord) -> Context:
    found = Context.of(world.observation(), Commitments(records=begun), world.request().policies, world.at)
    assert found
    return found


@pytest.mark.parametrize(
    ("instead_of", "begun", "reasons"),
    [
        pytest.param(YOUNGER, True, [Code.WAITING], id="waits while another one comes in place of who would go"),
        pytest.param(YOUNGER, False, [], id="waits for none that was not asked for yet"),
        pytest.param(OLDER, True, [], id="waits for none that comes in place of others"),
    ],
)
def test_a_lower_count(small: Worlds, instead_of: ReplicaId, begun: bool, reasons: list[Code]) -> None:  # noqa: FBT001
    world = two(small)
    start = record(StartReplica(workload=WEB, node=world.nodes["n2"].ref, instead_of=instead_of), begun=begun)
    assert [one.code for one in precondition(record(LOWER, begun=False), seen(world, start))] == reasons


@pytest.mark.parametrize(
    ("counted", "comes"),
    [
        pytest.param(YOUNGER, False, id="nobody who ends because of a lower count"),
        pytest.param(OLDER, True, id="somebody who ends by himself"),
    ],
)
def test_another_one_comes_in_place_of(small: Worlds, counted: ReplicaId, comes: bool) -> None:  # noqa: FBT001
    world = two(small)
    world.replicas[1] = replace(world.replicas[1], state=ReplicaState.STOPPING)
    start = record(StartReplica(workload=WEB, node=world.nodes["n2"].ref, instead_of=YOUNGER), begun=False)
    assert (postcondition(start, seen(world, record(LOWER, counted, begun=True))) is None) is comes


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        pytest.param(StepStatus.INTENDED, [Code.WAITING], id="not while it is being put into rotation"),
        pytest.param(StepStatus.DROPPED, [], id="otherwise at once"),
    ],
)
def test_who_is_in_no_rotation_ends(small: Worlds, status: StepStatus, reasons: list[Code]) -> None:
    world = two(small, traffic=True)
    address = world.replicas[1].address
    del world.members[address]
    join = record(JoinTraffic(workload=WEB, traffic=EDGE, count=2), begun=True)
    intent = Intent(token=Token("t"), term=1, addresses=(address,))
    ctx = seen(world, replace(join, status=status, intent=intent))
    assert [one.code for one in precondition(record(LOWER, begun=False), ctx)] == reasons
