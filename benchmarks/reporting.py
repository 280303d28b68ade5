"""Results of benchmarks, beside the project's README of them: with date, commit and machine."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def about() -> dict[str, str]:
    """When, of which commit, on what."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return {"date": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit, "machine": machine}


def write(name: str, figures: Mapping[str, object]) -> None:
    """To `benchmarks/results/NAME.json`."""
    (ROOT / "benchmarks" / "results" / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n")
