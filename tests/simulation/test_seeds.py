"""The real engine, in seeded worlds in which everything goes wrong, breaks no safety rule: two thousand runs, and on request any one."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from autoscaler.contracts.runtime import Rng
from autoscaler.service.runtime import SystemRuntime
from autoscaler.simulation.harness import Result, look_only, run
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.scenarios import Scenario, choosy, dear, equipped, generate
from autoscaler.simulation.virtual_runtime import VirtualRuntime

CHUNK = 50
CHUNKS = 40
LONG, KEPT_EVERY = 100_000, 1000
ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "simulation.json"


def wrong(results: list[Result]) -> str:
    return "\n\n".join(str(each) for each in results if each.violations)


@pytest.mark.parametrize("first", range(0, CHUNK * CHUNKS, CHUNK))
def test_no_seed_breaks_a_rule(kit: Kit, first: int) -> None:
    assert not wrong([run(seed, kit) for seed in range(first, first + CHUNK)])


def choosy_run(seed: int, kit: Kit) -> Result:
    """The seed's own scenario, with pools that have rules and machines of several kinds."""
    runtime = VirtualRuntime(seed)
    return run(seed, kit, choosy(runtime.rng("asks"), generate(runtime.rng("scenario"), kit)))


@pytest.mark.parametrize("first", range(0, 200, CHUNK))
def test_no_seed_breaks_a_rule_with_rules_of_pools(kit: Kit, first: int) -> None:
    assert not wrong([choosy_run(seed, kit) for seed in range(first, first + CHUNK)])


def bound_run(seed: int, kit: Kit) -> Result:
    """A scenario in which we place and stop each replica."""
    return run(seed, kit, generate(VirtualRuntime(seed).rng("scenario"), kit, bound=True))


def test_no_seed_breaks_a_rule_where_we_place_each_replica(kit: Kit) -> None:
    assert not wrong([bound_run(seed, kit) for seed in (*range(40), 75, 178, 265, 281, 291, 348, 446, 465, 675, 712, 821, 887)])


def equipped_run(seed: int, kit: Kit) -> Result:
    """The same, with devices that are ours to name as well."""
    plain = generate(VirtualRuntime(seed).rng("scenario"), kit, bound=True)
    return run(seed, kit, equipped(VirtualRuntime(seed).rng("devices"), plain))


def test_no_seed_breaks_a_rule_where_we_name_devices(kit: Kit) -> None:
    assert not wrong([equipped_run(seed, kit) for seed in (*range(20), 75, 221, 473)])


def dear_run(seed: int, kit: Kit) -> Result:
    """The seed's own scenario, with machines on offer that cost less than those it begins with."""
    runtime = VirtualRuntime(seed)
    return run(seed, kit, dear(runtime.rng("asks"), generate(runtime.rng("scenario"), kit)))


def test_no_seed_breaks_a_rule_where_cheaper_machines_are_to_be_had(kit: Kit) -> None:
    assert not wrong([dear_run(seed, kit) for seed in (*range(12), 36, 339, 553, 660)])


Changes = tuple[tuple[str, Callable[[Rng, Scenario], Scenario]], ...]


def mixed_run(seed: int, kit: Kit, changes: Changes) -> Result:
    """A scenario in which we place each replica, changed by dice of these names."""
    scenario = generate(VirtualRuntime(seed).rng("scenario"), kit, bound=True)
    for dice, change in changes:
        scenario = change(VirtualRuntime(seed).rng(dice), scenario)
    return run(seed, kit, scenario)


@pytest.mark.parametrize(
    ("changes", "seeds"),
    [
        pytest.param((("asks", dear),), (348, 354), id="cheaper machines are to be had"),
        pytest.param((("asks", dear), ("devices", equipped)), (3,), id="cheaper machines are to be had and devices are ours to name"),
        pytest.param((("asks", choosy),), (223,), id="pools have rules"),
        pytest.param((("asks", choosy), ("devices", equipped)), (40,), id="pools have rules and devices are ours to name"),
    ],
)
def test_no_seed_breaks_a_rule_where_we_place_each_replica_and(kit: Kit, changes: Changes, seeds: tuple[int, ...]) -> None:
    assert not wrong([mixed_run(seed, kit, changes) for seed in seeds])


@pytest.mark.skipif("SEED" not in os.environ, reason="looks at one seed: SEED=4711")
def test_one_seed(kit: Kit) -> None:
    assert not wrong([run(int(os.environ["SEED"]), kit)])


@pytest.mark.parametrize("seed", range(0, 1000, 50))
def test_the_same_seed_gives_the_same_bytes(kit: Kit, seed: int) -> None:
    first, second = run(seed, kit), run(seed, kit)
    assert first.digest == second.digest


def test_looking_writes_nothing(kit: Kit) -> None:
    assert not wrong([look_only(seed, kit) for seed in range(20)])


@pytest.mark.long
def test_a_hundred_thousand_seeds(kit: Kit) -> None:
    runtime, counts = SystemRuntime(), Counter[str]()
    bad: list[Result] = []
    began = runtime.monotonic()
    with get_context("fork").Pool(os.cpu_count()) as pool:
        for result in pool.imap(_Run(kit), range(LONG), chunksize=100):
            counts.update(runs=1, ticks=result.ticks, crashes=result.crashes, writes=result.writes, broken=bool(result.violations))
            bad += [result] if result.violations else []
            if counts["runs"] % KEPT_EVERY == 0:  # of hours of work, something is left if it is ended
                _keep({**_about(runtime, began), **counts, "seeds": [one.seed for one in bad]})
    assert counts["runs"] == LONG
    assert not wrong(bad[:20])


def _keep(found: dict[str, object]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


class _Run:
    """A run as a worker process can be handed it."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def __call__(self, seed: int) -> Result:
        return run(seed, self.kit)


def _about(runtime: SystemRuntime, began: int) -> dict[str, object]:
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "date": datetime.fromtimestamp(runtime.now() / 1000, UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "seconds": (runtime.monotonic() - began) // 1000,
    }
