"""Each cloud at its worst: a few seeds where there is little time, fifty in the real lane, a thousand in the long one."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler_standins.azure.cloud import AzureCloud
from tests.providers.standins.places import AWS, AZURE, FLEET, GOOGLE, MANAGERS, WARM, Place, aws_fleet, azure, google_prepared
from tests.providers.standins.rough import run

FEW, SOME, ALL = 2, 50, 1000
STEP = 10
"""Seeds of one long test: so that a thousand of them are not as many lines."""


def _moody(runtime: Runtime, *, seed: int) -> AzureCloud:
    """Lists and counts that are late by seconds, or not; refusals that are listed, or not; told at once, or when all else is done."""
    found = azure(runtime, flexible=seed % 2 == 1)
    found.machines.unlisted = Duration(7000 * (seed % 3))
    for one in found.sets.values():
        one.settles, one.refuses_after = Duration(4000 * (seed % 5)), Duration(9000 * (seed % 4))
        one.lists_refused, one.patient = seed % 7 < 5, seed % 4 < 2
    return found


def aws_of(_: int) -> Place:
    return AWS


def warm_of(_: int) -> Place:
    """Two stand by, and are started first."""
    return WARM


def fleet_of(seed: int) -> Place:
    """Lists that show a launch at once, while it is waited for, or only after that."""
    return replace(FLEET, make=partial(aws_fleet, unlisted=Duration((0, 3000, 11_000)[seed % 3])))


def azure_of(seed: int) -> Place:
    return replace(AZURE, make=partial(_moody, seed=seed))


def google_of(_: int) -> Place:
    return GOOGLE


def google_with_standby_of(seed: int) -> Place:
    verb = "resumeInstances" if seed % 4 == 1 else "startInstances"
    return replace(GOOGLE, make=partial(google_prepared, suspended=seed % 4), grow=f"{MANAGERS}.{verb}" if seed % 2 else GOOGLE.grow)


MAIN = {"aws": aws_of, "azure": azure_of, "gcp": google_of}
OTHERS = {"aws fleet": fleet_of, "aws warm": warm_of, "gcp standby": google_with_standby_of}
AT_MAIN, AT_OTHERS, EVERY = (pytest.mark.parametrize("place", some.values(), ids=some) for some in (MAIN, OTHERS, MAIN | OTHERS))

pytestmark = pytest.mark.usefixtures("signed_in")


@AT_MAIN
@pytest.mark.parametrize("seed", range(FEW))
def test_nothing_is_lost_leaked_or_launched_twice(place: Callable[[int], Place], seed: int) -> None:
    assert run(seed, place(seed)).wrong == []


@EVERY
@pytest.mark.skipif("SEED" not in os.environ, reason="looks at one seed: SEED=4711")
def test_one_seed(place: Callable[[int], Place]) -> None:
    seed = int(os.environ["SEED"])
    assert run(seed, place(seed)).wrong == []


@pytest.mark.clouds
@AT_MAIN
@pytest.mark.parametrize("seed", range(FEW, SOME))
def test_nothing_is_lost_leaked_or_launched_twice_in_some_seeds(place: Callable[[int], Place], seed: int) -> None:
    assert run(seed, place(seed)).wrong == []


@pytest.mark.clouds
@AT_OTHERS
@pytest.mark.parametrize("seed", range(SOME // 4))
def test_nor_is_where_pools_are_of_another_kind(place: Callable[[int], Place], seed: int) -> None:
    assert run(seed, place(seed)).wrong == []


@pytest.mark.long
@EVERY
@pytest.mark.parametrize("first", range(0, ALL, STEP))
def test_nothing_is_lost_leaked_or_launched_twice_in_a_thousand_seeds(place: Callable[[int], Place], first: int) -> None:
    wrong = {seed: found for seed in range(first, first + STEP) if (found := run(seed, place(seed)).wrong)}
    assert wrong == {}
