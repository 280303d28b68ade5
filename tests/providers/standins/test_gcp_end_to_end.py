"""Load rises and falls, and a managed instance group follows."""

from collections.abc import Iterator

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.steps import GrowPool
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.groups import Group, Template
from tests.providers.standins.cloud_shop import CloudShop, open_shop

ZONE = "europe-west4-a"
POOL = """gcp:
      project: shop-prod
      zone: europe-west4-a
      instance_group: shop-general
      url: "{url}"
      types: [{{name: e2-standard-2, cpu: 2, memory: 8Gi, price: 0.0737 USD}}]"""
CREATE, DELETE = (f"compute.instanceGroupManagers.{verb}Instances" for verb in ("create", "delete"))


def cloud(runtime: Runtime) -> GoogleCloud:
    """A group with one machine, which runs."""
    found = GoogleCloud(runtime)
    template = Template(name="shop-general-1", kind="e2-standard-2")
    found.groups.add(Group(name="shop-general", place=ZONE, zones=(ZONE,), template=template, base="shop-general", size=1))
    for one in found.machines.all.values():
        one.next_at = found.clock.now()
    return found


@pytest.fixture
def shop() -> Iterator[CloudShop]:
    found = open_shop(cloud, POOL)
    with found.served:
        yield found
    assert found.served.mistakes == []


def counted(shop: CloudShop) -> list[str]:
    """Names of the machines that the group counts."""
    assert isinstance(shop.served.cloud, GoogleCloud)
    return [one.id for one in shop.served.cloud.machines.all.values() if one.counts]


def test_what_does_not_fit_is_bought_and_what_is_emptied_is_given_back(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    first = counted(shop)
    assert len(first) == 1
    shop.until_quiet(replicas=5)
    assert len(counted(shop)) == 3
    shop.until_quiet(replicas=2)
    assert len(counted(shop)) == 1
    assert shop.served.changed().count(DELETE) == 2


def test_where_there_is_no_capacity_nothing_is_left_asked_for_and_it_is_not_asked_for_again_at_once(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    assert isinstance(shop.served.cloud, GoogleCloud)
    shop.served.cloud.machines.stock["e2-standard-2", ZONE] = 0
    shop.served.reset()
    shop.tick(12, replicas=3)
    assert shop.served.changed() == [CREATE, DELETE]
    assert [one.size for one in shop.served.cloud.groups.all.values()] == [1]


def test_who_only_looks_asks_for_no_change(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    shop.served.reset()
    thought = shop.think(replicas=5)
    assert any(isinstance(one.step, GrowPool) for one in thought.plan.steps)
    assert shop.served.changed() == []
