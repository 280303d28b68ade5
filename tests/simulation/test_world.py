"""A simulated cluster behaves as Swarm does, and time passes in it in whatever steps it is asked for."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists

from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.model.refs import ClusterName
from autoscaler.simulation.virtual_runtime import EPOCH
from autoscaler.simulation.world import machines, others, snapshot
from autoscaler.simulation.world.core import Happening, Kind, What
from autoscaler.simulation.world.removal import removal_order
from autoscaler.simulation.world.specs import Load, NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import Cause, Fate, Phase, Unit
from autoscaler.simulation.world.world import World, build, restore

SHOP = ClusterName("shop")
WEB = WorkloadSpec(name="web", replicas=4, start=Duration(2000), health=Duration(3000), stop=Duration(2000), load=Load(base=100))
POOL = WorldPool(name="general", nodes=1, offerings=(OfferingSpec(name="standard", price=Money(3_600_000)),))
SPEC = WorldSpec(nodes=tuple(NodeSpec(name=f"node-{i}") for i in range(2)), workloads=(WEB,), pools=(POOL,))


def world(spec: WorldSpec = SPEC) -> World:
    return build(spec, SHOP, EPOCH)


def healthy(made: World) -> int:
    return sum(unit.healthy for unit in made.state.units.values())


def pass_(made: World, ms: int) -> None:
    made.advance(made.state.now + ms)


def test_a_new_world_begins_with_everything_healthy() -> None:
    made = world()
    assert (made.state.now, healthy(made), made.state.tally.spent) == (EPOCH, 4, 0)


def test_a_raised_count_is_running_after_start_and_health() -> None:
    made = world()
    others.scale(made, "web", 6)
    pass_(made, 4999)
    assert healthy(made) == 4
    pass_(made, 1)
    assert healthy(made) == 6


def test_a_lowered_count_takes_the_predicted_ones() -> None:
    made = world()
    predicted = {unit.id for unit in removal_order(made.state.of("web"))[:2]}
    others.scale(made, "web", 2)
    assert {unit.id for unit in made.state.units.values() if not unit.live} == predicted
    pass_(made, 2000)
    assert len(made.state.units) == 2


def test_an_emptying_node_stops_first_and_starts_later() -> None:
    made = world()
    host = next(iter(made.state.hosts.values()))
    there = {unit.id for unit in made.state.on(host.id)}
    others.fence(made, host, NodeAvailability.EMPTYING)
    assert healthy(made) == 4 - len(there)
    waiting = [unit for unit in made.state.units.values() if unit.after]
    assert {unit.after for unit in waiting} == there
    assert {unit.phase for unit in waiting} == {Phase.WAITING}
    pass_(made, 2000 + 5000)
    assert healthy(made) == 4
    assert not made.state.on(host.id)


def test_a_full_cluster_keeps_replicas_waiting_until_a_machine_joins() -> None:
    made = world(replace(SPEC, nodes=(NodeSpec(name="node-0", cpu=Cpu(1000), memory=Memory(2**30)),), pools=(replace(POOL, nodes=0),)))
    assert healthy(made) == 2
    with made.acting(Cause.OURS) as core:
        machines.grow(core, "general", seen=0, wanted=1, token="a", offering=None)
    pass_(made, POOL.launch.ms + POOL.join.ms - 1)
    assert len(made.state.hosts) == 1
    pass_(made, 1 + 5000)
    assert healthy(made) == 4


def test_a_dead_node_loses_its_replicas_and_others_take_over() -> None:
    made = world()
    host = next(iter(made.state.hosts.values()))
    others.fail(made, host)
    assert not made.state.on(host.id)
    pass_(made, 5000)
    assert healthy(made) == 4


def test_a_deploy_replaces_everyone_start_first() -> None:
    made = world()
    before = set(made.state.units)
    fewest: list[int] = []
    made.listen(lambda _: fewest.append(healthy(made)))
    others.deploy(made, "web")
    pass_(made, 60_000)
    assert not made.state.services["web"].updating
    assert not before & set(made.state.units)
    assert min(fewest) == 4


@pytest.mark.parametrize(
    ("fate", "failures"),
    [
        pytest.param(Fate.FAILS, 1, id="a failed start is tried again"),
        pytest.param(Fate.NEVER_HEALTHY, 1, id="one that never gets healthy is replaced"),
        pytest.param(Fate.SLOW, 0, id="a slow one comes in the end"),
    ],
)
def test_a_bad_start(fate: Fate, failures: int) -> None:
    made = world()
    made.core.fates = Once(fate)
    others.scale(made, "web", 5)
    pass_(made, 5000)
    assert healthy(made) == 4
    pass_(made, 60_000)
    assert (healthy(made), len(made.state.services["web"].failed_at)) == (5, failures)


class Once(Kind):
    def __init__(self, fate: Fate) -> None:
        self.fates = [fate]

    def start(self, unit: Unit) -> Fate:
        return self.fates.pop() if self.fates else Fate.FINE


def unit(slot: int, node: str, phase: Phase = Phase.RUNNING) -> Unit:
    return Unit(id=f"{slot}{node}", service="web", slot=slot, version="1", node=node, phase=phase)


@pytest.mark.parametrize(
    ("units", "order"),
    [
        pytest.param([unit(1, "a"), unit(2, "a"), unit(3, "b")], ["2a", "3b", "1a"], id="the fullest node gives first"),
        pytest.param([unit(1, "a"), unit(2, "b")], ["2b", "1a"], id="then the highest slot"),
        pytest.param([unit(1, "a", Phase.SETTLING), unit(2, "a")], ["1a", "2a"], id="one that is not healthy goes before"),
        pytest.param([unit(1, "", Phase.WAITING), unit(2, "a")], ["1", "2a"], id="one without a node goes first"),
        pytest.param([unit(1, "a"), unit(1, "b"), unit(2, "b")], ["1a", "1b", "2b"], id="a slot with two goes first, both of them"),
        pytest.param([unit(1, "a", Phase.STOPPING), unit(2, "a")], ["2a"], id="one that stops already is not in it"),
    ],
)
def test_whom_a_lower_count_ends(units: list[Unit], order: list[str]) -> None:
    assert [each.id for each in removal_order(units)] == order


def script(made: World, path: Callable[[World, int], None]) -> list[str]:
    told: list[Happening] = []
    made.listen(told.extend)
    others.scale(made, "web", 7)
    path(made, 20_000)
    others.fail(made, next(iter(made.state.hosts.values())))
    path(made, 20_000)
    others.scale(made, "web", 2)
    path(made, 20_000)
    return list(map(str, told))


@settings(max_examples=30, deadline=None)
@given(steps=lists(integers(1, 7000), min_size=1, max_size=12))
def test_small_steps_and_large_ones_come_to_the_same(steps: list[int]) -> None:
    def walk(made: World, span: int) -> None:
        until = made.state.now + span
        for step in steps:
            made.advance(min(until, made.state.now + step))
        made.advance(until)

    assert script(world(), walk) == script(world(), pass_)


def test_time_never_goes_back() -> None:
    made = world()
    pass_(made, 5000)
    made.advance(EPOCH)
    assert made.state.now == EPOCH + 5000


def test_a_written_world_goes_on_where_it_was() -> None:
    made = world()
    others.scale(made, "web", 7)
    pass_(made, 1000)
    text = snapshot.write(made.state, tuple(made.core.pools.values()))
    state, pools = snapshot.read(text)
    again = restore(replace(SPEC, pools=pools), SHOP, state)
    pass_(made, 30_000)
    pass_(again, 30_000)
    assert snapshot.write(again.state, pools) == snapshot.write(made.state, pools)
    assert healthy(again) == 7


def test_money_is_counted_by_the_millisecond() -> None:
    made = world()
    pass_(made, 3_600_000)
    assert made.state.tally.spent // 3_600_000 == 3_600_000


def test_listeners_hear_of_failed_changes_too() -> None:
    made = world()
    told: list[Happening] = []
    made.listen(told.extend)

    def fail_half_way() -> None:
        with made.acting(Cause.OURS) as core:
            core.tell(What.SCALED, "web")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert [(one.what, one.cause) for one in told] == [(What.SCALED, Cause.OURS)]
