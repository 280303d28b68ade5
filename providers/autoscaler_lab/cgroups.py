"""Removes the cgroups an engine's containers lived in; on cgroup v1 there is a tree per controller."""

import contextlib
import os
from pathlib import Path

from autoscaler_lab.layout import EnginePaths

ROOT = Path("/sys/fs/cgroup")


def remaining(engine: EnginePaths) -> list[Path]:
    """The cgroups of this engine that are still there."""
    roots = [ROOT, *(entry for entry in ROOT.iterdir() if entry.is_dir())] if ROOT.exists() else []
    return [path for root in roots if (path := root / engine.cgroup).is_dir()]


def remove(engine: EnginePaths) -> None:
    """Removes them, deepest first; one with a process in it stays, so end those before."""
    for top in remaining(engine):
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
