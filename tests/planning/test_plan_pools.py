"""A pool counts a machine until it is asked back, however long its node is seen afterwards."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.contracts.policy import PoolPolicy
from autoscaler.explaining import sentence
from autoscaler.model.commitments import Commitments, Intent, StepStatus
from autoscaler.model.nodes import InstanceState
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.policies import Limits
from autoscaler.model.pool_asks import Ceiling, Headroom, PoolAsk, SpotShare, Warm
from autoscaler.model.pools import Offering, PoolSpec
from autoscaler.model.quantities import Instant, Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, Token
from autoscaler.model.resources import Resources
from autoscaler.model.steps import AwaitNode, GrowPool

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

POOL = PoolName("general")
KINDS = tuple(
    Offering(name=OfferingName(name), capacity=Resources(4000, 4 * 2**30), price=Money(price), spot=spot)
    for name, price, spot in (("small", 100_000, False), ("spot", 30_000, True))
)


def asking(world: "World", *asks: PoolAsk) -> "World":
    """Both kinds are on offer, and the pool's rules ask for this."""
    world.offerings = KINDS
    spec = PoolSpec(name=POOL, cluster=ClusterName("shop"), min=0, max=20)
    world.policies["pools"] = (PoolPolicy(spec=spec, asks=asks),)
    return world


def grown(steps: Iterable[PlannedStep]) -> list[tuple[int, int, str | None]]:
    return [(one.step.seen, one.step.wanted, one.step.offering) for one in steps if isinstance(one.step, GrowPool)]


def half_on_spot(small: Worlds) -> "World":
    """One node that is full, and eight replicas more to come: half of the rest may be on spot."""
    world = asking(small(), SpotShare(share=Share(500), on_demand=1))
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 12
    return world


def test_kinds_of_machines_are_bought_one_after_the_other_each_by_its_name(small: Worlds) -> None:
    made = half_on_spot(small).plan()
    assert grown(made.steps) == [(1, 2, "small"), (2, 3, "spot")]
    first, second, ready = made.steps[:3]
    assert (second.after, ready.after) == ((first.id,), (second.id,))
    assert (made.price_before, made.price_after) == (Money(100_000), Money(230_000))
    assert dict(made.pools[0].opens) == {"small": 1, "spot": 1}


def test_the_plan_stays_the_same_while_its_kinds_come_one_by_one(small: Worlds) -> None:
    world = half_on_spot(small)
    made = world.plan()
    begun = world.finish(made, steps=1)
    assert world.plan(begun).id == made.id


def test_a_plan_whose_second_kind_is_wanted_no_more_is_made_anew(small: Worlds) -> None:
    world = half_on_spot(small)
    made = world.plan()
    begun = world.finish(made, steps=1)
    asking(world, SpotShare(share=Share(0)))
    again = world.plan(begun)
    assert again.id != made.id
    assert (2, 3, "small") in grown(again.steps)


def in_flight(world: "World", made: Plan) -> Commitments:
    """The first launch was sent, and nobody has heard of it yet."""
    first, *rest = world.adopt(made).records
    intent = Intent(token=Token("t"), term=1, seen=1, wanted=2, before=("i-n1",))
    return Commitments(plan=made, records=(replace(first, status=StepStatus.SENT, intent=intent), *rest))


def test_while_one_kind_is_being_launched_the_plan_stays(small: Worlds) -> None:
    world = half_on_spot(small)
    made = world.plan()
    assert world.plan(in_flight(world, made)).id == made.id


def test_a_kind_that_is_wanted_no_more_is_not_launched_after_the_one_in_flight(small: Worlds) -> None:
    world = half_on_spot(small)
    made = world.plan()
    begun = in_flight(world, made)
    world.decided.clear()
    assert grown(world.plan(begun).steps) == [(1, 2, "small")]


def test_spot_is_bought_last_so_that_what_is_left_of_a_chain_keeps_its_share(small: Worlds) -> None:
    world = asking(small(), SpotShare(share=Share(500)))
    for name in ("n1", "n2", "n3", "n4"):
        world.node(name)
    web = world.workload("web", ["n1", "n2", "n3", "n4"] * 4)
    world.decided[web] = 48
    kinds = [kind for _, _, kind in grown(world.plan().steps)]
    assert kinds == ["small", "spot"]


def test_another_kind_is_bought_at_once_when_one_was_refused(small: Worlds) -> None:
    world = asking(small())
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 8
    made = world.plan()
    assert grown(made.steps) == [(1, 2, "spot")]
    first, *rest = world.adopt(made).records
    failed = replace(first, status=StepStatus.FAILED, ended_at=world.at, reasons=(Reason(Code.NO_CAPACITY),))
    world.offerings = (KINDS[0], replace(KINDS[1], sold_out_until=Instant(world.at + 60_000)))
    again = world.plan(Commitments(plan=made, records=(failed, *rest)))
    assert grown(again.steps) == [(1, 2, "small")]


def test_nobody_waits_for_machines_whose_room_is_only_to_be_kept_free(small: Worlds) -> None:
    world = asking(small(), Warm(nodes=3))
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 5
    made = world.plan()
    assert grown(made.steps) == [(1, 5, "spot")]
    assert [one.step.count for one in made.steps if isinstance(one.step, AwaitNode)] == [2]
    world.decided.clear()
    assert not any(isinstance(one.step, AwaitNode) for one in world.plan().steps)


def test_what_stands_is_kept_until_what_takes_its_place_stands_too(small: Worlds) -> None:
    large = Offering(name=OfferingName("large"), capacity=Resources(8000, 8 * 2**30), price=Money(20_000))
    world = asking(small(), Headroom(cpu=5000))
    world.offerings = (*KINDS, large)
    world.node("n1")
    made = world.plan()
    assert grown(made.steps) == [(1, 2, "large")]
    assert not any(one.operation == "close n1" for one in made.steps)
    begun = world.finish(made)
    again = world.plan(begun)
    assert any(one.operation == "close n1" for one in again.steps)


def test_a_surge_is_given_back_and_keeps_no_node_whose_room_nobody_needs(small: Worlds) -> None:
    world = asking(small(), Headroom(cpu=2000))
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1", "n2"], surge=1)
    made = world.plan()
    assert {one.operation for one in made.steps} == {"close n1"}
    begun = world.finish(made, steps=3)
    again = world.plan(begun)
    assert again.id == made.id
    assert grown(again.steps) == []


def test_a_pool_of_one_kind_is_not_told_which(small: Worlds) -> None:
    world = small()
    world.node("n1")
    world.decided[world.workload("web", ["n1"] * 4)] = 8
    assert grown(world.plan().steps) == [(1, 2, None)]


@pytest.mark.parametrize(
    ("nodes", "wanted", "told"),
    [
        pytest.param(1, 3, [], id="one for the replica, one that is warm"),
        pytest.param(9, 5, [Code.KEEPS_WARM, Code.PRICE_CEILING], id="more than may be paid for"),
    ],
)
def test_room_that_cannot_be_had_is_remarked_on_and_keeps_nobody_waiting(small: Worlds, nodes: int, wanted: int, told: list[Code]) -> None:
    world = asking(small(), Warm(nodes=nodes), Ceiling(price=Money(220_000)))
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 5
    made = world.plan()
    assert grown(made.steps) == [(1, wanted, "spot")]
    assert [reason.code for one in made.remarks if one.subject == "pool:general" for reason in one.reasons] == told


def test_a_node_whose_room_is_asked_for_stays_and_says_so(small: Worlds) -> None:
    world = asking(small(), Headroom(cpu=4000))
    for name in ("n1", "n2"):
        world.node(name)
    world.workload("web", ["n1"])
    made = world.plan()
    assert made.steps == ()
    kept = Reason(Code.KEEPS_FREE, (4000,), "cpu", ("general", "cpu"))
    assert [one.reasons for one in made.remarks if one.subject == "node:n2"] == [(kept,)]


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


def test_a_pool_says_of_each_node_that_goes_why(small: Worlds) -> None:
    world = small()
    for name in ("n1", "n2", "n3", "n4", "n5"):
        world.node(name)
    world.workload("web", ["n4"], surge=1)
    world.workload("api", ["n3"], surge=1)
    world.workload("full", ["n5"], cpu=4000, surge=1)
    world.limits = Limits(closing_at_once=9)
    world.instances["n3"] = replace(world.instances["n3"], ends_at=Instant(world.at + 120_000))
    (pool,) = world.plan().pools
    assert [ref.id for ref in pool.closes] == ["n2", "n3", "n4"]
    assert [sentence(why) for why in pool.reasons] == [
        "the cloud takes n3 at 1970-01-01 02:48:40 UTC",
        "nothing stands on n2",
        "what stands on n4 fits on other nodes",
    ]
