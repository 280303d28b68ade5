"""Load rises and falls, and a scale set at Azure follows."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.steps import GrowPool
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.azure.sets import ScaleSet
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.machines import Condition, Machines
from tests.providers.azure.standin import model
from tests.providers.standins.cloud_shop import CloudShop, open_shop

POOL = """azure:
      subscription: 1f3fa6d2-851c-4a91-9087-1a050f3a9c38
      resource_group: shop
      scale_set: shop-general
      url: "{url}"
      types: [{{name: Standard_D2s_v5, cpu: 2, memory: 8Gi, price: 0.096 USD}}]"""
TWO = f"""{POOL}
    nodes: {{{{min: 1, max: 6, idle: 15s}}}}
  other:
    cluster: shop
    {POOL.replace("shop-general", "shop-other").replace("Standard_D2s_v5", "Standard_E2s_v5").replace("0.096", "0.126")}"""
UPDATE, DELETE = "VirtualMachineScaleSets.Update", "VirtualMachineScaleSets.DeleteInstances"


def cloud(runtime: Runtime, *, flexible: bool) -> AzureCloud:
    """A set with one machine, which runs."""
    clock = Clock(runtime)
    found = AzureCloud(clock=clock, machines=Machines(clock=clock))
    found.add(model(flexible=flexible), 1)
    return found


@pytest.fixture
def shop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudShop]:
    """Uniform, unless the test says otherwise."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    flexible = getattr(request, "param", False)

    found = open_shop(lambda runtime: cloud(runtime, flexible=flexible), POOL)
    with found.served:
        yield found
    assert found.served.mistakes == []


def scale_set(shop: CloudShop) -> ScaleSet:
    """The one there is."""
    assert isinstance(shop.served.cloud, AzureCloud)
    (found,) = shop.served.cloud.sets.values()
    return found


def counted(shop: CloudShop) -> int:
    """Machines that the set counts."""
    return sum(one.counts for one in scale_set(shop).all())


@pytest.mark.parametrize("shop", [False, True], ids=["uniform", "flexible"], indirect=True)
def test_what_does_not_fit_is_bought_once_and_what_is_emptied_is_given_back_though_replies_are_lost(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    assert counted(shop) == 1
    shop.served.faults.add(Fault(operation=one, kind=Kind.CUT) for one in (UPDATE, DELETE))
    shop.until_quiet(replicas=5)
    assert (counted(shop), scale_set(shop).machines.launched) == (3, 3)
    shop.until_quiet(replicas=2)
    assert (counted(shop), scale_set(shop).capacity) == (1, 1)
    assert {operation for operation, _ in shop.served.faults.met} == {UPDATE, DELETE}


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudShop]:
    """Two sets with a machine each; those of the second cost more."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def both(runtime: Runtime) -> AzureCloud:
        found = cloud(runtime, flexible=False)
        found.add(replace(model(kinds=("Standard_E2s_v5",)), name="shop-other"), 1)
        return found

    found = open_shop(both, TWO)
    with found.served:
        yield found
    assert found.served.mistakes == []


def test_where_there_is_no_capacity_the_next_dearer_set_is_asked_at_the_next_tick(two: CloudShop) -> None:
    assert isinstance(two.served.cloud, AzureCloud)
    cheap, dear = two.served.cloud.sets.values()
    two.until_quiet(replicas=2)
    cheap.machines.stock["Standard_D2s_v5", "1"] = 0
    two.served.reset()
    asked = []
    for _ in range(4):
        two.tick(replicas=5)
        asked.append(two.served.changed().count(UPDATE))
    assert asked == [1, 2, 2, 2]
    assert (sum(one.counts for one in cheap.all()), sum(one.counts for one in dear.all())) == (1, 2)


def test_what_failed_while_it_started_is_given_back(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    scale_set(shop).machines.failing = 1
    shop.until_quiet(replicas=5)
    assert counted(shop) == 3
    assert [one for one in scale_set(shop).all() if one.condition is Condition.FAILED] == []


def test_who_only_looks_asks_for_no_change(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    shop.served.reset()
    thought = shop.think(replicas=5)
    assert any(isinstance(one.step, GrowPool) for one in thought.plan.steps)
    assert shop.served.changed() == []
