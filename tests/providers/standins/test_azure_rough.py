"""Azure at its worst: fifty seeds, a few of them where there is little time; every other one with a flexible scale set."""

from functools import partial

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.machines import Machine
from autoscaler_standins.serving import Cloud
from tests.providers.standins.rough import Place, run
from tests.providers.standins.test_azure_end_to_end import DELETE, POOL, UPDATE, cloud

FEW, ALL = 4, 50
READS = ("VirtualMachineScaleSets.Get", "VirtualMachineScaleSetVMs.List", "VirtualMachines.List")


def named(of: Cloud, machine: Machine) -> str:
    assert isinstance(of, AzureCloud)
    return of.sets[machine.group].instance(machine)


def moody(runtime: Runtime, *, seed: int) -> AzureCloud:
    """Lists and counts that are late by seconds, or not; refusals that are listed, or not; told at once, or when all else is done."""
    found = cloud(runtime, flexible=seed % 2 == 1)
    found.machines.unlisted = Duration(7000 * (seed % 3))
    for one in found.sets.values():
        one.settles, one.refuses_after = Duration(4000 * (seed % 5)), Duration(9000 * (seed % 4))
        one.lists_refused, one.patient = seed % 7 < 5, seed % 4 < 2
    return found


def azure(seed: int) -> Place:
    return Place(
        cloud=partial(moody, seed=seed),
        machines=lambda found: found.machines,  # type: ignore[attr-defined]
        pool=POOL,
        writes=(UPDATE, DELETE),
        reads=READS,
        throttled=("TooManyRequests", 429),
        sold=(("Standard_D2s_v5", "1"),),
        named=named,
    )


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("seed", range(FEW))
def test_nothing_is_lost_leaked_or_launched_twice(seed: int) -> None:
    assert run(seed, azure(seed)).wrong == []


@pytest.mark.clouds
@pytest.mark.parametrize("seed", range(FEW, ALL))
def test_nothing_is_lost_leaked_or_launched_twice_in_many_seeds(seed: int) -> None:
    assert run(seed, azure(seed)).wrong == []
