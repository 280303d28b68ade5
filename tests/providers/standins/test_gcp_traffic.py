"""A whole engine behind network endpoint groups of Google Cloud."""

from collections.abc import Iterator

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.model.steps import LeaveTraffic
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.endpoints import EndpointGroup
from tests.providers.standins import test_gcp_end_to_end as pools
from tests.providers.standins.cloud_shop import open_shop
from tests.providers.standins.in_rotation import WEB, Front

EDGE = '{{neg: {{project: shop-prod, zones: [europe-west4-a], url: "{url}"}}}}'


@pytest.fixture(params=[pytest.param(True, id="who drains is listed"), pytest.param(False, id="who drains is not listed")])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    def cloud(runtime: Runtime) -> GoogleCloud:
        found = pools.cloud(runtime)
        found.endpoints.add([EndpointGroup(name=WEB, zone=pools.ZONE, draining=Duration(30_000), shows=request.param)])
        return found

    shop = open_shop(cloud, pools.POOL, edge=EDGE)
    google = shop.served.cloud
    assert isinstance(google, GoogleCloud)
    with shop.served:
        yield Front(shop, lambda: sent_to(google), lambda: draining(google))
    assert shop.served.mistakes == []


def group(google: GoogleCloud) -> EndpointGroup:
    google.groups.age()
    google.endpoints.age()
    return google.endpoints.all[pools.ZONE, WEB]


def sent_to(google: GoogleCloud) -> set[str]:
    found = group(google)
    return {f"{host}:{port}" for host, port in found.endpoints if google.endpoints.gets_new(found, (host, port))}


def draining(google: GoogleCloud) -> set[str]:
    return set(google.endpoints.draining(group(google)))


def test_who_comes_is_joined_and_who_goes_has_left_before(front: Front) -> None:
    front.comes_and_goes()


@pytest.mark.clouds
@pytest.mark.parametrize("seed", range(4))
def test_whatever_befalls_calls_nobody_ends_who_is_sent_requests(front: Front, seed: int) -> None:
    calls = ("attachNetworkEndpoints", "detachNetworkEndpoints", "listNetworkEndpoints")
    front.roughly(tuple(f"compute.networkEndpointGroups.{one}" for one in calls), ("rateLimitExceeded", 403), seed)


@pytest.mark.parametrize("front", [False], indirect=True)
def test_who_only_looks_changes_nothing(front: Front) -> None:
    front.until_quiet(3)
    front.shop.served.reset()
    planned = [one.step for one in front.shop.think(replicas=2).plan.steps]
    assert any(isinstance(one, LeaveTraffic) for one in planned)
    assert front.shop.served.changed() == []
