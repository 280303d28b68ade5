"""Load rises and falls, and a pool at each cloud follows."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import cast

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import UnavailableError
from autoscaler.model.history import Notice
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.steps import GrowPool
from autoscaler.service.unread import unread
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.azure.views import identity
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.views import machine_id
from autoscaler_standins.machines import Condition, Machine
from tests.providers.azure.notice_stage import ACCOUNT
from tests.providers.azure.notice_stage import SPOT as AZURES
from tests.providers.azure.notice_stage import message as on_azure
from tests.providers.azure.standin import model
from tests.providers.gcp.notice_stage import SPOT as GOOGLES
from tests.providers.gcp.notice_stage import message as on_google
from tests.providers.standins.cloud_shop import CloudShop, shop_at
from tests.providers.standins.places import AWS, AZURE, AZURE_POOL, GOOGLE, LARGE, ZONES, azure, google_prepared, kind

FLEXIBLE = replace(AZURE, make=partial(azure, flexible=True))
PLACES = {"aws": AWS, "azure": AZURE, "azure, flexible": FLEXIBLE, "gcp": GOOGLE}

pytestmark = pytest.mark.usefixtures("signed_in")
at_each = pytest.mark.parametrize("shop", PLACES.values(), ids=PLACES, indirect=True)
at_aws = pytest.mark.parametrize("shop", [AWS], ids=["aws"], indirect=True)


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[CloudShop]:
    with shop_at(request.param).open() as found:
        found.until_quiet(replicas=2)
        found.reset()
        yield found


def sizes(shop: CloudShop) -> list[int]:
    """How many machines each cloud counts."""
    return [len(shop.counted(place)) for place in shop.places]


@at_each
def test_what_does_not_fit_is_bought_once_and_what_is_emptied_is_given_back_though_replies_are_lost(shop: CloudShop) -> None:
    (place,) = shop.places
    assert sizes(shop) == [1]
    shop.standin.faults.add(Fault(operation=one, kind=Kind.CUT) for one in (place.grow, place.shrink))
    shop.until_quiet(replicas=5)
    assert (sizes(shop), shop.machines(place).launched) == ([3], 3)
    shop.until_quiet(replicas=2)
    assert sizes(shop) == [1]
    assert {operation for operation, _ in shop.standin.faults.met} == {place.grow, place.shrink}


@pytest.mark.parametrize("shop", [replace(GOOGLE, make=google_prepared)], ids=["gcp"], indirect=True)
def test_what_stands_by_is_started_before_any_is_made(shop: CloudShop) -> None:
    (place,) = shop.places
    made = shop.machines(place).launched
    assert (sizes(shop), made) == ([1], 4)
    (change,) = shop.think(replicas=5).plan.pools
    assert [one.numbers for one in change.reasons if one.code is Code.STARTS_STANDBY] == [(2,)]
    shop.until_quiet(replicas=5)
    assert (sizes(shop), shop.machines(place).launched) == ([3], made)
    shop.until_quiet(replicas=2)
    assert sizes(shop) == [1]


@at_each
def test_what_failed_while_it_started_is_given_back(shop: CloudShop) -> None:
    (place,) = shop.places
    shop.machines(place).failing = 1
    shop.until_quiet(replicas=5)
    assert sizes(shop) == [3]
    assert [one for one in shop.machines(place).all.values() if one.condition is Condition.FAILED] == []


@at_each
def test_who_only_looks_asks_for_no_change(shop: CloudShop) -> None:
    thought = shop.think(replicas=5)
    assert any(isinstance(one.step, GrowPool) for one in thought.plan.steps)
    assert shop.changed() == []


@at_each
def test_what_there_is_none_of_is_not_asked_for_again_at_once(shop: CloudShop) -> None:
    (place,) = shop.places
    shop.machines(place).stock = dict.fromkeys(place.sold, 0)
    shop.tick(12, replicas=3)
    assert shop.changed().count(place.grow) == len(place.sold)
    assert sizes(shop) == [1]


@at_aws
def test_where_there_is_no_capacity_the_next_zone_is_asked_at_the_next_tick(shop: CloudShop) -> None:
    shop.machines(AWS).stock[LARGE.name, ZONES[0]] = 0
    assert asked(shop, AWS.grow, ticks=6, replicas=3) == [1, 2, 2, 2, 2, 2]
    assert {one.zone for one in shop.counted(AWS)} == {*ZONES}


def _two(runtime: Runtime) -> AzureCloud:
    found = azure(runtime)
    found.add(replace(model(kinds=("Standard_E2s_v5",)), name="shop-other"), 1)
    return found


OTHER = {**AZURE_POOL, "scale_set": "shop-other", "types": [kind("Standard_E2s_v5", "0.126 USD")]}
TWO = replace(AZURE, make=_two, pools={"general": {"azure": AZURE_POOL}, "other": {"azure": OTHER}})


@pytest.mark.parametrize("shop", [TWO], ids=["azure"], indirect=True)
def test_where_there_is_no_capacity_the_next_dearer_set_is_asked_at_the_next_tick(shop: CloudShop) -> None:
    shop.machines(TWO).stock["Standard_D2s_v5", "1"] = 0
    assert asked(shop, TWO.grow, ticks=4, replicas=5) == [1, 2, 2, 2]
    assert [one.kind for one in shop.counted(TWO)].count("Standard_E2s_v5") == 2


def asked(shop: CloudShop, call: str, *, ticks: int, replicas: int) -> list[int]:
    """How often it was by the end of each tick."""
    found = []
    for _ in range(ticks):
        shop.tick(replicas=replicas)
        found.append(shop.changed().count(call))
    return found


@at_aws
def test_a_machine_that_its_cloud_takes_is_replaced_before_it_goes(shop: CloudShop) -> None:
    (doomed,) = shop.counted(AWS)
    shop.machines(AWS).reclaim(doomed, Duration(120_000))
    now, ends = shop.runtime.now(), doomed.ends_at
    assert ends is not None
    shop.queue.waiting = [Letter(receipt="1", notice=Notice(doomed.id, now, ends, "spot: terminate"))]
    healthy = []
    while shop.runtime.now() < ends + 60_000:
        shop.tick(replicas=2)
        healthy.append(sum(unit.healthy for unit in shop.world.state.of("web")))
    assert min(healthy) == 2
    assert shop.queue.waiting == []
    assert [one.id for one in shop.counted(AWS)] != [doomed.id]


TWO_MINUTES, MINUTE = 24, Duration(60_000)
PUBSUB = {"pubsub": {"project": "shop-prod", "subscription": GOOGLES, "url": "{url}", "monitoring_url": "{url}"}}
STORAGE = {"storage_queue": {"queue": f"{{url}}/{ACCOUNT}/{AZURES}"}}


def tell_google(shop: CloudShop, doomed: Machine) -> Callable[[], int]:
    """The machine's own script says that it ends; how many messages wait."""
    cloud = cast("GoogleCloud", shop.standin.cloud)
    queue = cloud.pubsub.add(GOOGLES, GOOGLES)
    said = on_google(doomed.id, shop.runtime.now(), 60, incarnation=machine_id(doomed))
    cloud.pubsub.put(GOOGLES, base64.b64encode(said.encode()).decode())
    return lambda: len(queue.waiting)


def tell_azure(shop: CloudShop, doomed: Machine) -> Callable[[], int]:
    """Likewise."""
    cloud = cast("AzureCloud", shop.standin.cloud)
    queue = cloud.queues.all[ACCOUNT, AZURES] = []
    name, boot = cloud.sets[doomed.group].instance(doomed), identity(f"{doomed.id}/{doomed.launched_at}")
    cloud.queues.put(ACCOUNT, AZURES, on_azure(name, shop.runtime.now(), 60, incarnation=boot))
    return lambda: len(queue)


@pytest.mark.parametrize(
    ("shop", "queue", "tell"),
    [pytest.param(GOOGLE, PUBSUB, tell_google, id="gcp"), pytest.param(AZURE, STORAGE, tell_azure, id="azure")],
    indirect=["shop"],
)
def test_a_machine_that_says_that_it_is_taken_is_replaced_before_it_goes(
    shop: CloudShop, queue: dict[str, object], tell: Callable[[CloudShop, Machine], Callable[[], int]]
) -> None:
    (place,) = shop.places
    (doomed,) = shop.counted(place)
    shop.notices, shop.engines = {"told": {"cluster": "shop", **queue}}, {}
    shop.machines(place).boot = Duration(10_000)
    shop.machines(place).reclaim(doomed, MINUTE)
    waiting, healthy = tell(shop, doomed), list[int]()
    for _ in range(TWO_MINUTES):
        shop.tick(replicas=2)
        healthy.append(sum(unit.healthy for unit in shop.world.state.of("web")))
    assert (min(healthy), waiting()) == (2, 0)
    assert [one.id for one in shop.counted(place)] != [doomed.id]


@at_aws
def test_a_queue_that_cannot_be_read_is_told_and_holds_nothing_up(shop: CloudShop) -> None:
    shop.queue.broken = UnavailableError("SQS does not answer", hint="wait")
    report = shop.tick(replicas=5)
    assert unread(report) == {"notices:spot": "SQS does not answer"}
    assert report.busy
