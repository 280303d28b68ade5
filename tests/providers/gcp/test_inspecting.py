"""What `doctor` finds of a pool at Google Cloud, without changing anything there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from autoscaler.contracts.inspection import Finding
from autoscaler.model.quantities import Duration
from autoscaler_clouds.permissions import table
from autoscaler_gcp.behind import quotas_of
from autoscaler_gcp.inspector import GroupInspector, rows_of_pool
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.groups import Group
from tests.providers.gcp.pool_stage import REAL, Stage, regional, staged, zonal

LONG = Duration(60_000)
ACTOR = {row.permission for row in table("autoscaler_gcp") if row.role == "actor"}


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback is behind no proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(params=[zonal, regional], ids=["zonal", "regional"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A group as Terraform's module makes it. The stand-in is asked to change nothing."""
    with staged(request.param()) as found:
        yield found
    assert found.served.changed() == []


def examined(stage: Stage) -> tuple[Finding, ...]:
    return GroupInspector(stage.settings, stage.site).examine(LONG)


def test_of_a_pool_as_it_should_be_there_is_nothing_to_do(stage: Stage) -> None:
    found = examined(stage)
    assert [one for one in found if one.hint or not one.ok] == []
    assert [one.name.rpartition(" ")[2] for one in found] == ["identity", "clock", "group", "permissions", "quota"]


def other(group: Group, **told: object) -> None:
    group.others = replace(group.others, **told)  # type: ignore[arg-type]


def repair(group: Group) -> None:
    group.repairs = True


@pytest.mark.parametrize(
    ("change", "says", "hint"),
    [
        pytest.param(partial(other, autoscaled=True), "an autoscaler", "stop-autoscaling shop-general --", id="an autoscaler"),
        pytest.param(partial(other, heals=True), "autohealing", "--clear-autohealing", id="autohealing"),
        pytest.param(repair, "repairs machines", "--default-action-on-vm-failure=do-nothing", id="repair"),
        pytest.param(partial(other, updates="PROACTIVE"), "updates are proactive", "--update-policy-type=", id="updates"),
    ],
)
def test_what_google_does_behind_us(stage: Stage, change: Callable[[Group], None], says: str, hint: str) -> None:
    change(stage.group)
    (found,) = [one for one in examined(stage) if says in one.says]
    assert (found.ok, hint in found.hint) == (True, True)


@pytest.mark.parametrize(("group", "told"), [(zonal, 0), (regional, 1)], ids=["a zone's has none", "a region's"])
def test_moves_from_zone_to_zone(group: Callable[[], Group], told: int) -> None:
    with staged(group()) as stage:
        stage.group.others.redistributes = "PROACTIVE"
        assert sum("from zone to zone" in one.says for one in examined(stage)) == told


def test_a_permission_that_lacks_is_named_with_what_it_is_for(stage: Stage) -> None:
    stage.cloud.denied.add("compute.instanceGroupManagers.get")
    (found,) = [one for one in examined(stage) if not one.ok]
    assert found.says == "compute.instanceGroupManagers.get is lacking: get, listManagedInstances, listErrors"


def test_a_pool_needs_nothing_of_what_balancers_do(stage: Stage) -> None:
    stage.cloud.denied |= {row.permission for row in table("autoscaler_gcp") if "ndpoint" in row.call or "ackendServices" in row.call}
    assert [one for one in examined(stage) if not one.ok] == []


def test_who_may_change_nothing_at_all_is_meant_to_look(stage: Stage) -> None:
    stage.cloud.denied |= ACTOR
    found = examined(stage)
    assert all(one.ok for one in found)
    assert any("look and change nothing" in one.says for one in found)


@pytest.mark.parametrize(("place", "operation"), [(True, "compute.regionOperations.get"), (False, "compute.zoneOperations.get")])
def test_a_group_needs_what_is_of_its_own_place(operation: str, *, place: bool) -> None:
    found = {row.permission for row in rows_of_pool(table("autoscaler_gcp"), regional=place)}
    assert {one for one in found if "Operations" in one} == {operation}


def test_a_quota_that_is_nearly_used_is_told(stage: Stage) -> None:
    stage.cloud.market.quotas["CPUS"] = (4900, 5000)
    (found,) = [one for one in examined(stage) if one.name.endswith("quota")]
    assert (found.ok, found.says) == (True, "4900 of 5000 CPUS are used")


def test_a_clock_that_is_off_is_told(stage: Stage) -> None:
    stage.cloud.clock.ahead += 600_000
    found = GroupInspector(stage.settings, replace(stage.site, runtime=REAL)).examine(LONG)
    assert [one.name.rpartition(" ")[2] for one in found if not one.ok] == ["clock"]


@pytest.mark.parametrize(
    ("operation", "left", "broken"),
    [
        pytest.param("cloudresourcemanager.projects.testIamPermissions", 5, 0, id="permissions"),
        pytest.param("compute.regions.get", 5, 0, id="quotas"),
        pytest.param("compute.*InstanceGroupManagers.get", 2, 1, id="the group"),
    ],
)
def test_what_is_denied_hinders_what_rests_on_it(stage: Stage, operation: str, left: int, broken: int) -> None:
    name = operation.replace("*I", "regionI" if stage.group.regional else "i")
    stage.served.faults.add([Fault(operation=name, kind=Kind.REFUSE, code="forbidden", status=403, times=9)])
    found = examined(stage)
    assert (len(found), sum(not one.ok for one in found)) == (left, broken)


@pytest.mark.parametrize("region", [{}, {"quotas": None}, {"quotas": [1, {"limit": "x"}]}])
def test_quotas_that_cannot_be_read_are_none(region: dict[str, object]) -> None:
    assert quotas_of(region) == []
