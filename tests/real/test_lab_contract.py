"""The promises of a pool, kept by real engines."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, InstanceRef, OfferingName, Token
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_lab import fleet
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.pool_reader import LabPoolReader
from autoscaler_lab.pool_writer import LabPoolWriter
from autoscaler_lab.settings import LabPool
from tests.providers.lab.lossy import Lossy
from tests.real.waiting import until

pytestmark = pytest.mark.real
WORKERS = 2


class ThisTest:
    """Makes each test's tokens its own: one lab serves them all, and remembers every token for its whole life."""

    def __init__(self, writer: PoolWriter) -> None:
        self._writer = writer
        self._suffix = time.monotonic_ns()

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        self._writer.grow(seen=seen, wanted=wanted, token=self._own(token), offering=offering)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        self._writer.release(gone, token=self._own(token))

    def _own(self, token: Token) -> Token:
        return Token(f"{token}-{self._suffix}")


class TestRealEngines(PoolContract):
    # A lab is this machine's own: it launches all or nothing, nobody throttles or refuses, lists are never late, no engine comes up half,
    # and none is made before it is needed.
    test_what_is_had_in_part_is_no_capacity_and_what_came_is_counted = None  # type: ignore[assignment]
    test_what_is_throttled_did_not_happen = None  # type: ignore[assignment]
    test_reading_too_often_is_unavailable = None  # type: ignore[assignment]
    test_what_is_denied_is_for_somebody_to_mend_and_did_not_happen = None  # type: ignore[assignment]
    test_a_machine_that_is_not_listed_yet_is_counted_once = None  # type: ignore[assignment]
    test_a_machine_that_never_comes_up_is_told_and_not_taken_for_a_running_one = None  # type: ignore[assignment]
    test_what_stands_by_is_told_and_not_counted = None  # type: ignore[assignment]
    test_growing_starts_what_stands_by = None  # type: ignore[assignment]
    test_what_stands_by_is_started_once = None  # type: ignore[assignment]
    test_what_is_lacking_beside_what_stands_by_is_launched_once = None  # type: ignore[assignment]
    test_a_start_whose_reply_is_lost_is_not_made_twice = None  # type: ignore[assignment]
    test_releasing_leaves_what_stands_by = None  # type: ignore[assignment]

    @pytest.fixture
    def pool(self, lab: LabSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
        site = Site(name="workers", cluster=ClusterName("lab"), runtime=SystemRuntime())
        settings = LabPool(folder=str(lab.folder))
        reader, writer = LabPoolReader(settings, site), LabPoolWriter(settings, site)
        lossy = Lossy(ThisTest(writer))
        aside = tmp_path / "lab.json"
        lab_file = Path(lab.record)

        def break_down() -> None:
            lab_file.rename(aside)
            lab_file.mkdir()  # root cannot read a folder as a file either

        found = Pool(
            reader=reader,
            writer=lossy,
            settle=lambda: settle(reader),
            nobody=LabPoolReader(LabPool(folder="/nowhere"), site),
            sell_out=lambda: monkeypatch.setattr(fleet, "MOST", WORKERS + 1),
            break_down=break_down,
            lose_reply=lossy.lose,
            resize=lambda count: ThisTest(writer).grow(seen=WORKERS, wanted=count, token=Token("theirs")),
        )
        restore(found)
        yield found
        if lab_file.is_dir():
            lab_file.rmdir()
            aside.rename(lab_file)


def settle(reader: PoolReader) -> None:
    """Until no engine starts or stops any more."""
    moving = {InstanceState.LAUNCHING, InstanceState.STOPPING}
    until(lambda: not moving & {one.state for one in reader.observe(Duration(1000)).instances}, "the pool is settled")


def restore(pool: Pool) -> None:
    """Two running engines, as the suite expects them, whatever the test before left."""
    settle(pool.reader)
    have = sorted(pool.running())
    if len(have) > WORKERS:
        pool.writer.release(frozenset(have[WORKERS:]), token=Token(f"restore-{time.monotonic_ns()}"))
    if len(have) < WORKERS:
        pool.writer.grow(seen=len(have), wanted=WORKERS, token=Token(f"restore-{time.monotonic_ns()}"))
    settle(pool.reader)
