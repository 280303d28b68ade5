"""What Azure shows of a scale set and its machines, and what that means: without a call."""

import pytest
from azure.mgmt.compute import models
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef
from autoscaler_azure.scale_sets import Machine, ScaleSet, count_of, of_flexible, of_uniform, scale_set_of
from autoscaler_azure.settings import AzurePool
from tests.providers.azure.standin import SUBSCRIPTION

LAUNCHING, RUNNING, STOPPING, FAILED = InstanceState.LAUNCHING, InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.FAILED
BROKEN = "ProvisioningState/failed/"


def uniform(provisioning: str, *codes: str) -> models.VirtualMachineScaleSetVM:
    view = {"statuses": [{"code": code} for code in codes]}
    properties = {"vmId": "guid", "provisioningState": provisioning, "instanceView": view, "osProfile": {"computerName": "shop000003"}}
    return models.VirtualMachineScaleSetVM({"instanceId": "3", "location": "westeurope", "properties": properties})


@pytest.mark.parametrize(
    ("provisioning", "codes", "state", "refusal"),
    [
        pytest.param("Creating", (), LAUNCHING, "", id="it is being made"),
        pytest.param("Succeeded", ("PowerState/starting",), LAUNCHING, "", id="it starts"),
        pytest.param("Succeeded", ("PowerState/running",), RUNNING, "", id="it runs"),
        pytest.param("Updating", ("PowerState/running",), RUNNING, "", id="its model changes while it runs"),
        pytest.param("Failed", (f"{BROKEN}VMExtensionError", "PowerState/running"), RUNNING, "", id="it runs, not as it should"),
        pytest.param("Failed", (f"{BROKEN}AllocationFailed",), FAILED, "AllocationFailed", id="there was no capacity for it"),
        pytest.param("Failed", (), FAILED, "Failed", id="it failed and nobody says why"),
        pytest.param("Succeeded", ("PowerState/deallocated",), FAILED, "", id="it was evicted and will not come back by itself"),
        pytest.param("Succeeded", ("PowerState/deallocating",), STOPPING, "", id="it is being evicted"),
        pytest.param("Deleting", ("PowerState/running",), STOPPING, "", id="it is being deleted"),
        pytest.param("Succeeded", (), RUNNING, "", id="its power is not shown yet"),
    ],
)
def test_states(provisioning: str, codes: tuple[str, ...], state: InstanceState, refusal: str) -> None:
    found = of_uniform(uniform(provisioning, *codes))
    assert (found.state, found.refusal, found.broken) == (state, refusal, bool(refusal))
    assert (found.ref, found.host) == (InstanceRef("3", "guid"), "shop000003")


@pytest.mark.parametrize("lacking", ["vmId", "provisioningState"])
def test_an_answer_that_lacks_what_we_rely_on_is_none(lacking: str) -> None:
    properties = {"vmId": "guid", "provisioningState": "Succeeded"}
    del properties[lacking]
    with pytest.raises(UnavailableError):
        of_uniform(models.VirtualMachineScaleSetVM({"instanceId": "3", "location": "x", "properties": properties}))
    with pytest.raises(UnavailableError):
        of_flexible(models.VirtualMachine({"name": "a", "location": "x", "properties": properties}))


def test_a_set_that_launches_nothing_itself_is_no_pool() -> None:
    found = models.VirtualMachineScaleSet({"id": "/x", "name": "bare", "location": "x", "properties": {"provisioningState": "Succeeded"}})
    with pytest.raises(SetupError, match="bare has no scaling profile"):
        scale_set_of(found)


def scale_set(capacity: int, state: str) -> ScaleSet:
    return ScaleSet(id="/x", capacity=capacity, state=state, etag="", location="x", sku="a", tier="Standard", kinds=("a",))


def machines(*, live: int, failed: int, stopping: int) -> list[Machine]:
    states = [RUNNING] * live + [FAILED] * failed + [STOPPING] * stopping
    return [Machine(ref=InstanceRef(str(at), ""), host="", state=state, created=Instant(0)) for at, state in enumerate(states)]


@pytest.mark.parametrize(
    ("capacity", "state", "live", "failed", "stopping", "low", "high", "base"),
    [
        pytest.param(3, "Succeeded", 3, 0, 0, 3, 3, 3, id="nothing is under way"),
        pytest.param(5, "Updating", 3, 0, 0, 5, 5, 5, id="what is not listed yet counts"),
        pytest.param(3, "Succeeded", 2, 1, 0, 2, 2, 3, id="what failed does not count, and the capacity holds it"),
        pytest.param(2, "Succeeded", 2, 1, 0, 2, 2, 2, id="what failed does not count, and the capacity does not hold it"),
        pytest.param(5, "Failed", 3, 0, 0, 3, 3, 3, id="what could not be had will not come"),
        pytest.param(5, "Failed", 3, 2, 0, 3, 3, 5, id="nor will what is listed as failed"),
        pytest.param(2, "Updating", 2, 0, 1, 2, 2, 2, id="what stops has left the capacity"),
        pytest.param(3, "Updating", 2, 0, 1, 2, 3, 3, id="what stops has not, or something is not listed: both are possible"),
    ],
)
def test_counts(capacity: int, state: str, live: int, failed: int, stopping: int, low: int, high: int, base: int) -> None:
    found = count_of(scale_set(capacity, state), machines(live=live, failed=failed, stopping=stopping))
    assert (found.low, found.high, found.base) == (low, high, base)


few = st.integers(0, 6)
ENDS = st.sampled_from(["Succeeded", "Updating", "Failed", "Canceled"])


@given(
    capacity=few,
    state=ENDS,
    live=few,
    failed=few,
    stopping=few,
    more=st.integers(1, 5),
)
def test_no_growth_asks_for_more_than_it_should_nor_for_fewer_than_are_there(
    capacity: int, state: str, live: int, failed: int, stopping: int, more: int
) -> None:
    found = count_of(scale_set(capacity, state), machines(live=live, failed=failed, stopping=stopping))
    assert live <= found.low <= found.high
    assert found.base <= capacity
    # Raised by as many as are lacking, from what is there or was asked for: never by a phantom of a launch that failed.
    assert found.base - capacity <= 0 if state == "Failed" else found.base == capacity
    if state == "Failed" and capacity >= live + failed:
        assert found.base + more >= live + failed + 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"scale_set": "shop general"}, "no scale set", id="a name that none can have"),
        pytest.param({"subscription": "mine"}, "no subscription", id="a name for an id"),
        pytest.param({"resource_group": "a/b"}, "no resource group", id="a path for a name"),
        pytest.param({"url": Url("http://management.azure.com")}, "https alone", id="an unencrypted way to another machine"),
        pytest.param({"url": Url("ftp://127.0.0.1")}, "http or https", id="no HTTP at all"),
    ],
)
def test_bad_settings_are_told_with_what_to_write(wrong: dict[str, object], words: str) -> None:
    fine: dict[str, object] = {"subscription": SUBSCRIPTION, "resource_group": "shop", "scale_set": "shop-general"}
    with pytest.raises(PolicyError, match=words) as caught:
        AzurePool(**{**fine, **wrong})  # type: ignore[arg-type]  # some are wrong on purpose
    assert caught.value.hint


def test_sign_in_goes_with_https_and_a_stand_in_needs_none() -> None:
    fine = AzurePool(subscription=SUBSCRIPTION, resource_group="shop", scale_set="shop-general")
    here = AzurePool(subscription=SUBSCRIPTION, resource_group="shop", scale_set="shop-general", url=Url("http://127.0.0.1:8080"))
    assert (fine.signs, here.signs) == (True, False)
