"""Rules between workloads in a plan: who has to stand beside whom, and what is counted of those that stand on every node."""

from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments
from autoscaler.model.constraints import NODE, Affinity, AntiAffinity, Constraint, LabelRule, Selector
from autoscaler.model.resources import Resources
from autoscaler.model.steps import GrowPool, SetReplicas
from autoscaler.model.workloads import Shape, WorkloadKind
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_room

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

DB = Selector(rules=(LabelRule(key="app", value="db"),))
BESIDE_DB = Shape(requests=Resources(500, 2**20), constraints=(Affinity(to=DB, topology=NODE),))
DB_LABELS = (("app", "db"),)


@pytest.mark.parametrize(
    ("there", "waits"), [pytest.param(0, True, id="nobody stands yet"), pytest.param(1, False, id="one that stands is joined at once")]
)
def test_who_joins_somebody_to_come_comes_after_him(small: Worlds, there: int, *, waits: bool) -> None:
    world = small()
    world.node("n1")
    db = world.workload("db", ["n1"] * there, cpu=500, labels=DB_LABELS)
    app = world.workload("app", (), shape=BESIDE_DB)
    world.decided = {db: there + 2, app: 2}
    made = world.plan()
    (change,) = (one for one in made.steps if one.operation == "scale shop/app" and isinstance(one.step, SetReplicas))
    before = {one.operation for one in made.steps if one.id in change.after}
    assert before == ({"scale shop/db"} if waits else set())
    assert not world.finish(made).open
    assert world.workloads[app].wanted == 2


@pytest.mark.parametrize(
    ("rule", "bought", "refused"),
    [
        pytest.param(Affinity(to=DB), True, False, id="beside it"),
        pytest.param(AntiAffinity(to=DB), False, True, id="apart from it"),
    ],
)
def test_what_runs_on_every_node_is_minded(small: Worlds, rule: Constraint, *, bought: bool, refused: bool) -> None:
    world = small()
    world.node("n1", capacity=Resources(500, 2**30))
    world.workload("agent", ["n1"], cpu=0, traffic=False, labels=DB_LABELS, kind=WorkloadKind.GLOBAL)
    web = world.workload("web", (), shape=Shape(requests=Resources(500, 2**20), constraints=(rule,)))
    world.decided = {web: 2}
    made = world.plan()
    assert any(isinstance(one.step, GrowPool) for one in made.steps) is bought
    assert any(isinstance(one.step, SetReplicas) for one in made.steps) is not refused
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert bool(refused_room(ctx, world.workloads[web], 1)) is refused
