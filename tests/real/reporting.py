"""Measured figures: shown at the end of the run, also of tests that pass, and kept in `benchmarks/results` by `make test-long`."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

FIGURES = pytest.StashKey[list[str]]()
KEPT = pytest.StashKey[dict[str, list[dict[str, object]]]]()
ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


class Report:
    """Takes figures down for the end of the run."""

    def __init__(self, config: pytest.Config, *, long: bool) -> None:
        self._lines = config.stash.setdefault(FIGURES, [])
        self._kept = config.stash.setdefault(KEPT, {})
        self._long = long

    def __call__(self, words: str) -> None:
        """Show a line."""
        self._lines.append(words)

    def keep(self, name: str, **figures: object) -> None:
        """A row for `benchmarks/results/NAME.json`, if this is the long lane."""
        if self._long:
            self._kept.setdefault(name, []).append(figures)


def write(kept: dict[str, list[dict[str, object]]]) -> None:
    """One file per name, with date, commit and machine: what it says was measured then, and there."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    machine = f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores"
    about = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit, "machine": machine}
    for name, rows in kept.items():
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps({**about, "runs": rows}, indent=2) + "\n")
