from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import binary

from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler_lab import records
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.records import Phase, Release, Reservation, State
from tests.providers.lab.paper import PaperLab

TAKEN = Reservation(index=2, group="workers", token="t", incarnation="a-1", reserved_at=5)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(TAKEN, id="a reservation"),
        pytest.param(Release(token="r", released_at=7), id="a release"),
        pytest.param(State(phase=Phase.FAILED, pid=1, started=2, node="n", why="w", at=3), id="a state"),
    ],
)
def test_what_is_written_is_read_back(lab: PaperLab, record: Reservation | Release | State) -> None:
    engine = lab.spec.engine(9)
    records.write(engine, record)
    assert record in (records.read(engine, Reservation), records.read(engine, Release), records.read(engine, State))


def test_a_lab_is_read_back(lab: PaperLab) -> None:
    assert records.read_lab(lab.spec.folder) == lab.spec


def test_no_lab_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no lab") as refused:
        records.read_lab(tmp_path)
    assert "lab up" in refused.value.hint


def test_a_lab_that_cannot_be_read_is_unavailable(lab: PaperLab) -> None:
    lab.spec.record.unlink()
    lab.spec.record.mkdir()
    with pytest.raises(UnavailableError):
        records.read_lab(lab.spec.folder)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"[1]", id="another shape"),
        pytest.param(b'{"format": 2, "phase": "running"}', id="of a newer version"),
        pytest.param(b'{"format": 1, "phase": "dreaming", "pid": 1, "started": 1}', id="an unknown phase"),
        pytest.param(b'{"format": 1, "phase": "running", "pid": "1"}', id="text where a number belongs"),
        pytest.param(b"\xff\xfe", id="not text"),
    ],
)
def test_a_damaged_record_is_an_error_of_ours(lab: PaperLab, content: bytes) -> None:
    engine = lab.spec.engine(2)
    (engine.notes / records.STATE).write_bytes(content)
    with pytest.raises(SetupError, match=r"state\.json"):
        records.state(engine)


@given(content=binary(max_size=40))
def test_no_bytes_at_all_give_a_traceback(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / records.LAB).write_bytes(content)
    with pytest.raises(SetupError):
        records.read_lab(folder)


def test_a_lock_is_seen_while_it_is_held_and_only_then(lab: PaperLab) -> None:
    engine = lab.spec.engine(2)
    path = engine.notes / records.KEEPER
    assert not records.kept(engine)
    with records.locked(path):
        assert records.kept(engine)
        with records.locked_within(path, lab.runtime, 1000) as ours:
            assert not ours
    assert not records.kept(engine)


def test_closing_is_seen_and_so_is_a_lab_that_is_gone(lab: PaperLab, tmp_path: Path) -> None:
    assert not records.closing(lab.spec)
    (lab.spec.folder / records.CLOSING).touch()
    assert records.closing(lab.spec)
    assert records.closing(LabSpec(folder=tmp_path, prefix="pk", subnet="10.77.0.0/24", id="x"))
