"""The disk of the store is full for a while: what cannot be journalled is not sent."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.gapless import BUSY, Service, steps_of, wait_grown
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic

pytestmark = pytest.mark.real
FULL_S = 10


@pytest.fixture
def disk(machine: None, service: Service, tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the store, of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=True)
    service.store = place / "store.db"
    yield place
    service.end()
    subprocess.run(["umount", place], check=True)


def fill(path: Path) -> None:
    """OSError once no more fits."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_nothing_is_sent_that_could_not_be_journalled(swarm: Swarm, proxy: Proxy, service: Service, disk: Path, report: Report) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service) as run:
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            fill(filler)
        before = len(service.events("step"))
        run.set_rate(BUSY)
        time.sleep(FULL_S)
        during = len(service.events("step")), len(swarm.running("web"))
        filler.unlink()
        after = wait_grown(proxy)
    report(f"disk full for {FULL_S} s, grown {after:.1f} s after it was not: {run.found}")
    run.check(5)
    assert during == (before, 5)
    assert "disk is full" in service.log.read_text()
    assert steps_of(service, "SetReplicas", "sent")
