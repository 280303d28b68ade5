"""Which steps of a plan, ours or one handed over, may not begin as things stand; and whether a saved plan is still of this world."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.contracts.policy import PoolPolicy
from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability, NodeState
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Mode
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, StoreId
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Fence, SetReplicas
from autoscaler.planning import fingerprint_of, held
from tests.planning.conftest import POOL, SHOP

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
Change: TypeAlias = "Callable[[World], object]"


@pytest.fixture
def world(small: Worlds) -> "World":
    """Three nodes of which one can be emptied, and a workload to grow beside it."""
    made = small()
    for name in ("n1", "n2", "n3"):
        made.node(name)
    web = made.workload("web", ["n1", "n2"])
    made.decided[web] = 2
    api = made.workload("api", ["n1"])
    made.decided[api] = 2
    made.bounds = (2, 20)
    return made


def frozen(subject: str) -> Change:
    """A freeze of it."""
    return lambda world: world.freezes.append(Freeze(subject=subject, who="ops", why="sale", at=Instant(0), until=None))


def half_down(world: "World") -> None:
    for name in ("n1", "n3"):
        world.nodes[name] = replace(world.nodes[name], state=NodeState.DOWN)


def failing(world: "World") -> None:
    world.failed_launches = 3


def resting(mode: Mode) -> Change:
    """The pool in this mode."""

    def change(world: "World") -> None:
        world.policies["pools"] = (PoolPolicy(spec=PoolSpec(name=POOL, cluster=SHOP, min=2, max=20, mode=mode)),)

    return change


def operations(plan: Plan, found: object) -> set[str]:
    assert isinstance(found, dict)
    return {one.operation for one in plan.steps if one.id in found}


@pytest.mark.parametrize(
    ("change", "expected", "code"),
    [
        pytest.param(frozen("all"), {"close n2", "scale shop/api"}, Code.FROZEN, id="a freeze of everything holds every step"),
        pytest.param(frozen("shop/api"), {"scale shop/api"}, Code.FROZEN, id="a freeze of a workload holds what changes it"),
        pytest.param(frozen("node:n2"), {"close n2"}, Code.FROZEN, id="a freeze of a node holds its closing"),
        pytest.param(frozen(f"pool:{POOL}"), {"close n2"}, Code.FROZEN, id="a freeze of a pool holds the closing of its nodes"),
        pytest.param(half_down, {"close n2"}, Code.CLUSTER_UNHEALTHY, id="a cluster in trouble loses nothing and may grow"),
        pytest.param(failing, {"close n2"}, Code.LAUNCHES_FAILING, id="launches that fail hold what takes away"),
        pytest.param(resting(Mode.RECOMMEND), {"close n2"}, Code.RECOMMEND_ONLY, id="a pool that may only be recommended on"),
        pytest.param(resting(Mode.SCALE_OUT_ONLY), {"close n2"}, Code.SCALE_OUT_ONLY, id="a pool that may only grow"),
        pytest.param(lambda _: None, set(), None, id="nothing in the way holds nothing"),
    ],
)
def test_a_plan_handed_over_is_held_by_what_is_true_now(world: "World", change: Change, expected: set[str], code: Code | None) -> None:
    made = world.plan()
    assert {one.operation for one in made.steps} == {"close n2", "scale shop/api"}
    change(world)
    found = held(made, world.request())
    assert operations(made, found) == expected
    assert {reason.code for reasons in found.values() for reason in reasons} == ({code} if code else set())


def test_what_was_sent_is_not_held_and_what_comes_after_it_is(world: "World") -> None:
    made = world.plan()
    begun = world.finish(made, steps=1)
    fence = begun.records[0]
    assert isinstance(fence.planned.step, Fence)
    frozen("all")(world)
    found = held(made, world.request(begun))
    assert set(found) == {one.id for one in made.steps} - {fence.planned.id}


def test_a_step_journalled_and_perhaps_not_sent_is_held(world: "World") -> None:
    made = world.plan()
    waiting = world.adopt(made)
    records = (replace(waiting.records[0], status=StepStatus.INTENDED), *waiting.records[1:])
    frozen("all")(world)
    assert made.steps[0].id in held(made, world.request(replace(waiting, records=records)))


def test_what_depends_on_a_held_step_is_held_with_its_reasons(world: "World") -> None:
    made = world.plan()
    grows = next(one for one in made.steps if isinstance(one.step, SetReplicas))
    close = next(one for one in made.steps if one.operation == "close n2" and not isinstance(one.step, Fence))
    linked = replace(made, steps=tuple(one._replace(after=(*one.after, grows.id)) if one is close else one for one in made.steps))
    frozen("shop/api")(world)
    found = held(linked, world.request())
    assert found[close.id] == found[grows.id]


def test_a_close_that_was_begun_ends_though_its_mode_changed(world: "World") -> None:
    made = world.plan()
    begun = world.finish(made, steps=1)
    resting(Mode.OFF)(world)
    assert held(made, world.request(begun)) == {}


def test_taking_our_mark_off_a_frozen_node_waits(world: "World") -> None:
    world.plan()
    mark = Mark(store=StoreId("s"), plan=PlanId("p-old"), field="availability", was="open", ours="fenced")
    world.nodes["n1"] = replace(world.nodes["n1"], availability=NodeAvailability.FENCED, marks=(mark,))
    made = world.plan()
    assert "mend n1" in {one.operation for one in made.steps}
    frozen("node:n1")(world)
    assert "mend n1" in operations(made, held(made, world.request()))


def test_a_cluster_in_trouble_keeps_what_was_started_and_opens_its_nodes(world: "World") -> None:
    fence = Mark(store=StoreId("s"), plan=PlanId("p-old"), field="availability", was="open", ours="fenced")
    surge = Mark(store=StoreId("s"), plan=PlanId("p-old"), field="replicas", was="2", ours="3")
    web = next(ref for ref in world.workloads if ref.path == "web")
    world.nodes["n2"] = replace(world.nodes["n2"], availability=NodeAvailability.FENCED, marks=(fence,))
    world.workloads[web] = replace(world.workloads[web], wanted=3, marks=(surge,))
    world.start(web, "n1")
    made = world.plan()
    assert {"mend n2", "mend shop/web"} <= {one.operation for one in made.steps}
    half_down(world)
    found = held(made, world.request())
    assert "mend n2" not in operations(made, found)
    assert {one.id for one in made.steps if one.operation == "mend shop/web"} <= set(found)
    assert {reason.code for one in found.values() for reason in one} == {Code.CLUSTER_UNHEALTHY}


def test_nothing_begins_while_the_cluster_cannot_be_read(world: "World") -> None:
    made = world.plan()
    found = held(made, world.request(state=Unknown(Code.LATE)))
    assert set(found) == {one.id for one in made.steps}


def test_the_plan_of_now_withholds_what_would_be_held(world: "World") -> None:
    made = world.plan()
    adopted = world.adopt(made)
    frozen("node:n2")(world)
    again = world.plan(adopted)
    assert operations(made, held(made, world.request(adopted))) == {"close n2"} == {one.step.operation for one in again.withheld}


def test_a_saved_plan_has_its_fingerprint_until_its_world_changes(world: "World") -> None:
    made = world.plan()
    assert fingerprint_of(made, world.request()) == made.fingerprint
    world.nodes["n1"] = replace(world.nodes["n1"], availability=NodeAvailability.FENCED)
    assert fingerprint_of(made, world.request()) not in ("", made.fingerprint)
    assert not fingerprint_of(made, world.request(Commitments(), Unknown(Code.LATE)))
