"""A whole engine behind target groups of AWS."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.model.steps import LeaveTraffic
from autoscaler_standins.aws.balancing import Target, TargetGroupSpec
from autoscaler_standins.aws.cloud import Aws
from tests.providers.standins.cloud_shop import shop_at
from tests.providers.standins.in_rotation import WEB, Front
from tests.providers.standins.places import AWS, aws

EDGE = {"elb": {"region": "eu-central-1", "endpoint_url": "{url}", "ec2_endpoint_url": "{url}"}}
MINUTE = Duration(60_000)
SPECS = {
    "an application balancer of instances": TargetGroupSpec(name=WEB, kind="instance", delay=MINUTE),
    "a network balancer that is slow": TargetGroupSpec(name=WEB, protocol="TCP", delay=Duration(0), slow=MINUTE),
}

pytestmark = pytest.mark.usefixtures("signed_in")


@pytest.fixture(params=SPECS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    def cloud(runtime: Runtime) -> Aws:
        found = aws(runtime)
        found.balancing.add([SPECS[request.param]])
        return found

    shop = replace(shop_at(replace(AWS, make=cloud)), edge=EDGE)
    there = shop.standin.cloud
    assert isinstance(there, Aws)
    with shop.open():
        yield Front(shop, lambda: sent_to(there), lambda: draining(there))


def targets(of: Aws) -> dict[str, tuple[tuple[str, int], Target]]:
    """By address."""
    of.step()
    hosts = {one.id: one.address for one in of.machines.all.values()}
    return {f"{hosts.get(host, host)}:{port}": ((host, port), one) for (host, port), one in of.balancing.groups[WEB].targets.items()}


def sent_to(of: Aws) -> set[str]:
    return {address for address, (place, _) in targets(of).items() if of.balancing.gets_new(WEB, place)}


def draining(of: Aws) -> set[str]:
    return {address for address, (_, one) in targets(of).items() if one.left_at is not None}


def test_who_comes_is_joined_and_who_goes_has_left_before(front: Front) -> None:
    front.comes_and_goes()


@pytest.mark.clouds
@pytest.mark.parametrize("seed", range(4))
def test_whatever_befalls_calls_nobody_ends_who_is_sent_requests(front: Front, seed: int) -> None:
    calls = ("RegisterTargets", "DeregisterTargets", "DescribeTargetHealth", "DescribeTargetGroupAttributes")
    front.roughly(tuple(f"elbv2.{one}" for one in calls), ("Throttling", 400), seed)


@pytest.mark.parametrize("front", ["an application balancer of instances"], indirect=True)
def test_who_only_looks_changes_nothing(front: Front) -> None:
    front.until_quiet(3)
    front.shop.reset()
    planned = [one.step for one in front.shop.think(replicas=2).plan.steps]
    assert any(isinstance(one, LeaveTraffic) for one in planned)
    assert front.shop.changed() == []
