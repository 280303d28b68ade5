"""A whole engine in front of which stands a balancer of AWS: nobody who ends is sent anything."""

from collections.abc import Iterator

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.model.steps import LeaveTraffic
from autoscaler_standins.aws.balancing import TargetGroupSpec
from autoscaler_standins.aws.cloud import Aws
from tests.providers.standins import test_aws_end_to_end as pools
from tests.providers.standins.cloud_shop import IDLE, CloudShop, open_shop

EDGE = '{{elb: {{region: eu-central-1, endpoint_url: "{url}", ec2_endpoint_url: "{url}"}}}}'
WEB, MINUTE = "web", Duration(60_000)
SPECS = {
    "an application balancer of instances": TargetGroupSpec(name=WEB, kind="instance", delay=MINUTE),
    "a network balancer that is slow": TargetGroupSpec(name=WEB, protocol="TCP", delay=Duration(0), slow=MINUTE),
}


@pytest.fixture(params=SPECS)
def shop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudShop]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)

    def cloud(runtime: Runtime) -> Aws:
        found = pools.cloud(runtime)
        found.balancing.add([SPECS[request.param]])
        return found

    found = open_shop(cloud, pools.POOL, edge=EDGE)
    with found.served:
        yield found
    assert found.served.mistakes == []


def standing(shop: CloudShop) -> set[str]:
    """Addresses of replicas that run."""
    return {unit.address for unit in shop.world.state.of(WEB) if unit.address}


def sent_to(shop: CloudShop) -> set[str]:
    """Addresses that the balancer sends new requests to."""
    aws = shop.served.cloud
    assert isinstance(aws, Aws)
    aws.step()
    places = [place for place in aws.balancing.groups[WEB].targets if aws.balancing.gets_new(WEB, place)]
    hosts = {one.id: one.address for one in aws.machines.all.values()}
    return {f"{hosts.get(host, host)}:{port}" for host, port in places}


def until_quiet(shop: CloudShop, replicas: int) -> list[int]:
    """How many were sent requests at each tick, until nothing has been open for a while; nobody else ever was."""
    quiet, served = 0, list[int]()
    while quiet <= IDLE:
        busy = shop.tick(replicas=replicas).busy
        assert sent_to(shop) <= standing(shop)
        quiet = 0 if busy or sent_to(shop) < standing(shop) else quiet + 1
        served.append(len(sent_to(shop)))
        assert len(served) < 150
    return served


def test_who_comes_is_joined_and_who_goes_has_left_before(shop: CloudShop) -> None:
    counts = [until_quiet(shop, replicas) for replicas in (2, 5, 2)]
    assert [each[-1] for each in counts] == [2, 5, 2]
    assert min(counts[1] + counts[2]) == 2


def test_who_only_looks_changes_nothing(shop: CloudShop) -> None:
    until_quiet(shop, 3)
    shop.served.reset()
    planned = [one.step for one in shop.think(replicas=2).plan.steps]
    assert any(isinstance(one, LeaveTraffic) for one in planned)
    assert shop.served.changed() == []
