"""A whole engine behind network endpoint groups of Google Cloud."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.model.steps import LeaveTraffic
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.endpoints import EndpointGroup
from tests.providers.standins.cloud_shop import shop_at
from tests.providers.standins.in_rotation import WEB, Front
from tests.providers.standins.places import GOOGLE, ZONE, google

EDGE = {"neg": {"project": "shop-prod", "zones": [ZONE], "url": "{url}"}}

pytestmark = pytest.mark.usefixtures("signed_in")


@pytest.fixture(params=[pytest.param(True, id="who drains is listed"), pytest.param(False, id="who drains is not listed")])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    def cloud(runtime: Runtime) -> GoogleCloud:
        found = google(runtime)
        found.endpoints.add([EndpointGroup(name=WEB, zone=ZONE, draining=Duration(30_000), shows=request.param)])
        return found

    shop = replace(shop_at(replace(GOOGLE, make=cloud)), edge=EDGE)
    there = shop.standin.cloud
    assert isinstance(there, GoogleCloud)
    with shop.open():
        yield Front(shop, lambda: sent_to(there), lambda: draining(there))


def group(of: GoogleCloud) -> EndpointGroup:
    of.groups.age()
    of.endpoints.age()
    return of.endpoints.all[ZONE, WEB]


def sent_to(of: GoogleCloud) -> set[str]:
    found = group(of)
    return {f"{host}:{port}" for host, port in found.endpoints if of.endpoints.gets_new(found, (host, port))}


def draining(of: GoogleCloud) -> set[str]:
    return set(of.endpoints.draining(group(of)))


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
    front.shop.reset()
    planned = [one.step for one in front.shop.think(replicas=2).plan.steps]
    assert any(isinstance(one, LeaveTraffic) for one in planned)
    assert front.shop.changed() == []
