"""Load, metrics and requests in flight are integers that follow from the curve and from who serves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from autoscaler.model.quantities import Cpu, Duration, Share
from autoscaler.model.refs import ClusterName
from autoscaler.simulation.virtual_runtime import EPOCH
from autoscaler.simulation.world import metering, others, rotation
from autoscaler.simulation.world.curves import rps
from autoscaler.simulation.world.specs import Load, LoadStep, NodeSpec, WorkloadSpec, WorldSpec
from autoscaler.simulation.world.state import Cause, Unit
from autoscaler.simulation.world.world import World, build

DAY = Load(base=100, peak=500, day=Duration(86_400_000))
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("load", "age", "level"),
    [
        pytest.param(Load(base=7), 99, 7, id="constant stays"),
        pytest.param(DAY, 0, 100, id="midnight is the base"),
        pytest.param(DAY, 12 * HOUR, 500, id="noon is the peak"),
        pytest.param(DAY, 36 * HOUR, 500, id="and so is the next noon"),
        pytest.param(DAY, 6 * HOUR, 400, id="the morning lies between"),
        pytest.param(replace(DAY, spike=50, spike_at=Duration(5), spike_for=Duration(5)), 7, 150, id="a spike comes on top"),
        pytest.param(replace(DAY, spike=50, spike_at=Duration(5), spike_for=Duration(5)), 10, 100, id="and ends"),
        pytest.param(Load(base=3, steps=(LoadStep(at=Duration(10), rps=9),)), 9, 3, id="before the first step the base"),
        pytest.param(Load(base=3, steps=(LoadStep(at=Duration(10), rps=9),)), 10, 9, id="from a step on its level"),
    ],
)
def test_curves(load: Load, age: int, level: int) -> None:
    assert rps(load, age, "salt") == level


@given(age=integers(0, 10**9), salt=integers(0, 99))
def test_noise_stays_within_its_share_and_repeats(age: int, salt: int) -> None:
    noisy = Load(base=1000, noise=Share(100))
    level = rps(noisy, age, f"{salt}")
    assert 900 <= level <= 1100
    assert level == rps(noisy, age, f"{salt}")


WEB = WorkloadSpec(name="web", replicas=2, cpu=Cpu(1000), load=Load(base=100), longest=Duration(2000), traffic=True)


def world(web: WorkloadSpec = WEB) -> World:
    return build(WorldSpec(nodes=(NodeSpec(name="node"),), workloads=(web,)), ClusterName("shop"), EPOCH)


def units(made: World) -> list[Unit]:
    return made.state.of("web")


def test_cpu_is_the_share_of_what_serving_replicas_asked_for() -> None:
    assert metering.cpu(world().core, "web") == 500


def test_who_left_the_rotation_leaves_its_part_to_the_others() -> None:
    made = world()
    with made.acting(Cause.OURS) as core:
        rotation.leave(core, units(made)[0].address)
    assert metering.cpu(made.core, "web") == 500


def test_a_replica_cannot_use_more_than_four_times_its_request() -> None:
    assert metering.cpu(world(replace(WEB, load=Load(base=10**6))).core, "web") == 4000


def test_requests_in_flight_end_with_the_longest() -> None:
    made = world()
    address = units(made)[0].address
    seat = made.state.seats[address]
    steady = rotation.in_flight(made.core, seat)
    assert steady == 50
    with made.acting(Cause.OURS) as core:
        rotation.leave(core, address)
    seen = []
    for _ in range(4):
        made.advance(made.state.now + 500)
        seen.append(rotation.in_flight(made.core, seat))
    assert seen == [38, 25, 13, 0]


@pytest.mark.parametrize(
    ("wait", "lost"),
    [
        pytest.param(None, 51, id="one in rotation costs what it has and the next"),
        pytest.param(0, 50, id="one that just left costs what it has"),
        pytest.param(1999, 1, id="one that is nearly dry costs the last"),
        pytest.param(2000, 0, id="one that ran dry costs nothing"),
    ],
)
def test_what_a_stop_costs(wait: int | None, lost: int) -> None:
    made = world()
    victim = max(units(made), key=lambda one: one.slot)
    with made.acting(Cause.OURS) as core:
        if wait is not None:
            rotation.leave(core, victim.address)
    made.advance(made.state.now + (wait or 0))
    before = made.state.tally.lost_otherwise
    others.scale(made, "web", 1)
    assert made.state.tally.lost_otherwise - before == lost


def test_our_losses_are_told_from_others() -> None:
    made = world()
    with made.acting(Cause.OURS) as core:
        rotation.remove(core, units(made)[0].address)
    assert (made.state.tally.lost, made.state.tally.lost_otherwise) == (50, 0)


def test_overload_is_counted_while_it_lasts() -> None:
    made = world(replace(WEB, load=Load(base=300)))
    made.advance(EPOCH + 7000)
    assert made.state.tally.overloaded == 7000
