"""What `doctor` finds of a pool at Azure, without changing anything there."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import text

from autoscaler.contracts.inspection import Finding
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import SystemRuntime
from autoscaler_azure.behind import allowed, usages_of
from autoscaler_azure.inspector import ScaleSetInspector, rows_of_pool, who
from autoscaler_clouds.permissions import table
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import Azure, listening, model, settings_of, site_of

LONG = Duration(60_000)
ROWS = table("autoscaler_azure")


@pytest.fixture(params=[False, True], ids=["uniform", "flexible"])
def azure(request: pytest.FixtureRequest, no_proxy: None) -> Iterator[Azure]:
    """A set as Terraform's module makes it. The stand-in must make no mistake, and be asked to change nothing."""
    with listening(model(flexible=request.param)) as found:
        yield found
    assert (found.standin.changed(), found.standin.mistakes) == ([], [])


def examined(azure: Azure) -> tuple[Finding, ...]:
    return ScaleSetInspector(settings_of(azure), site_of(azure)).examine(LONG)


def test_of_a_pool_as_it_should_be_there_is_nothing_to_do_but_what_cannot_be_known(azure: Azure) -> None:
    found = examined(azure)
    assert all(one.ok for one in found)
    assert {one.name.rpartition(" ")[2] for one in found} == {"identity", "clock", "set", "permissions", "quota"}
    assert {one.says.partition(" ")[0] for one in found if one.hint} == {
        row.permission for row in rows_of_pool(ROWS, flexible=True) if row.on in ("networks", "identities")
    }


def test_a_pool_needs_nothing_of_what_balancers_do(azure: Azure) -> None:
    azure.cloud.behind.denied += ["Microsoft.Network/loadBalancers/*", "Microsoft.Network/locations/operationResults/read"]
    found = examined(azure)
    assert all(one.ok for one in found)
    assert [one for one in found if "oadBalancer" in one.says] == []


@pytest.mark.parametrize(
    ("properties", "says", "hint"),
    [
        pytest.param({"automaticRepairsPolicy": {"enabled": True}}, "automatic repairs", "Policy.enabled=false", id="repairs"),
        pytest.param({"upgradePolicy": {"mode": "Automatic"}}, "upgrade mode is Automatic", "upgradePolicy.mode=Manual", id="upgrades"),
        pytest.param(
            {"upgradePolicy": {"mode": "Manual", "automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True}}},
            "upgrades its machines' systems",
            "enableAutomaticOSUpgrade=false",
            id="upgrades of systems",
        ),
        pytest.param(
            {
                "virtualMachineProfile": {
                    "scheduledEventsProfile": {"terminateNotificationProfile": {"enable": True, "notBeforeTimeout": "PT9M"}}
                }
            },
            "lingers, paid for, for PT9M",
            "terminateNotificationProfile.enable=false",
            id="terminate notifications",
        ),
        pytest.param({"overprovision": True}, "launches more than it is asked for", "overprovision=false", id="overprovisioning"),
        pytest.param({"spotRestorePolicy": {"enabled": True}}, "starts spot machines again", "spotRestorePolicy", id="restored spot"),
        pytest.param(
            {"resiliencyPolicy": {"automaticZoneRebalancingPolicy": {"enabled": True}}},
            "from zone to zone",
            "Rebalancing",
            id="zones kept even",
        ),
    ],
)
def test_what_azure_does_behind_us(azure: Azure, properties: dict[str, object], says: str, hint: str) -> None:
    azure.set.others = properties
    (found,) = [one for one in examined(azure) if says in one.says]
    assert (found.ok, hint in found.hint) == (True, True)


def test_a_setting_that_scales_the_set_as_well_is_told_and_none_of_others(azure: Azure) -> None:
    azure.cloud.behind.autoscaled += [azure.set.model.id.upper(), f"{azure.set.model.id}-other"]
    assert [one.says for one in examined(azure) if "autoscale" in one.says] == [
        "the autoscale setting autoscale-0 sets its capacity as well"
    ]


@pytest.mark.parametrize(
    ("denied", "lacking"),
    [
        pytest.param("Microsoft.Compute/virtualMachineScaleSets/write", "Microsoft.Compute/virtualMachineScaleSets/write", id="one"),
        pytest.param("microsoft.compute/SKUS/*", "Microsoft.Compute/skus/read", id="by a pattern, in whatever case"),
    ],
)
def test_a_permission_that_lacks_is_named_with_what_it_is_for(azure: Azure, denied: str, lacking: str) -> None:
    azure.cloud.behind.denied.append(denied)
    (found,) = [one for one in examined(azure) if not one.ok]
    assert found.says.startswith(f"{lacking} is lacking: ")


def test_who_may_change_nothing_at_all_is_meant_to_look(azure: Azure) -> None:
    observed = {row.permission for row in ROWS if row.role == "observer"}
    azure.cloud.behind.denied += [row.permission for row in ROWS if row.role == "actor" and row.permission not in observed]
    found = examined(azure)
    assert all(one.ok for one in found)
    assert any("look and change nothing" in one.says for one in found)


@pytest.mark.parametrize("flexible", [True, False])
def test_only_the_machines_of_a_flexible_set_are_the_groups(*, flexible: bool) -> None:
    assert any(row.on == "groups" for row in rows_of_pool(ROWS, flexible=flexible)) is flexible


def test_a_quota_that_is_nearly_used_is_told(azure: Azure) -> None:
    azure.cloud.behind.usages["Standard DSv5 Family vCPUs"] = (90, 100)
    (found,) = [one for one in examined(azure) if one.name.endswith("quota")]
    assert (found.ok, found.says) == (True, "90 of 100 Standard DSv5 Family vCPUs are used")


def test_a_clock_that_is_off_is_told(azure: Azure) -> None:
    azure.cloud.clock.ahead = 600_000 + SystemRuntime().now() - azure.runtime.now()
    found = ScaleSetInspector(settings_of(azure), replace(site_of(azure), runtime=SystemRuntime())).examine(LONG)
    assert [one.name.rpartition(" ")[2] for one in found if not one.ok] == ["clock"]


@pytest.mark.parametrize(
    ("operation", "broken"),
    [
        pytest.param("Permissions.ListForResource", 0, id="permissions"),
        pytest.param("AutoscaleSettings.ListBySubscription", 0, id="settings"),
        pytest.param("Usage.List", 0, id="quotas"),
        pytest.param("VirtualMachineScaleSets.Get", 1, id="the set"),
    ],
)
def test_what_is_denied_is_not_known_or_broken(azure: Azure, operation: str, broken: int) -> None:
    azure.befall(Fault(operation=operation, kind=Kind.REFUSE, code="AuthorizationFailed", status=403, times=9))
    found = examined(azure)
    assert sum(not one.ok for one in found) == broken
    assert any("AuthorizationFailed" in one.says for one in found)


def token(**claims: str) -> str:
    return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"upn": "ann@shop.example", "oid": "1"}, "ann@shop.example", id="a person"),
        pytest.param({"appid": "app-1", "oid": "1"}, "app-1", id="an application"),
        pytest.param({}, "signed in, as whom the token does not tell", id="nobody that is told"),
    ],
)
def test_of_whom_a_token_is(claims: dict[str, str], expected: str) -> None:
    assert who(token(**claims)) == expected


@given(text(max_size=20))
def test_no_token_breaks_the_reading(body: str) -> None:
    assert who(f"x.{body}.x")
    assert who(body)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([{"actions": ["*"]}], True, id="everything"),
        pytest.param([{"actions": ["*/read"], "notActions": ["A/*"]}], False, id="taken away again"),
        pytest.param([{"actions": ["*/read"], "notActions": ["A/*"]}, {"actions": ["a/B/READ"]}], True, id="given by another"),
        pytest.param([{"actions": None}, {}], False, id="nothing"),
    ],
)
def test_what_is_allowed(told: list[dict[str, object]], *, expected: bool) -> None:
    assert allowed(told, "A/b/read") is expected


def test_quotas_that_cannot_be_read_are_none() -> None:
    assert usages_of([{}, {"currentValue": "1", "limit": 2}, {"currentValue": 1, "limit": 2}]) == [("?", 1, 2)]
