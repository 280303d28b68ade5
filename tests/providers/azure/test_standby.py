"""Machines that stand by for a flexible scale set: told, counted nowhere, and given out first."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.errors import NotFoundError, PolicyError, SetupError, UnavailableError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import Token
from autoscaler_azure.behind import of_standby
from autoscaler_azure.inspector import ScaleSetInspector
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_azure.standby import counted
from autoscaler_clouds.findings import Findings
from autoscaler_standins.azure.standby import StandbyPool
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import Azure, listening, model, reader_of, settings_of, site_of, writer_of

SOON = Duration(10_000)
LONG = Duration(600_000)
VIEW = "StandbyPools.GetRuntimeView"


@pytest.fixture
def azure(no_proxy: None) -> Iterator[Azure]:
    """Two machines run, and three stand by, made long before."""
    with listening(model(flexible=True)) as found:
        found.set.stand_by(3)
        found.cloud.standby.append(StandbyPool(name="ready", set=found.set))
        found.runtime.advance(LONG)
        yield found
    assert found.standin.mistakes == []


def standing(azure: Azure) -> int:
    (offering,) = reader_of(azure).observe(SOON).offerings
    return offering.standby


def test_those_that_stand_by_are_told_with_one_call_more_and_are_no_machines_of_the_pool(azure: Azure) -> None:
    state = reader_of(azure).observe(SOON)
    assert (state.wanted, len(state.instances), state.offerings[0].standby) == (2, 2, 3)
    assert [one.operation for one in azure.standin.calls].count(VIEW) == 1
    assert sorted(state.standing_by) == sorted(one.name.replace("_", "") for one in azure.set.waiting)
    assert azure.standin.changed() == []


def test_growing_takes_them_first_and_none_is_launched_twice(azure: Azure) -> None:
    waiting = {one.name for one in azure.set.waiting}
    writer_of(azure).grow(seen=2, wanted=4, token=Token("a"))
    writer_of(azure).grow(seen=2, wanted=4, token=Token("a"))
    state = reader_of(azure).observe(SOON)
    assert (state.wanted, state.offerings[0].standby) == (4, 1)
    assert len({one.ref.id for one in state.instances} & waiting) == 2


def test_one_that_is_being_started_launches_and_has_not_failed(azure: Azure) -> None:
    writer_of(azure).grow(seen=2, wanted=3, token=Token("a"))
    assert sorted(one.state for one in reader_of(azure).observe(SOON).instances) == [
        InstanceState.LAUNCHING,
        InstanceState.RUNNING,
        InstanceState.RUNNING,
    ]
    azure.settle()
    assert {one.state for one in reader_of(azure).observe(SOON).instances} == {InstanceState.RUNNING}


def test_one_that_stood_by_is_as_old_as_its_start(azure: Azure) -> None:
    waiting, asked_at = {one.name for one in azure.set.waiting}, azure.runtime.now()
    writer_of(azure).grow(seen=2, wanted=3, token=Token("a"))
    azure.settle()
    (came,) = (one for one in reader_of(azure).observe(SOON).instances if one.ref.id in waiting)
    assert (came.state, came.launched_at >= asked_at) == (InstanceState.RUNNING, True)


def test_what_they_do_not_suffice_for_is_made_anew(azure: Azure) -> None:
    writer_of(azure).grow(seen=2, wanted=7, token=Token("a"))
    azure.settle()
    state = reader_of(azure).observe(SOON)
    assert (state.wanted, len(state.instances), state.offerings[0].standby) == (7, 7, 0)


def test_one_that_stood_by_is_given_back_as_any(azure: Azure) -> None:
    waiting = {one.name for one in azure.set.waiting}
    writer_of(azure).grow(seen=2, wanted=3, token=Token("a"))
    azure.settle()
    gone = frozenset(one.ref for one in reader_of(azure).observe(SOON).instances if one.ref.id in waiting)
    writer_of(azure).release(gone, token=Token("b"))
    azure.settle()
    assert gone.isdisjoint(one.ref for one in reader_of(azure).observe(SOON).instances)
    assert standing(azure) == 2


def test_one_that_there_is_no_capacity_to_start_is_a_stock_out_of_now_however_old_it_is(azure: Azure) -> None:
    azure.set.refuses_after = Duration(5000)
    azure.sell_out()
    writer_of(azure).grow(seen=2, wanted=3, token=Token("a"))
    azure.settle()
    (offering,) = reader_of(azure).observe(SOON).offerings
    assert offering.sold_out_until > azure.runtime.now()


def test_a_pool_without_one_asks_nothing_more(no_proxy: None) -> None:
    with listening(model(flexible=True)) as azure:
        assert standing(azure) == 0
        assert VIEW not in [one.operation for one in azure.standin.calls]


def test_machines_of_a_standby_pool_that_nobody_named_are_none_of_the_set_either(azure: Azure) -> None:
    azure.cloud.standby.clear()
    state = reader_of(azure).observe(SOON)
    assert (state.wanted, len(state.instances), state.offerings[0].standby) == (2, 2, 0)


def test_a_service_of_standby_pools_that_is_down_hides_no_pool(azure: Azure) -> None:
    azure.befall(Fault(operation=VIEW, kind=Kind.REFUSE, code="ServiceUnavailable", status=503))
    assert standing(azure) == 0
    assert standing(azure) == 3


def test_one_that_is_not_there_or_denied_is_told(azure: Azure) -> None:
    other = replace(settings_of(azure), standby_pool="other")
    with pytest.raises(NotFoundError, match="standbyVirtualMachinePools/other") as raised:
        ScaleSetReader(other, site_of(azure)).observe(SOON)
    assert "az standby-vm-pool list" in raised.value.hint
    azure.befall(Fault(operation=VIEW, kind=Kind.REFUSE, code="AuthorizationFailed", status=403))
    with pytest.raises(SetupError):
        standing(azure)


def test_no_standby_pool_is_called_so(azure: Azure) -> None:
    with pytest.raises(PolicyError, match="'my pool' is no standby pool"):
        replace(settings_of(azure), standby_pool="my pool")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param({"deallocated": 5, "Hibernated": 2}, 7, id="stopped, in whatever case"),
        pytest.param({"Creating": 5, "Running": 3, "Deallocating": 10, "Deleting": 1}, 0, id="on the way"),
    ],
)
def test_who_stands_by(states: dict[str, int], expected: int) -> None:
    counts = [{"state": state, "count": count} for state, count in states.items()]
    summary = [{"zone": 1, "instanceCountsByState": counts}, {"zone": 2, "instanceCountsByState": []}]
    assert counted({"properties": {"instanceCountSummary": summary}}) == expected


@pytest.mark.parametrize("told", [{}, {"properties": {"instanceCountSummary": [{"instanceCountsByState": [{"state": "Deallocated"}]}]}}])
def test_what_is_no_answer_is_not_zero(told: dict[str, object]) -> None:
    with pytest.raises(UnavailableError):
        counted(told)


class TestDoctor:
    def test_says_how_they_wait_and_asks_for_what_that_needs(self, azure: Azure) -> None:
        found = ScaleSetInspector(settings_of(azure), site_of(azure)).examine(LONG)
        assert all(one.ok for one in found)
        assert [one.says for one in found if one.name.endswith("standby")] == ["machines wait for the set, deallocated"]
        azure.cloud.behind.denied.append("Microsoft.StandbyPool/*")
        found = ScaleSetInspector(settings_of(azure), site_of(azure)).examine(LONG)
        assert sum("Microsoft.StandbyPool" in one.says for one in found if not one.ok) == 2

    def test_advises_against_machines_that_wait_running(self, azure: Azure) -> None:
        azure.cloud.standby[0].state = "Running"
        (found,) = [one for one in ScaleSetInspector(settings_of(azure), site_of(azure)).examine(LONG) if one.name.endswith("standby")]
        assert (found.ok, "--vm-state Deallocated" in found.hint) == (True, True)
        assert standing(azure) == 0

    def test_tells_one_of_another_set(self, azure: Azure) -> None:
        found = Findings("pool general")
        of_standby(azure.cloud.standby[0].shown(), f"{azure.set.model.id}-other", found)
        assert [one.ok for one in found.found] == [False]
