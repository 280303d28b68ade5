"""Files named on the command line."""

import os
import stat
from pathlib import Path

import pytest

from autoscaler.cli import files
from autoscaler.errors import AutoscalerError, SetupError, UsageError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reads_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\x00\xff")
    assert files.read(tmp_path / "f", "plan") == b"\x00\xff"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("no-such", "No such file", id="a missing file"),
        pytest.param(".", "Is a directory", id="a folder"),
        pytest.param("a\0b", "null", id="a name no file can have"),
        pytest.param("x" * 300, "too long", id="a name too long"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        files.read(tmp_path / name, "plan")
    assert caught.value.hint == "name a plan file"


def test_reads_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 2**20)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        files.read(Path("/dev/zero"), "recording")


@pytest.mark.parametrize(
    ("private", "expected"),
    [pytest.param(True, 0o600, id="readable by its owner alone"), pytest.param(False, 0o644, id="readable by all")],
)
def test_writes_with_the_rights_asked_for(tmp_path: Path, *, private: bool, expected: int) -> None:
    files.write(tmp_path / "f", "é\n", private=private)
    assert (tmp_path / "f").read_text(encoding="utf-8") == "é\n"
    assert mode(tmp_path / "f") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_replaces_a_file_whole_and_narrows_its_rights(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "f").chmod(0o666)
    files.write(tmp_path / "f", "new", private=True)
    assert (tmp_path / "f").read_text() == "new"
    assert mode(tmp_path / "f") == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "f").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SetupError, match="No space left"):
        files.write(tmp_path / "f", "new")
    assert (tmp_path / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("no/such/folder/f", id="a folder that is not there"),
        pytest.param(".", id="a folder's own name"),
        pytest.param("x" * 300, id="a name too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    with pytest.raises(AutoscalerError) as caught:
        files.write(tmp_path / place, "x")
    assert caught.value.hint


def test_writes_to_what_is_no_plain_file(tmp_path: Path) -> None:
    files.write(Path("/dev/null"), "gone", private=True)
    assert Path("/dev/null").is_char_device()
