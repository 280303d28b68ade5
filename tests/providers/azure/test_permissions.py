"""The roles that Terraform makes may do what the provider is seen to do, and nothing else."""

import json
from collections.abc import Callable, Collection
from copy import deepcopy
from typing import TypeVar

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import Token
from autoscaler_azure.catalogue_reader import AzureCatalogue, RegionReader
from autoscaler_azure.inspector import ScaleSetInspector
from autoscaler_clouds.permissions import Row
from autoscaler_standins.azure.standby import StandbyPool
from tests.providers.azure.gateway_stage import GatewayStage, fronted
from tests.providers.azure.notice_stage import NoticeStage
from tests.providers.azure.notice_stage import staged as told
from tests.providers.azure.standin import SUBSCRIPTION, Azure, listening, model, reader_of, settings_of, site_of, writer_of
from tests.providers.azure.traffic_stage import NETWORK, ONE, TWO, WEB, TrafficStage, staged
from tests.providers.granted import MODULES, table, unmapped, unused
from tests.providers.hurried import hurried, unheard

ROWS = table("azure")
ROLES: dict[str, list[str]] = json.loads((MODULES / "azure-roles" / "tests" / "roles.json").read_text())
"""Permissions by role and kind of object, as the module makes them, which its own tests hold it to."""

SOON = Duration(10_000)
SETS = {
    "uniform": model(),
    "flexible": model(flexible=True),
    "standing by": model(flexible=True),
    "not listed": model(kinds=("Standard_NC4as_T4_v3",)),
}
CATALOGUES = tuple(f"read the catalogue, {kind}" for kind in SETS)
May = Callable[[str], bool]
T = TypeVar("T")


def granted(roles: Collection[str], without: str = "") -> May:
    """What whoever has these roles may call."""

    def has(row: Row) -> bool:
        if row.role == "anyone":
            return True
        return row.permission != without and any(row.permission in ROLES.get(f"{role}-{row.on}", []) for role in roles)

    return lambda call: all(has(row) for row in ROWS if row.call == call) and any(row.call == call for row in ROWS)


def walk(may: May) -> tuple[set[str], set[str]]:
    """All that the provider does, once for each kind of set: the steps that were refused, and the calls."""
    refused, asked = set[str](), set[str]()
    for kind, of in SETS.items():
        with listening(of) as azure:
            azure.standin.may = may
            azure.cloud.standby += [StandbyPool(name="ready", set=azure.set)] if kind == "standing by" else []
            refused |= {f"{name}, {kind}" for name, step in STEPS.items() if not done(step, azure)}
            asked |= azure.standin.asked
    with staged() as front:
        front.served.may = may
        refused |= {name for name, step in FRONT.items() if not done(step, front)}
        asked |= front.served.asked
    with fronted() as front_door:
        front_door.served.may = may
        refused |= {name for name, step in GATEWAY.items() if not done(step, front_door)}
        asked |= front_door.served.asked
    with told() as queue:
        queue.served.may = may
        refused |= {name for name, step in QUEUE.items() if not done(step, queue)}
        asked |= queue.served.asked
    return refused, asked


def look(azure: Azure) -> PoolState:
    return reader_of(azure).observe(SOON)


def grow(azure: Azure) -> None:
    writer_of(azure).grow(seen=2, wanted=3, token=Token("a"))


def shrink(azure: Azure) -> None:
    """The oldest, once all of them run."""
    azure.settle()
    first = min(look(azure).instances, key=lambda one: (one.launched_at, one.ref))
    writer_of(azure).release(frozenset({first.ref}), token=Token("b"))


def read_catalogue(azure: Azure) -> None:
    url = Url(azure.standin.url)
    settings = AzureCatalogue(subscription=SUBSCRIPTION, region="westeurope", url=url, prices_url=url)
    for lacking in RegionReader(settings, hurried()).read(unheard).lacking:
        raise lacking


def look_behind(azure: Azure) -> None:
    """Whatever is refused is told as not known, or as broken."""
    for one in ScaleSetInspector(settings_of(azure), site_of(azure)).examine(SOON):
        if "HTTP 403" in one.says:
            raise SetupError(one.says, hint=one.hint)


STEPS: dict[str, Callable[[Azure], object]] = {
    "look": look,
    "look behind": look_behind,
    "read the catalogue": read_catalogue,
    "grow": grow,
    "shrink": shrink,
}


def leave(front: TrafficStage) -> None:
    """Somebody who is in rotation, whoever may have put him there."""
    address = {"name": "two", "properties": {"ipAddress": "10.0.0.2", "virtualNetwork": {"id": NETWORK}}}
    front.balancer.put(front.pool, {"properties": {"loadBalancerBackendAddresses": [address]}})
    front.writer.leave(WEB, (TWO,))


FRONT: dict[str, Callable[[TrafficStage], object]] = {
    "put into rotation": lambda front: front.writer.join(WEB, (ONE,)),
    "take out of rotation": leave,
    "look at a rotation": TrafficStage.look,
}


def put_there(front: GatewayStage) -> None:
    """Somebody is in it, whoever may have put him there."""
    properties = deepcopy(front.gateway.properties)
    properties["backendAddressPools"][0]["properties"]["backendAddresses"] = [{"ipAddress": "10.0.0.2"}]
    front.gateway.put(properties)


def leave_gateway(front: GatewayStage) -> None:
    """Him again."""
    put_there(front)
    front.writer.leave(WEB, (TWO,))


def look_behind_gateway(front: GatewayStage) -> None:
    """At him."""
    put_there(front)
    front.look()


GATEWAY: dict[str, Callable[[GatewayStage], object]] = {
    "put behind a gateway": lambda front: front.writer.join(WEB, (ONE,)),
    "take from behind a gateway": leave_gateway,
    "look behind a gateway": look_behind_gateway,
}


def drop(queue: NoticeStage) -> None:
    """What came before."""
    queue.tell("machine-1")
    queue.served.may, may = (lambda _: True), queue.served.may
    letters = queue.queue.take(SOON)
    queue.served.may = may
    queue.queue.drop(letters)


QUEUE: dict[str, Callable[[NoticeStage], object]] = {
    "look at notices": lambda queue: queue.reader.waiting(SOON),
    "take notices": lambda queue: queue.queue.take(SOON),
    "drop notices": drop,
}


def done(step: Callable[[T], object], stage: T) -> bool:
    """Whether it was let do it."""
    try:
        step(stage)
    except NotFoundError:
        raise
    except SetupError:
        return False
    return True


@pytest.mark.parametrize("role", ["observer", "actor"])
def test_each_role_is_the_union_of_its_rows(role: str) -> None:
    made = {(action, name) for name, actions in ROLES.items() for action in actions if name.startswith(f"{role}-")}
    assert made == {(row.permission, f"{role}-{row.on}") for row in ROWS if row.role == role}


def test_the_actor_is_refused_nothing_and_uses_each_row(no_proxy: None) -> None:
    refused, asked = walk(granted(["observer", "actor"]))
    assert refused == set()
    assert (unmapped(ROWS, asked), unused(ROWS, asked)) == (set(), set())


def test_the_observer_sees_all_and_changes_nothing(no_proxy: None) -> None:
    refused, _ = walk(granted(["observer"]))
    changes = {f"{step}, {kind}" for step in ("grow", "shrink") for kind in SETS} | {"take notices", "drop notices"}
    changes |= {"put into rotation", "take out of rotation", "put behind a gateway", "take from behind a gateway"}
    assert refused == changes


@pytest.mark.parametrize(
    ("permission", "stopped"),
    [
        pytest.param(
            "Microsoft.Compute/skus/read",
            {"look, not listed", "shrink, not listed", *CATALOGUES},
            id="what a size has",
        ),
        pytest.param(
            "Microsoft.Compute/virtualMachineScaleSets/delete/action",
            {f"shrink, {kind}" for kind in SETS},
            id="to shrink",
        ),
        pytest.param("Microsoft.Network/loadBalancers/loadBalancingRules/health/action", {"look at a rotation"}, id="what probes find"),
        pytest.param("Microsoft.Network/applicationGateways/backendhealth/action", {"look behind a gateway"}, id="what a gateway finds"),
    ],
)
def test_a_permission_that_is_taken_away_is_missed(no_proxy: None, permission: str, stopped: set[str]) -> None:
    assert walk(granted(["observer", "actor"], without=permission))[0] == stopped


def test_every_row_says_which_page_it_is_from() -> None:
    assert [row for row in ROWS if not row.page.startswith("https://learn.microsoft.com/")] == []
    assert len(set(ROWS)) == len(ROWS)
