"""A kernel that is kept on disk is never one of an earlier release."""

import hashlib
from pathlib import Path

from autoscaler.placement.rebalancing import annealing

FILES = ("../compiling", "dice", "journeys", "lists", "loads", "proposing", "reaching", "rules")


def test_the_kernel_made_of_parts_of_other_files_names_their_state() -> None:
    """Else whoever upgrades would go on with the old parts: write the new mark into `annealing.PARTS`."""
    folder = Path(annealing.__file__).parent
    text = b"".join((folder / f"{name}.py").read_bytes() for name in FILES)
    assert hashlib.sha256(text).hexdigest()[:12] == annealing.PARTS
