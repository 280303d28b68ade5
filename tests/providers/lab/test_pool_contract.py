"""The lab keeps the promises of a pool, with its engines on paper; tests/real runs the same suite on real ones."""

from pathlib import Path

import pytest

from autoscaler.model.refs import Token
from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_lab import fleet
from autoscaler_lab.pool_reader import LabPoolReader
from autoscaler_lab.settings import LabPool
from tests.providers.lab.lossy import Lossy
from tests.providers.lab.paper import PaperLab


class TestLabPool(PoolContract):
    @pytest.fixture
    def pool(self, lab: PaperLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pool:
        writer = Lossy(lab.writer)
        return Pool(
            reader=lab.reader,
            writer=writer,
            settle=lab.settle,
            nobody=LabPoolReader(LabPool(folder="/nowhere"), lab.site),
            sell_out=lambda: monkeypatch.setattr(fleet, "MOST", 3),
            break_down=lambda: unreadable(lab.spec.record),
            lose_reply=writer.lose,
            resize=lambda count: lab.writer.grow(seen=2, wanted=count, token=Token("theirs")),
        )


def unreadable(path: Path) -> None:
    """What root cannot read either."""
    path.unlink()
    path.mkdir()
