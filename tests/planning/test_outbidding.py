"""Cheaper machines take the place of nodes: bought, waited for, moved to, and only then the old are given back; no plan takes it back."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.contracts.policy import PoolPolicy
from autoscaler.model.budgets import Budget
from autoscaler.model.calendars import Window
from autoscaler.model.commitments import Commitments, Intent, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Recommendation, ScaleEvent
from autoscaler.model.nodes import Instance, InstanceState, NodeAvailability
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Consolidation, Limits
from autoscaler.model.pools import Offering, PoolSpec
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, InstanceRef, OfferingName, PoolName, Token
from autoscaler.model.resources import Resources
from autoscaler.model.steps import AwaitNode, Fence, GrowPool, ReleaseInstance
from tests.planning.conftest import SHOP
from tests.planning.test_plan_properties import adopt, check, floors, step

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
Hindrance: TypeAlias = "Callable[[World], object]"

TINY = Offering(name=OfferingName("tiny"), capacity=Resources(2000, 2 * 2**30), price=Money(50_000))
LARGE = Offering(name=OfferingName("large"), capacity=Resources(8000, 8 * 2**30), price=Money(160_000))
SMALL = Offering(name=OfferingName("small"), capacity=Resources(4000, 4 * 2**30), price=Money(100_000))
KINDS = (SMALL, TINY, LARGE)
BOUND = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True)
POOL = PoolName("general")
NOW = Instant(10_000_000)


def machine(world: "World", name: str, kind: Offering, *, price: int | None = None) -> None:
    """A node of that kind; at another price it is of a kind that is not sold any more."""
    world.node(name, capacity=kind.capacity)
    if price is not None:
        old = replace(kind, name=OfferingName(f"old-{name}"), price=Money(price), sold_out_until=Instant(10**12))
        world.offerings = (*world.offerings, old)
        kind = old
    world.instances[name] = replace(world.instances[name], offering=kind.name)


def dear(small: Worlds, **more: object) -> "World":
    """One small machine at three times its price, with one replica that half of it would hold."""
    world = small(offerings=KINDS, **more)  # type: ignore[arg-type]
    machine(world, "n1", SMALL, price=300_000)
    ref = world.workload("web", ["n1"], cpu=1000)
    world.decided[ref] = 1
    return world


def test_bought_waited_for_moved_to_and_only_then_given_back(small: Worlds) -> None:
    world = dear(small)
    made = world.plan()
    grow, wait, release = (next(one for one in made.steps if isinstance(one.step, kind)) for kind in (GrowPool, AwaitNode, ReleaseInstance))
    assert grow.step == GrowPool(pool=POOL, seen=1, wanted=2, offering=TINY.name)
    assert wait.step == AwaitNode(pool=POOL, count=2)  # the old one is open until then
    fence = next(one for one in made.steps if isinstance(one.step, Fence))
    assert wait.id in fence.after
    assert made.steps.index(release) > made.steps.index(fence)
    figures = Reason(Code.OUTBID, (1, 1, 1), names=("0.25 USD", "6.00 USD", "1d", "0.00105 USD"))
    assert figures in grow.reasons
    assert figures in fence.reasons
    assert figures in made.pools[0].reasons
    assert (made.price_before, made.price_after) == (Money(300_000), Money(50_000))


def two_for_one(small: Worlds, **more: object) -> "World":
    """Two small machines with two replicas of the same workloads each, which are dearer than the large one that holds all of that."""
    world = small(offerings=KINDS, **more)  # type: ignore[arg-type]
    for name in ("n1", "n2"):
        machine(world, name, SMALL)
    for path in ("web", "api"):
        ref = world.workload(path, ["n1", "n2"], cpu=1500, floor=Share(500))
        world.decided[ref] = 2
    return world


@pytest.mark.parametrize("capabilities", [Capabilities(), BOUND], ids=["where somebody else places", "where we do"])
@pytest.mark.parametrize(("made_of", "kind"), [(dear, TINY), (two_for_one, LARGE)], ids=["one for one", "one for two"])
def test_at_every_step_it_goes_on_and_in_the_end_nothing_is_left_to_do(
    made_of: "Callable[..., World]", kind: Offering, capabilities: Capabilities, small: Worlds
) -> None:
    world = made_of(small, capabilities=capabilities, idle=Duration(0))
    commitments, launched = Commitments(), 0
    for _ in range(90):
        made = world.plan(commitments)
        commitments = adopt(made, commitments, world)
        before = len(world.instances)
        advanced = step(world, commitments)
        launched += max(0, len(world.instances) - before)
        world.tick(made)
        if advanced is None:
            break
        commitments = advanced
        check(world, floors(world), commitments.records)
    assert launched == 1
    assert [one.offering for one in world.instances.values()] == [kind.name]
    assert not commitments.open
    assert world.plan(Commitments()).steps == ()


def in_flight(world: "World", made: Plan) -> Commitments:
    """Its launch was sent, and nothing has come of it yet."""
    before = world.adopt(made)
    sent = (
        replace(one, status=StepStatus.SENT, intent=Intent(token=Token("t"), term=1, seen=1, wanted=2), began_at=world.at)
        if isinstance(one.planned.step, GrowPool)
        else one
        for one in before.records
    )
    return replace(before, records=tuple(sent))


@pytest.mark.parametrize("capabilities", [Capabilities(), BOUND], ids=["where somebody else places", "where we do"])
@pytest.mark.parametrize("state", [None, InstanceState.LAUNCHING, InstanceState.RUNNING], ids=["unseen", "launching", "joining"])
def test_what_is_on_its_way_is_waited_for(state: InstanceState | None, capabilities: Capabilities, small: Worlds) -> None:
    world = dear(small, capabilities=capabilities, idle=Duration(0))
    made = world.plan()
    commitments = in_flight(world, made)
    if state:
        fresh = Instance(ref=InstanceRef("i-9", "1"), state=state, offering=TINY.name, node_name="m9", launched_at=world.at)
        world.instances["m9"] = fresh
    again = world.plan(commitments)
    assert (again.id, again.steps) == (made.id, made.steps)


def frozen(subject: str) -> Hindrance:
    return lambda world: world.freezes.append(Freeze(subject=subject, who="me", why="audit", at=world.at))


def needing_more_just_now(world: "World") -> None:
    world.needed += [Recommendation(Instant(world.at - 1), 1), Recommendation(world.at, 2)]


JUST_NOW = ScaleEvent(Instant(NOW - 1000), 1)


def scaled_just_now(world: "World") -> None:
    world.events["shop/web"] = [JUST_NOW]


def started_just_now(world: "World") -> None:
    world.replicas.append(replace(world.replicas.pop(), started_at=Instant(world.at - 1000)))


def with_more(**more: object) -> Hindrance:
    return lambda world: vars(world).update(more)


def with_budget(nodes: int) -> Hindrance:
    spec = PoolSpec(name=POOL, cluster=ClusterName("shop"), min=0, max=20, budgets=(Budget(nodes=nodes),))
    return with_more(policies={"pools": (PoolPolicy(spec=spec),)})


def test_no_part_of_it_is_begun_where_budgets_let_only_a_part_go(small: Worlds) -> None:
    world = two_for_one(small)
    assert [one.closes for one in world.plan().pools] == [(world.nodes["n1"].ref, world.nodes["n2"].ref)]
    with_budget(1)(world)
    assert world.plan().steps == ()


@pytest.mark.parametrize(
    "hinder",
    [
        pytest.param(with_more(bounds=(0, 1)), id="where the pool may have no machine more"),
        pytest.param(with_more(consolidate=Consolidation(replace=False)), id="where the pool says no"),
        pytest.param(with_more(consolidate=Consolidation(move=Money(10_000_000))), id="where moves are priced too high"),
        pytest.param(with_more(failed_launches=3), id="while launches fail"),
        pytest.param(with_more(limits=Limits(nodes_per_minute=1), events={"pool:general": [JUST_NOW]}), id="where it would be too fast"),
        pytest.param(with_more(drains={"n9"}), id="while something is to be drained"),
        pytest.param(with_budget(0), id="where its pool's budget lets none go"),
        pytest.param(needing_more_just_now, id="where the pool needed more just now"),
        pytest.param(scaled_just_now, id="where its workload was scaled just now"),
        pytest.param(started_just_now, id="where its replica came just now"),
        pytest.param(frozen("node:n1"), id="where somebody froze it"),
        pytest.param(frozen("pool:general"), id="where somebody froze its pool"),
        pytest.param(frozen("shop/web"), id="where somebody froze who stands there"),
        pytest.param(frozen("all"), id="where somebody froze everything"),
    ],
)
def test_nothing_is_replaced(hinder: Hindrance, small: Worlds) -> None:
    world = dear(small)
    hinder(world)
    assert world.plan().steps == ()


def test_without_history_it_is_told_and_not_done(small: Worlds) -> None:
    world = dear(small, idle_since=None)
    made = world.plan()
    assert made.steps == ()
    told = next(one for one in made.remarks if one.subject == "node:n1" and one.reasons[0].code is Code.OUTBID)
    assert told.reasons[1] == Reason(Code.NO_HISTORY, (300_000,), "ms", ("general",))


def mixed(data: st.DataObject, small: Worlds) -> "World":
    """Machines of three kinds at some price, and workloads whose replicas stand on them anyhow."""
    world = small(offerings=KINDS, idle=Duration(0), consolidate=Consolidation(move=Money(data.draw(st.sampled_from((0, 1000, 500_000))))))
    names = [f"n{number}" for number in range(1, data.draw(st.integers(1, 5)) + 1)]
    for name in names:
        machine(world, name, data.draw(st.sampled_from(KINDS)), price=data.draw(st.sampled_from((None, None, 60_000, 250_000, 400_000))))
    world.limits = Limits(closing_at_once=data.draw(st.sampled_from((1, 2, 9))))
    world.capabilities = data.draw(st.sampled_from((Capabilities(), BOUND)))
    for path in ("web", "api", "job")[: data.draw(st.integers(1, 3))]:
        ref = world.workload(path, (), cpu=data.draw(st.sampled_from((250, 500, 1000))), traffic=data.draw(st.booleans()), surge=4)
        for place in data.draw(st.lists(st.sampled_from(names), max_size=4)):
            if world.workloads[ref].shape.requests.fits(world.room(place)):
                world.start(ref, place)
        count = len([one for one in world.replicas if one.workload == ref])
        world.workloads[ref] = replace(world.workloads[ref], wanted=count)
        if world.availability[ref].traffic:
            world.join(ref)
        world.decided[ref] = count
    world.bounds = (data.draw(st.integers(0, len(names))), len(names) + data.draw(st.integers(0, 3)))
    return world


def price(world: "World") -> int:
    """Of all its machines, per hour."""
    prices = {one.name: one.price.micro for one in world.offerings}
    return sum(prices[one.offering] for one in world.instances.values() if one.state is InstanceState.RUNNING)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_what_is_bought_stays_and_each_launch_makes_it_cheaper_in_the_end(data: st.DataObject, small: Worlds) -> None:
    world = mixed(data, small)
    least, commitments, quiet = floors(world), Commitments(), [price(world)]
    for _ in range(400):
        made = world.plan(commitments)
        commitments = adopt(made, commitments, world)
        advanced = step(world, commitments, last=data.draw(st.booleans()))
        world.tick(made)
        if not commitments.open and price(world) != quiet[-1]:
            quiet.append(price(world))
        if advanced is None:
            break
        commitments = advanced
        check(world, least, commitments.records)
    else:
        raise AssertionError("it never ends")
    assert not commitments.open
    assert quiet == sorted(set(quiet), reverse=True)
    assert not [node for node in world.nodes.values() if node.availability is not NodeAvailability.OPEN]
    assert not [one for one in world.workloads.values() if one.marks]
    assert world.plan(Commitments()).steps == ()


NIGHT = Window(cron="0 2 * * *", for_=Duration.parse("1h"))
"""Open at the world's time."""


@pytest.mark.parametrize(
    ("budgets", "stays", "replaced"),
    [
        pytest.param((), (), 2, id="both where nothing holds them"),
        pytest.param((Budget(nodes=1),), (), 1, id="one where the budget is one"),
        pytest.param((Budget(nodes=0, during=NIGHT),), (), 0, id="none in a window without any"),
        pytest.param((), (NIGHT,), 0, id="none while those that stand there stay"),
    ],
)
def test_no_more_are_replaced_than_budgets_let(
    budgets: tuple[Budget, ...], stays: tuple[Window, ...], replaced: int, small: Worlds
) -> None:
    world = small(offerings=KINDS)
    for name in ("n1", "n2"):
        machine(world, name, TINY, price=300_000)
        ref = world.workload(f"web-{name}", [name], cpu=2000)
        world.availability[ref] = replace(world.availability[ref], stays=stays)
        world.decided[ref] = 1
    spec = PoolSpec(name=POOL, cluster=SHOP, min=0, max=20, idle=Duration(0), budgets=budgets)
    world.policies["pools"] = (PoolPolicy(spec=spec),)
    assert sum(isinstance(one.step, ReleaseInstance) for one in world.plan().steps) == replaced


def test_where_its_launch_failed_just_now_nothing_is_begun_and_it_is_told(small: Worlds) -> None:
    world = dear(small)
    before = world.adopt(world.plan())
    lost = (
        replace(one, status=StepStatus.FAILED, ended_at=world.at, reasons=(Reason(Code.NO_CAPACITY),))
        if isinstance(one.planned.step, GrowPool)
        else replace(one, status=StepStatus.DROPPED, ended_at=world.at)
        for one in before.records
    )
    made = world.plan(replace(before, records=tuple(lost)))
    assert made.steps == ()
    told = next(one for one in made.remarks if one.subject == "node:n1")
    assert [why.code for why in told.reasons] == [Code.OUTBID, Code.FAILED_LATELY]
