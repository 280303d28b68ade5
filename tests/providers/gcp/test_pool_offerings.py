"""What a managed instance group offers: what it would make, and what it made before."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.errors import NotFoundError
from autoscaler.model.devices import Device
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, later
from autoscaler.model.refs import OfferingName
from autoscaler.model.resources import Resources
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.gcp.groups import Group, Template
from tests.providers.gcp.pool_stage import E2, TOKEN, ZONE, Stage, regional, staged, zonal


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(zonal(), E2) as found:
        yield found


@pytest.mark.parametrize(
    ("group", "name", "zone", "capacity", "price"),
    [
        pytest.param(zonal(), "e2-standard-4/europe-west4-a", ZONE, (4000, 16), 147_000, id="one type in one zone"),
        pytest.param(
            replace(zonal(), template=Template(name="s", kind=E2.name, spot=True)),
            "e2-standard-4/europe-west4-a/spot",
            ZONE,
            (4000, 16),
            59_000,
            id="spot",
        ),
        pytest.param(regional(), "e2-standard-4", "", (4000, 16), 147_000, id="a zone that the group chooses is none"),
        pytest.param(
            replace(zonal(), template=Template(name="n", kind="n2-standard-8")),
            "n2-standard-8/europe-west4-a",
            ZONE,
            (8000, 32),
            0,
            id="what is not listed is asked for, and has no price",
        ),
        pytest.param(
            replace(regional(), even=False, kinds=("n2-standard-8", "e2-standard-4")),
            "mixed",
            "",
            (4000, 16),
            0,
            id="of several types the least, at no price unless all have one",
        ),
    ],
)
def test_what_a_group_offers(group: Group, name: str, zone: str, capacity: tuple[int, int], price: int) -> None:
    with staged(replace(group, members={}, failures=[]), E2) as stage:
        (found,) = stage.look().offerings
        assert (found.name, found.zone, found.price) == (name, zone, Money(price))
        assert found.capacity == Resources(capacity[0], capacity[1] * 2**30)
        assert {one.offering for one in stage.look().instances} == {name}


def test_gpus_are_those_of_the_type_or_of_the_template() -> None:
    with staged(replace(zonal(), template=Template(name="g", kind="g2-standard-4"))) as stage:
        assert stage.look().offerings[0].devices == (Device("nvidia.com/gpu", "nvidia-l4"),)
    template = Template(name="t", kind="n2-standard-2", gpus=("nvidia-tesla-t4", 2))
    with staged(replace(zonal(), template=template)) as stage:
        assert stage.look().offerings[0].devices == (Device("nvidia.com/gpu", "nvidia-tesla-t4"),) * 2


def test_machines_of_an_old_template_keep_what_they_are_and_no_more_of_it_is_to_be_had(stage: Stage) -> None:
    stage.group.template = Template(name="shop-general-2", kind="n2-standard-8")
    with pytest.raises(NotFoundError):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("e2-standard-4/europe-west4-a"))
    stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("n2-standard-8/europe-west4-a"))
    state = stage.look()
    old, new = state.offerings
    assert sorted(one.offering for one in state.instances) == [old.name, old.name, new.name]
    assert (old.sold_out_until > later(state.read_at, Duration(10**12)), new.sold_out_until) == (True, 0)


def test_a_listed_type_is_not_asked_for() -> None:
    mine = KindSpec(name="n2-standard-8", cpu=Cpu(7000), memory=Memory(30 * 2**30))
    with staged(replace(zonal(), template=Template(name="n", kind=mine.name)), mine) as stage:
        assert stage.look().offerings[0].capacity == Resources(7000, 30 * 2**30)
        assert stage.asked("machineTypes.get") == 0
