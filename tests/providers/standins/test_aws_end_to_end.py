"""Load rises and falls, and a group at AWS follows."""

from collections.abc import Iterator

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import UnavailableError
from autoscaler.model.history import Notice
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Cpu, Duration, Memory
from autoscaler.model.steps import GrowPool
from autoscaler.service.unread import unread
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.groups import GroupSpec
from autoscaler_standins.machines import Condition
from tests.providers.standins.cloud_shop import CloudShop, open_shop

ZONES = ("eu-central-1a", "eu-central-1b")
LARGE = KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30))
POOL = """aws:
      region: eu-central-1
      auto_scaling_group: shop-general
      endpoint_url: "{url}"
      ec2_endpoint_url: "{url}"
      types: [{{name: m7g.large, cpu: 2, memory: 8Gi, price: 0.0952 USD}}]"""


def cloud(runtime: Runtime) -> Aws:
    """A group in two zones with one machine, which runs."""
    found = Aws(runtime, [GroupSpec(name="shop-general", kinds=(LARGE.name,), zones=ZONES, desired=1)], [LARGE])
    found.step()
    for one in found.machines.all.values():
        one.next_at = found.clock.now()
    return found


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudShop]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    found = open_shop(cloud, POOL)
    with found.served:
        yield found
    assert found.served.mistakes == []


def counted(shop: CloudShop) -> list[str]:
    """Ids of the machines that the group counts."""
    assert isinstance(shop.served.cloud, Aws)
    return [one.id for one in shop.served.cloud.machines.all.values() if one.counts]


def test_what_does_not_fit_is_bought_and_what_is_emptied_is_given_back(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    assert len(counted(shop)) == 1
    shop.until_quiet(replicas=5)
    assert len(counted(shop)) == 3
    shop.until_quiet(replicas=2)
    assert len(counted(shop)) == 1
    assert isinstance(shop.served.cloud, Aws)
    ended = [one for one in shop.served.cloud.machines.all.values() if one.condition in (Condition.STOPPING, Condition.GONE)]
    assert len(ended) == 2


def test_where_there_is_no_capacity_the_next_zone_is_asked_at_the_next_tick(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    assert isinstance(shop.served.cloud, Aws)
    shop.served.cloud.machines.stock[LARGE.name, ZONES[0]] = 0
    shop.served.reset()
    launches = []
    for _ in range(6):
        shop.tick(replicas=3)
        launches.append(shop.served.changed().count("autoscaling.LaunchInstances"))
    assert launches == [1, 2, 2, 2, 2, 2]
    assert {one.zone for one in shop.served.cloud.machines.all.values() if one.counts} == {*ZONES}


def test_who_only_looks_asks_for_no_change(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    shop.served.reset()
    thought = shop.think(replicas=5)
    assert any(isinstance(one.step, GrowPool) for one in thought.plan.steps)
    assert shop.served.changed() == []


def test_a_machine_that_its_cloud_takes_is_replaced_before_it_goes(shop: CloudShop) -> None:
    shop.until_quiet(replicas=2)
    cloud = shop.served.cloud
    assert isinstance(cloud, Aws)
    (doomed,) = [one for one in cloud.machines.all.values() if one.counts]
    cloud.machines.reclaim(doomed, Duration(120_000))
    ends = doomed.ends_at
    assert ends is not None
    shop.queue.waiting = [Letter(receipt="1", notice=Notice(doomed.id, cloud.clock.now(), ends, "spot: terminate"))]
    healthy = []
    while cloud.clock.now() < ends + 60_000:
        shop.tick(replicas=2)
        healthy.append(sum(unit.healthy for unit in shop.world.state.of("web")))
    assert min(healthy) == 2
    assert shop.queue.waiting == []
    assert [one.id for one in cloud.machines.all.values() if one.counts] != [doomed.id]


def test_a_queue_that_cannot_be_read_is_told_and_holds_nothing_up(shop: CloudShop) -> None:
    shop.queue.broken = UnavailableError("SQS does not answer", hint="wait")
    report = shop.tick(replicas=5)
    assert unread(report) == {"notices:spot": "SQS does not answer"}
    assert report.busy
