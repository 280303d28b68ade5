"""Managed instance groups as the vendor documents them, seen by its own SDK."""

from dataclasses import replace

import pytest
from google.api_core import exceptions
from google.cloud import compute_v1

from autoscaler.model.quantities import Duration
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from tests.providers.standins.gcp.stand import HERE, PLAIN, PROJECT, RUNTIME, THERE, ZONE, ZONES, regional, served, zonal

REQUEST = "7d1c8e2a-4f0b-4c53-9d3e-0a1b2c3d4e5f"


def code(member: compute_v1.ManagedInstance) -> str:
    return member.last_attempt.errors.errors[0].code


def test_named_members_are_created_and_the_size_follows() -> None:
    with served(zonal()) as stand:
        operation = stand.create("shop-x", "shop-y")
        assert (stand.size(), operation.status.name) == (4, "RUNNING")
        assert stand.members()["shop-x"].current_action == "CREATING"
        assert stand.ended(operation).status.name == "DONE"
        stand.settle()
        found = stand.members()["shop-y"]
        assert (found.current_action, found.instance_status) == ("NONE", "RUNNING")
        assert found.id


def test_one_request_twice_is_one_request() -> None:
    with served(zonal()) as stand:
        first, second = stand.create("shop-x", request=REQUEST), stand.create("shop-x", request=REQUEST)
        assert (first.name, stand.size()) == (second.name, 3)


def test_a_name_that_is_taken_fails_the_operation_and_creates_nothing() -> None:
    with served(zonal()) as stand:
        stand.create("shop-x")
        operation = stand.ended(stand.create("shop-x", "shop-y"))
        assert (operation.error.errors[0].code, stand.size()) == ("RESOURCE_ALREADY_EXISTS", 3)


def test_exactly_who_is_named_is_deleted() -> None:
    with served(zonal()) as stand:
        gone, stays = sorted(stand.members())
        stand.delete(f"zones/{ZONE}/instances/{gone}")
        assert (stand.size(), stand.members()[gone].current_action) == (1, "DELETING")
        stand.settle()
        assert list(stand.members()) == [stays]


def test_a_stranger_among_those_to_delete_fails_the_operation_unless_it_is_to_be_skipped() -> None:
    with served(zonal()) as stand:
        gone = min(stand.members())
        operation = stand.ended(stand.delete(gone, "nobody"))
        assert (operation.error.errors[0].code, stand.size()) == ("INVALID_USAGE", 2)
        stand.delete(gone, "nobody", skip=True)
        assert stand.size() == 1


@pytest.mark.parametrize(
    "instances",
    [
        pytest.param(("instances/shop-x",), id="half an address"),
        pytest.param(("zones/us-east1-b/instances/shop-x",), id="an address elsewhere"),
        pytest.param(("shop-x", f"zones/{ZONE}/instances/shop-y"), id="names and addresses together"),
        pytest.param((), id="nobody at all"),
    ],
)
def test_what_cannot_be_deleted_is_refused(instances: tuple[str, ...]) -> None:
    with served(zonal()) as stand, pytest.raises(exceptions.BadRequest):
        stand.delete(*instances)


def test_a_name_that_is_none_is_refused() -> None:
    with served(zonal()) as stand, pytest.raises(exceptions.BadRequest, match="Shop_X"):
        stand.create("Shop_X")


def test_a_group_without_stock_goes_on_trying_and_says_why() -> None:
    with served(zonal()) as stand:
        stand.cloud.machines.stock[PLAIN.kind, ZONE] = 1
        stand.create("shop-x", "shop-y")
        stand.settle()
        found = stand.members()
        assert found["shop-x"].instance_status == "RUNNING"
        assert (found["shop-y"].current_action, found["shop-y"].id) == ("CREATING", 0)
        assert code(found["shop-y"]) == "ZONE_RESOURCE_POOL_EXHAUSTED"
        stand.cloud.machines.stock[PLAIN.kind, ZONE] = 1
        stand.settle()
        assert stand.members()["shop-y"].instance_status == "RUNNING"


def test_over_quota_is_told_as_quota() -> None:
    with served(zonal()) as stand:
        stand.cloud.machines.quota = 2
        stand.create("shop-x")
        assert code(stand.members()["shop-x"]) == "QUOTA_EXCEEDED"


def test_a_machine_that_never_comes_up_is_told_and_tried_again() -> None:
    with served(zonal()) as stand:
        stand.cloud.machines.failing = 1
        stand.create("shop-x")
        stand.cloud.clock.skip(stand.cloud.machines.boot)
        assert code(stand.members()["shop-x"]) == "INTERNAL_ERROR"
        (told,) = stand.managers.list_errors(compute_v1.ListErrorsInstanceGroupManagersRequest(**HERE), retry=None)
        assert told.instance_action_details.instance.endswith(f"zones/{ZONE}/instances/shop-x")
        stand.settle()
        assert stand.members()["shop-x"].instance_status == "RUNNING"


def test_what_is_protected_against_deletion_is_not_deleted() -> None:
    with served(replace(zonal(), template=replace(PLAIN, protected=True))) as stand:
        gone = min(stand.members())
        stand.delete(gone)
        stand.settle()
        found = stand.members()[gone]
        assert (found.current_action, found.instance_status, code(found)) == ("DELETING", "RUNNING", "INVALID_USAGE")


@pytest.mark.parametrize(
    ("status", "again"),
    [
        pytest.param("TERMINATED", False, id="left as it is"),
        pytest.param("RUNNING", True, id="created again under its name"),
    ],
)
def test_a_spot_machine_that_is_taken_back_is(status: str, *, again: bool) -> None:
    with served(replace(zonal(), template=replace(PLAIN, spot=True), repairs=again)) as stand:
        before = stand.members()
        name = min(before)
        stand.cloud.machines.reclaim(stand.cloud.machines.all[name], Duration(30_000))
        stand.settle()
        found = stand.members()[name]
        assert (found.instance_status, found.current_action) == (status, "NONE")
        assert (found.id != before[name].id) is again


def test_a_list_comes_in_pages_where_the_group_is_set_so() -> None:
    with served(replace(zonal(), size=1001)) as stand:
        assert len(stand.members()) == 1001
        assert len([one for one in stand.standin.calls if one.operation.endswith("listManagedInstances")]) == 3


def test_a_regional_group_spreads_over_its_zones() -> None:
    with served(replace(regional(), size=6)) as stand:
        asked = compute_v1.ListManagedInstancesRegionInstanceGroupManagersRequest(**THERE)
        found = stand.sdk(compute_v1.RegionInstanceGroupManagersClient).list_managed_instances(asked, retry=None)
        assert sorted(one.instance.split("/")[-3] for one in found) == sorted(ZONES * 2)


@pytest.mark.parametrize(
    ("kinds", "left", "come"),
    [
        pytest.param((), 2, {"e2-standard-4"}, id="in any zone that has some"),
        pytest.param(("e2-standard-4", "n2-standard-4"), 1, {"e2-standard-4", "n2-standard-4"}, id="as the next kind by rank"),
    ],
)
def test_what_is_out_of_stock_is_had_elsewhere_where_the_group_may(kinds: tuple[str, ...], left: int, come: set[str]) -> None:
    cloud = GoogleCloud(RUNTIME)
    cloud.machines.stock = {(PLAIN.kind, zone): count for zone, count in zip(ZONES, (0, 1, left), strict=True)}
    cloud.groups.add(replace(regional(), even=False, size=3, kinds=kinds))
    assert {one.kind for one in cloud.machines.all.values()} == come
    assert len(cloud.machines.all) == 3


def test_somebody_else_changes_the_size() -> None:
    with served(zonal()) as stand:
        for size in (4, 1):
            stand.other.instanceGroupManagers().resize(project=PROJECT, zone=ZONE, instanceGroupManager="shop", size=size).execute()
            stand.settle()
            assert len(stand.members()) == stand.size() == size


def test_another_client_sees_the_same() -> None:
    with served(zonal()) as stand:
        asked = {"project": PROJECT, "zone": ZONE}
        found = stand.other.instanceGroupManagers().listManagedInstances(instanceGroupManager="shop", **asked).execute()
        assert {one["name"] for one in found["managedInstances"]} == set(stand.members())
        listed = stand.other.instances().list(filter='name eq "shop-.*"', **asked).execute()
        assert {one["id"] for one in listed["items"]} == {str(one.id) for one in stand.members().values()}
        kind = stand.other.machineTypes().get(machineType="g2-standard-4", **asked).execute()
        assert kind["accelerators"] == [{"guestAcceleratorType": "nvidia-l4", "guestAcceleratorCount": 1}]


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        pytest.param("rateLimitExceeded", 403, exceptions.Forbidden, id="throttled"),
        pytest.param("forbidden", 403, exceptions.Forbidden, id="denied"),
        pytest.param("backendError", 503, exceptions.ServiceUnavailable, id="down"),
    ],
)
def test_it_refuses_in_the_vendors_words(reason: str, status: int, error: type[exceptions.GoogleAPICallError]) -> None:
    with served(zonal()) as stand:
        stand.standin.faults.add([Fault(operation="*", kind=Kind.REFUSE, code=reason, status=status)])
        with pytest.raises(error) as told:
            stand.size()
        assert told.value.errors[0]["reason"] == reason


def test_what_is_not_there_is_not_found() -> None:
    with served(replace(zonal(), name="other")) as stand, pytest.raises(exceptions.NotFound, match="instanceGroupManagers/shop"):
        stand.size()


def test_what_is_new_is_listed_late() -> None:
    with served(zonal()) as stand:
        stand.cloud.machines.unlisted = Duration(20_000)
        stand.create("shop-x")
        assert (len(stand.members()), stand.size()) == (2, 3)
        stand.cloud.clock.skip(Duration(20_000))
        assert len(stand.members()) == 3
