"""The world gives each replica its devices, whole or in part, and never more of one than there is."""

import pytest

from autoscaler.errors import PolicyError
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.refs import ClusterName
from autoscaler.simulation.virtual_runtime import EPOCH
from autoscaler.simulation.world import views
from autoscaler.simulation.world.devices import DeviceNeed, DeviceSpec
from autoscaler.simulation.world.specs import NodeSpec, WorkloadSpec, WorldSpec
from autoscaler.simulation.world.world import World, build

SHOP = ClusterName("shop")
TWO = (DeviceSpec(product="T4"), DeviceSpec(product="A100"))
PART, WHOLE_ONE, NEWER = DeviceNeed(share=Share(400)), DeviceNeed(whole=1), DeviceNeed(share=Share(1000), products=("A100",))


def world(*needs: tuple[DeviceNeed | None, int]) -> World:
    """One node with two devices, and so many replicas of each need, the first placed first."""
    workloads = tuple(WorkloadSpec(name=f"w{at}", device=need, replicas=count, priority=9 - at) for at, (need, count) in enumerate(needs))
    return build(WorldSpec(nodes=(NodeSpec(name="n1", devices=TWO),), workloads=workloads), SHOP, EPOCH)


@pytest.mark.parametrize(
    ("needs", "given"),
    [
        pytest.param([(PART, 5)], [(), (0,), (0,), (1,), (1,)], id="two parts of each, and one waits"),
        pytest.param([(PART, 1), (WHOLE_ONE, 2)], [(), (0,), (1,)], id="a device that is shared is no whole one"),
        pytest.param([(NEWER, 2)], [(), (1,)], id="only of the model it accepts, and all of it"),
        pytest.param([(DeviceNeed(whole=2), 1), (PART, 1)], [(), (0, 1)], id="several whole ones, of which no part is left"),
        pytest.param([(None, 2)], [(), ()], id="whoever asks for none gets none"),
    ],
)
def test_who_is_given_which(needs: list[tuple[DeviceNeed | None, int]], given: list[tuple[int, ...]]) -> None:
    state = views.cluster_state(world(*needs).core, Instant(EPOCH))
    assert sorted(one.devices for one in state.replicas) == given
    assert state.nodes[0].devices == (Device("gpu", "T4"), Device("gpu", "A100"))


def test_all_of_one_device_is_a_whole_one() -> None:
    assert NEWER.ask == DeviceAsk(kind="gpu", whole=1, products=("A100",))


@pytest.mark.parametrize(
    ("whole", "share"),
    [pytest.param(0, Share(0), id="nothing"), pytest.param(1, Share(300), id="whole ones and a part")],
)
def test_an_ask_is_for_whole_ones_or_a_part(whole: int, share: Share) -> None:
    with pytest.raises(PolicyError):
        DeviceNeed(whole=whole, share=share)
