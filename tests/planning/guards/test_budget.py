"""How many nodes may be missing at once because we close them: of a pool, of each zone of it, and while a calendar says so."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.contracts.policy import PoolPolicy
from autoscaler.errors import PolicyError
from autoscaler.model.budgets import Budget, Per
from autoscaler.model.calendars import Window
from autoscaler.model.nodes import NodeState
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Limits
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Fence
from tests.planning.conftest import POOL, SHOP, SMALL

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
TENTH, THIRTY, ALL = Share(100), Share(300), Share(1000)
NIGHT = Window(cron="0 2 * * *", for_=Duration.parse("1h"))
"""Open at the world's time, a quarter to three, until three."""
DAY = Window(cron="0 8 * * *", for_=Duration.parse("10h"))
THREE = Instant(3 * 3_600_000)
EAST, WEST = replace(SMALL, name=OfferingName("east"), zone="east"), replace(SMALL, name=OfferingName("west"), zone="west")


def empty(small: Worlds, count: int, *budgets: Budget) -> "World":
    """So many nodes, every second in the west, with nothing on them; all of them could go."""
    world = small(limits=Limits(closing_at_once=100, nodes_per_minute=100))
    world.offerings = (EAST, WEST)
    for number in range(1, count + 1):
        world.node(f"n{number:02}")
        kind = EAST if number % 2 else WEST
        world.instances[f"n{number:02}"] = replace(world.instances[f"n{number:02}"], offering=kind.name)
    spec = PoolSpec(name=POOL, cluster=SHOP, min=0, max=100, budgets=budgets)
    world.policies["pools"] = (PoolPolicy(spec=spec),)
    return world


def closed(made: Plan) -> set[str]:
    return {one.step.node.id for one in made.steps if isinstance(one.step, Fence)}


def why(made: Plan) -> set[Reason]:
    return {reason for one in made.withheld for reason in one.reasons}


@pytest.mark.parametrize(
    ("count", "budgets", "closes"),
    [
        pytest.param(10, (), 10, id="without a budget all go"),
        pytest.param(10, (Budget(nodes=THIRTY),), 3, id="30% of ten are three"),
        pytest.param(10, (Budget(nodes=ALL),), 10, id="100% are all"),
        pytest.param(10, (Budget(nodes=0),), 0, id="none are none"),
        pytest.param(5, (Budget(nodes=TENTH),), 1, id="a share is rounded up"),
        pytest.param(10, (Budget(nodes=Share(0)),), 0, id="0% stays none"),
        pytest.param(10, (Budget(nodes=4), Budget(nodes=2)), 2, id="of several the least holds"),
        pytest.param(10, (Budget(nodes=1, per=Per.ZONE),), 2, id="one in each of two zones"),
        pytest.param(10, (Budget(nodes=4, per=Per.ZONE), Budget(nodes=5)), 5, id="by zone and in all"),
        pytest.param(10, (Budget(nodes=0, during=NIGHT),), 0, id="while its window is open"),
        pytest.param(10, (Budget(nodes=0, during=DAY),), 10, id="not while it is closed"),
    ],
)
def test_so_many_close_at_once(count: int, budgets: tuple[Budget, ...], closes: int, small: Worlds) -> None:
    assert len(closed(empty(small, count, *budgets).plan())) == closes


@pytest.mark.parametrize("carried", [0, 1], ids=["planned", "under way"])
def test_what_closes_already_uses_it_up(carried: int, small: Worlds) -> None:
    world = empty(small, 10, Budget(nodes=3))
    made = world.plan()
    going = world.finish(made, steps=carried)
    world.tick(made)
    assert closed(world.plan(going)) == closed(made)


def test_nodes_that_are_down_use_it_up(small: Worlds) -> None:
    world = empty(small, 10, Budget(nodes=3))
    for name in ("n01", "n02"):
        world.nodes[name] = replace(world.nodes[name], state=NodeState.DOWN)
    made = world.plan()
    assert len(closed(made) - {"n01", "n02"}) == 1
    assert Reason(Code.POOL_BUDGET, (3, 10, 3), names=(POOL,)) in why(made)


def test_the_plan_says_which_zone_and_until_when(small: Worlds) -> None:
    made = empty(small, 4, Budget(nodes=1, per=Per.ZONE, during=NIGHT)).plan()
    until = Reason(Code.BUDGET_UNTIL, (THREE,), "instant", ("0 2 * * *", "UTC"))
    assert why(made) == {*(Reason(Code.ZONE_BUDGET, (1, 2, 1), names=(POOL, zone)) for zone in ("east", "west")), until}


def test_whoever_asks_for_a_node_is_not_held_and_uses_it_up(small: Worlds) -> None:
    world = empty(small, 10, Budget(nodes=1))
    world.drains = {"n07", "n08"}
    assert closed(world.plan()) >= {"n07", "n08"}
    assert len(closed(world.plan())) == 2


def held(small: Worlds, **more: object) -> Plan:
    """Two nodes of which one would do; what stands on them stays where it is for now."""
    world = small()
    for name in ("n1", "n2"):
        world.node(name, capacity=Resources(4000, 4 * 2**30))
    ref = world.workload("web", ["n1", "n2"], cpu=100)
    world.availability[ref] = replace(world.availability[ref], **more)  # type: ignore[arg-type]
    return world.plan()


@pytest.mark.parametrize(
    ("window", "closes"), [pytest.param(NIGHT, 0, id="while it is open"), pytest.param(DAY, 1, id="not while it is closed")]
)
def test_a_workload_stays_where_it_is(window: Window, closes: int, small: Worlds) -> None:
    made = held(small, stays=(window,))
    assert len(closed(made)) == closes
    assert (Reason(Code.STAYS_UNTIL, (THREE,), "instant", ("shop/web", "0 2 * * *", "UTC")) in why(made)) is (closes == 0)


def test_more_than_all_is_no_budget() -> None:
    with pytest.raises(PolicyError, match="more than there are"):
        Budget(nodes=Share(1001))


@given(
    st.integers(1, 12),
    st.lists(st.builds(Budget, nodes=st.one_of(st.integers(0, 5), st.integers(0, 1000).map(Share)), per=st.sampled_from(Per)), max_size=3),
    st.sets(st.integers(1, 12), max_size=3),
)
def test_no_budget_is_ever_passed(small: Worlds, count: int, budgets: list[Budget], down: set[int]) -> None:
    """Whoever is down counts, and of what is up no more is closed than is left."""
    world = empty(small, count, *budgets)
    dead = {f"n{number:02}" for number in down if number <= count}
    for name in dead:
        world.nodes[name] = replace(world.nodes[name], state=NodeState.DOWN)
    gone = closed(world.plan())
    for budget in budgets:
        for zone in (0, 1) if budget.per is Per.ZONE else (None,):
            there = {name for name in world.nodes if zone is None or int(name[1:]) % 2 == zone}
            new = gone & there - dead
            assert not new or len(new) + len(dead & there) <= budget.most(len(there))
