"""A lab on paper for every test here."""

import pytest

from autoscaler_lab import fleet, records
from autoscaler_lab.layout import LabSpec
from tests.providers.lab.paper import PaperLab, short_folder


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> PaperLab:
    """A manager and two workers, all running."""
    folder = short_folder(tmp_path_factory)
    found = PaperLab(LabSpec(folder=folder, prefix="pk", subnet="10.77.0.0/24", id="0123abcd"))
    records.write_lab(found.spec)
    fleet.reserve(found.spec, fleet.MANAGERS, seen=0, wanted=1, token="m", runtime=found.runtime, spawn=found.spawned.append)
    found.reserve(0, 2, "up")
    found.settle()
    return found
