"""What a step may count on beside others that come and go: the same that schedulers do, and that plans did."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.constraints import Affinity, LabelRule, Selector, TopologySpread
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import PlannedStep
from autoscaler.model.policies import Availability
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId, ReplicaId, StepId, StoreId, Token, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Evacuate, Place, StartReplica, Step, StopReplica
from autoscaler.model.workloads import ReplicaState, Shape
from autoscaler.planning.conditions import precondition
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_at, refused_room
from tests.planning.conftest import SHOP

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

EVEN = Shape(requests=Resources(500, 2**20), constraints=(TopologySpread(),))


@pytest.mark.parametrize(
    ("availability", "reasons"),
    [
        pytest.param(NodeAvailability.FENCED, [Code.NO_ROOM], id="fenced with none of it, it keeps others from having two"),
        pytest.param(NodeAvailability.EMPTYING, [], id="while it is emptied it is no domain"),
    ],
)
def test_room_beside_a_node_that_is_closed(small: Worlds, availability: NodeAvailability, reasons: list[Code]) -> None:
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    ref = world.workload("web", ["n1", "n2"], shape=EVEN)
    world.nodes["n3"] = replace(world.nodes["n3"], availability=availability)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert [one.code for one in refused_room(ctx, world.workloads[ref], 1)] == reasons


ZONED = Shape(requests=Resources(2000, 2**20), constraints=(TopologySpread(topology="zone"),))


@pytest.mark.parametrize(
    ("taken", "ends", "reasons"),
    [
        pytest.param(2000, False, [], id="where it may come there is room"),
        pytest.param(3000, False, [Code.BREAKS_RULE], id="there is none and its zone would have too few"),
        pytest.param(3000, True, [], id="nobody stays for that on a machine that its cloud takes"),
    ],
)
def test_who_leaves_a_zone_short_stays_until_there_is_room_there(small: Worlds, taken: int, ends: bool, reasons: list[Code]) -> None:  # noqa: FBT001
    world = small()
    for name, zone in (("n1", "a"), ("n2", "a"), ("n3", "b"), ("n4", "b")):
        world.node(name, labels=(("zone", zone),))
    web = world.workload("web", ["n1", "n3", "n4"], shape=ZONED, traffic=False)
    world.workload("api", ["n2"], cpu=taken)
    world.availability[web] = Availability(floor=Share(500))
    world.nodes["n1"] = replace(world.nodes["n1"], availability=NodeAvailability.FENCED)
    world.instances["n1"] = replace(world.instances["n1"], ends_at=Instant(world.at + 60_000) if ends else None)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    step = Evacuate(node=world.nodes["n1"].ref, workloads=(web,), at_once=1)
    planned = PlannedStep(id=StepId("p.1"), step=step, operation="close n1")
    assert [one.code for one in precondition(StepRecord(plan=PlanId("p"), planned=planned, status=StepStatus.WAITING), ctx)] == reasons


@pytest.mark.parametrize(
    ("bound", "reasons"),
    [
        pytest.param(True, [], id="where we choose the place nobody waits for a node that we empty"),
        pytest.param(False, [Code.SPREAD_IS_FULL], id="for a scheduler it is a domain until it is emptied"),
    ],
)
def test_the_last_one_leaves_a_fenced_node(small: Worlds, bound: bool, reasons: list[Code]) -> None:  # noqa: FBT001
    world = small()
    for name in ("n1", "n2", "n3"):
        world.node(name)
    web = world.workload("web", ["n1", "n1", "n2", "n2", "n3"], shape=EVEN)
    mark = Mark(store=StoreId("s"), plan=PlanId("p"), field="availability", was="open", ours="fenced")
    world.nodes["n3"] = replace(world.nodes["n3"], availability=NodeAvailability.FENCED, marks=(mark,))
    world.capabilities = Capabilities(moves=Moves.REPLICA, bound=bound, stops=True)
    ctx = Context.of(world.observation(), Commitments(), world.request().policies, world.at)
    assert ctx
    assert [one.code for one in refused_at(ctx, world.workloads[web], [Place(node=world.nodes["n1"].ref)], StepId("p.1"))] == reasons


BESIDE_API, BESIDE_BATCH = (
    Shape(requests=Resources(100, 2**20), constraints=(Affinity(to=Selector(rules=(LabelRule(key="app", value=name),))),))
    for name in ("api", "batch")
)
API = (("app", "api"),)
OURS = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)


def record(step: Step, intent: Intent | None = None) -> StepRecord:
    planned = PlannedStep(id=StepId(f"p.{type(step).__name__}"), step=step, operation="close n1")
    status = StepStatus.SENT if intent else StepStatus.WAITING
    return StepRecord(plan=PlanId("p"), planned=planned, status=status, intent=intent)


def seen(world: "World", *begun: StepRecord) -> Context:
    found = Context.of(world.observation(), Commitments(records=begun), world.request().policies, world.at)
    assert found
    return found


@pytest.mark.parametrize(
    ("company", "reasons"),
    [
        pytest.param("stands", [], id="beside one that stands"),
        pytest.param("asked", [Code.NONE_TO_JOIN], id="not beside one that was only asked for: it may come later, or never"),
        pytest.param("ending", [Code.NONE_TO_JOIN], id="nor beside one that ends"),
        pytest.param("stopped", [Code.NONE_TO_JOIN], id="nor beside one that was asked to end"),
    ],
)
def test_who_must_stand_beside_somebody_comes(small: Worlds, company: str, reasons: list[Code]) -> None:
    world = small(capabilities=OURS)
    for name in ("n1", "n2"):
        world.node(name)
    api = world.workload("api", ["n1"] if company == "asked" else ["n1", "n2"], cpu=500, labels=API)
    batch = world.workload("batch", ["n1"], shape=BESIDE_API)
    there = world.nodes["n2"].ref
    begun: dict[str, Step] = {
        "asked": StartReplica(workload=api, node=there),
        "stopped": StopReplica(workload=api, replica=ReplicaId("r0002")),
    }
    if company == "ending":
        world.replicas[1] = replace(world.replicas[1], state=ReplicaState.STOPPING)
    intent = Intent(token=Token("t"), term=1, replicas=(ReplicaId("r0002"),) if company == "stopped" else ())
    ctx = seen(world, *(record(step, intent) for name, step in begun.items() if name == company))
    assert [one.code for one in refused_at(ctx, world.workloads[batch], [Place(node=there)], StepId("p.1"))] == reasons


@pytest.mark.parametrize(
    ("there", "coming", "place", "reasons"),
    [
        pytest.param("13", "2", "n1", [Code.SPREAD_IS_FULL], id="not above a node to which one was asked for that may come later"),
        pytest.param("123", "123", "n2", [Code.SPREAD_IS_FULL], id="nor where one was asked for that may come first, and others later"),
        pytest.param("13", "13", "n2", [], id="where fewest are, whoever comes elsewhere"),
    ],
)
def test_what_must_stand_evenly_comes(small: Worlds, there: str, coming: str, place: str, reasons: list[Code]) -> None:
    world = small(capabilities=OURS)
    for name in ("n1", "n2", "n3"):
        world.node(name)
    web = world.workload("web", [f"n{one}" for one in there], shape=EVEN)
    starts = (StartReplica(workload=web, node=world.nodes[f"n{one}"].ref) for one in coming)
    before = tuple(one.id for one in world.replicas)
    ctx = seen(world, *(record(one, Intent(token=Token("t"), term=1, before=before)) for one in starts))
    found = refused_at(ctx, world.workloads[web], [Place(node=world.nodes[place].ref)], StepId("p.1"))
    assert [one.code for one in found] == reasons


def in_company(small: Worlds, *, batch: list[str], api: list[str]) -> "World":
    world = small(capabilities=OURS)
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("api", api, cpu=100, labels=API, traffic=False, floor=Share(500))
    world.workload("batch", batch, shape=BESIDE_API, labels=(("app", "batch"),), traffic=False)
    return world


ALONE, TWO = ["n1", "n2"], ["n1", "n1", "n2"]


@pytest.mark.parametrize(
    ("world", "reasons"),
    [
        pytest.param(lambda small: in_company(small, batch=["n1"], api=ALONE), [Code.BREAKS_RULE], id="not before who stands there for it"),
        pytest.param(lambda small: in_company(small, batch=["n1"], api=TWO), [], id="while another one stands there"),
        pytest.param(lambda small: in_company(small, batch=["n2"], api=ALONE), [], id="when nobody stands there for it"),
        pytest.param(lambda small: mutual(in_company(small, batch=["n1"], api=ALONE)), [], id="where they must stand by each other"),
        pytest.param(lambda small: taken(in_company(small, batch=["n1"], api=ALONE)), [], id="where its cloud takes both"),
        pytest.param(lambda small: undoubled(in_company(small, batch=["n1"], api=ALONE)), [], id="where it has to go before another comes"),
    ],
)
def test_one_that_others_must_stand_beside_ends(small: Worlds, world: Callable[[Worlds], "World"], reasons: list[Code]) -> None:
    found = world(small)
    step = StopReplica(workload=WorkloadRef(SHOP, "api"), replica=ReplicaId("r0001"))
    assert [one.code for one in precondition(record(step), seen(found))] == reasons


def taken(world: "World") -> "World":
    world.instances["n1"] = replace(world.instances["n1"], ends_at=Instant(world.at + 60_000))
    return world


def mutual(world: "World") -> "World":
    api = WorkloadRef(SHOP, "api")
    world.workloads[api] = replace(world.workloads[api], shape=BESIDE_BATCH)
    return world


def undoubled(world: "World") -> "World":
    api = WorkloadRef(SHOP, "api")
    world.availability[api] = replace(world.availability[api], surge=0)
    return world
