"""Azure's own client finds a scale set that behaves as the vendor describes it."""

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError, ServiceResponseError
from azure.mgmt.compute.models import (
    Sku,
    VirtualMachineScaleSetUpdate,
    VirtualMachineScaleSetVM,
    VirtualMachineScaleSetVMInstanceRequiredIDs,
    VirtualMachineScaleSetVMProperties,
    VirtualMachineScaleSetVMProtectionPolicy,
)

from autoscaler.model.quantities import Duration
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import GROUP, NAME, Azure
from tests.providers.standins.azure.conftest import Client


def capacity(client: Client) -> int | None:
    sku = client.virtual_machine_scale_sets.get(GROUP, NAME).sku
    return sku.capacity if sku else None


def to(count: int) -> VirtualMachineScaleSetUpdate:
    return VirtualMachineScaleSetUpdate(sku=Sku(name="Standard_D2s_v5", tier="Standard", capacity=count))


def states(client: Client, *, flexible: bool) -> list[str | None]:
    if flexible:
        group = f"'virtualMachineScaleSet/id' eq '{client.virtual_machine_scale_sets.get(GROUP, NAME).id}'"
        return [one.properties.provisioning_state for one in client.virtual_machines.list(GROUP, filter=group) if one.properties]
    return [one.properties.provisioning_state for one in client.virtual_machine_scale_set_vms.list(GROUP, NAME) if one.properties]


def ids(azure: Azure) -> list[str]:
    return [azure.set.instance(one) for one in azure.machines]


def test_raising_the_capacity_is_an_operation_that_ends_when_the_machines_run(azure: Azure, client: Client) -> None:
    poller = client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(4))
    assert capacity(client) == 4
    assert states(client, flexible=azure.set.model.flexible) == ["Succeeded", "Succeeded", "Creating", "Creating"]
    assert azure.set.state == "Updating"
    azure.settle()
    found = poller.result(10)
    assert (found.sku and found.sku.capacity, azure.set.state) == (4, "Succeeded")
    assert states(client, flexible=azure.set.model.flexible) == ["Succeeded"] * 4


def test_an_operation_is_resumed_from_its_continuation_token(azure: Azure, client: Client) -> None:
    token = client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(3)).continuation_token()
    azure.settle()
    resumed = client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(3), continuation_token=token)
    assert resumed.result(10).name == NAME
    assert azure.standin.changed() == ["VirtualMachineScaleSets.Update"]


def test_an_update_on_an_old_etag_changes_nothing(azure: Azure, client: Client) -> None:
    seen = client.virtual_machine_scale_sets.get(GROUP, NAME).etag
    for _ in range(2):
        try:
            client.virtual_machine_scale_sets.begin_update(
                GROUP, NAME, to(3), etag=seen, match_condition=MatchConditions.IfNotModified, polling=False
            )
        except ResourceModifiedError:
            break
    else:
        pytest.fail("the second should have been refused")
    assert len(azure.machines) == 3


def test_exactly_the_named_machines_go_and_the_capacity_with_them(azure: Azure, client: Client) -> None:
    kept, gone = ids(azure)
    poller = client.virtual_machine_scale_sets.begin_delete_instances(
        GROUP, NAME, VirtualMachineScaleSetVMInstanceRequiredIDs(instance_ids=[gone])
    )
    assert capacity(client) == 1
    assert sorted(states(client, flexible=azure.set.model.flexible), key=str) == ["Deleting", "Succeeded"]
    azure.settle()
    poller.result(10)
    assert ids(azure) == [kept]


def test_the_capacity_may_be_shown_late_after_a_deletion(azure: Azure, client: Client) -> None:
    azure.set.settles = Duration(10_000)
    body = VirtualMachineScaleSetVMInstanceRequiredIDs(instance_ids=ids(azure)[:1])
    client.virtual_machine_scale_sets.begin_delete_instances(GROUP, NAME, body, polling=False)
    assert capacity(client) == 2
    azure.runtime.advance(Duration(10_000))
    assert capacity(client) == 1


def test_an_unknown_instance_is_refused_and_nothing_is_deleted(azure: Azure, client: Client) -> None:
    body = VirtualMachineScaleSetVMInstanceRequiredIDs(instance_ids=[*ids(azure), "77"])
    with pytest.raises(HttpResponseError, match="instanceId 77 is not an active"):
        client.virtual_machine_scale_sets.begin_delete_instances(GROUP, NAME, body, polling=False)
    assert (azure.set.goal(), capacity(client)) == (2, 2)


def test_a_protected_machine_is_not_the_scale_sets_choice(azure: Azure, client: Client) -> None:
    chosen = ids(azure)[0 if azure.set.model.flexible else -1]
    policy = VirtualMachineScaleSetVMProtectionPolicy(protect_from_scale_in=True)
    protected = VirtualMachineScaleSetVM(location="westeurope", properties=VirtualMachineScaleSetVMProperties(protection_policy=policy))
    client.virtual_machine_scale_set_vms.begin_update(GROUP, NAME, chosen, protected, polling=False)
    client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(1), polling=False)
    azure.settle()
    assert ids(azure) == [chosen]


@pytest.mark.parametrize("listed", [1, 0], ids=["as a failed machine", "not at all"])
def test_what_cannot_be_had_ends_the_operation_and_what_was_had_stays(azure: Azure, client: Client, listed: int) -> None:
    azure.set.lists_refused = bool(listed)
    azure.cloud.machines.stock["Standard_D2s_v5", "1"] = 1
    poller = client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(4))
    azure.settle()
    with pytest.raises(HttpResponseError, match="ZonalAllocationFailed"):
        poller.result(10)
    found = states(client, flexible=azure.set.model.flexible)
    assert (found, azure.set.state) == (["Succeeded"] * 3 + ["Failed"] * listed, "Failed")


def test_over_quota_is_refused_at_once(azure: Azure, client: Client) -> None:
    azure.cloud.machines.quota = 3
    with pytest.raises(HttpResponseError, match="quota") as caught:
        client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(4), polling=False)
    assert (caught.value.status_code, len(azure.machines), azure.set.capacity) == (409, 2, 2)


def test_a_machine_that_never_boots_fails_its_operation(azure: Azure, client: Client) -> None:
    azure.cloud.machines.failing = 1
    poller = client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(3))
    azure.settle()
    with pytest.raises(HttpResponseError, match="OSProvisioningTimedOut"):
        poller.result(10)


def test_a_set_that_is_not_there_is_not_found(client: Client) -> None:
    with pytest.raises(ResourceNotFoundError, match="virtualMachineScaleSets/none' under resource group 'shop'"):
        client.virtual_machine_scale_sets.get(GROUP, "none")


def test_a_list_comes_in_pages(azure: Azure, client: Client) -> None:
    azure.cloud.page = 2
    client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(5), polling=False)
    azure.standin.reset()
    assert len(states(client, flexible=azure.set.model.flexible)) == 5
    assert [one.operation for one in azure.standin.calls].count(azure.standin.calls[-1].operation) == 3


def test_a_machine_is_missing_in_lists_for_a_while(azure: Azure, client: Client) -> None:
    azure.cloud.machines.unlisted = Duration(20_000)
    client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(3), polling=False)
    assert (capacity(client), len(states(client, flexible=azure.set.model.flexible))) == (3, 2)
    azure.runtime.advance(Duration(20_000))
    assert len(states(client, flexible=azure.set.model.flexible)) == 3


def test_throttling_says_what_a_quota_does_but_for_its_status(azure: Azure, client: Client) -> None:
    azure.befall(Fault(operation="*", kind=Kind.REFUSE, code="TooManyRequests", status=429))
    with pytest.raises(HttpResponseError, match="OperationNotAllowed") as caught:
        capacity(client)
    assert caught.value.status_code == 429


def test_a_reply_that_is_cut_off_was_carried_out(azure: Azure, client: Client) -> None:
    azure.befall(Fault(operation="VirtualMachineScaleSets.Update", kind=Kind.CUT))
    with pytest.raises(ServiceResponseError):
        client.virtual_machine_scale_sets.begin_update(GROUP, NAME, to(3), polling=False)
    assert azure.set.capacity == 3


def test_a_spot_machine_that_is_taken_back_lowers_the_capacity(azure: Azure, client: Client) -> None:
    azure.cloud.machines.reclaim(azure.machines[0], Duration(30_000))
    assert capacity(client) == 2
    azure.runtime.advance(Duration(30_000))
    assert capacity(client) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"sku": {"capacity": "3"}}, "not int", id="a text for a number"),
        pytest.param({"sku": {"capacty": 3}}, "capacty", id="a name that is misspelt"),
        pytest.param({"etag": "x"}, "could not find member", id="what only answers have"),
        pytest.param([], "no object", id="no object at all"),
    ],
)
def test_a_body_that_azure_would_refuse_is_refused(azure: Azure, client: Client, body: object, words: str) -> None:
    from azure.core.rest import HttpRequest

    request = HttpRequest("PATCH", f"{azure.set.model.id}?api-version=2026-04-01", json=body)
    answer = client.send_request(request)
    assert (answer.status_code, words in answer.json()["error"]["message"]) == (400, True)
    assert azure.set.capacity == 2


def test_parameters_and_versions_that_azure_does_not_know_are_refused(azure: Azure, client: Client) -> None:
    from azure.core.rest import HttpRequest

    for query in ("api-version=2019-03-01", "api-version=2026-04-01&$expnd=userData"):
        assert client.send_request(HttpRequest("GET", f"{azure.set.model.id}?{query}")).status_code == 400
