"""Policy files from disk: one file, or the *.yaml and *.yml of a folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from autoscaler.config.configuration import Configuration
from autoscaler.config.limits import FILE_BYTES, TOTAL_BYTES
from autoscaler.config.parsing import parse
from autoscaler.config.places import Mark, Source
from autoscaler.config.plugins import Plugins
from autoscaler.config.problems import ProblemCode, Problems

SUFFIXES = frozenset({".yaml", ".yml"})
CASES = ".test.yaml"
"""What files of cases end with, which `autoscaler test` runs; they may stand beside the policies they try."""

MOST_FILES = 10_000


def load(paths: Sequence[Path], plugins: Plugins) -> Configuration:
    """The configuration that files and folders make together; PolicyErrors for whatever is wrong, unreadable files among it."""
    problems = Problems()
    found = [path for given in paths for path in _found(given, problems)]
    files = list(_read_all(list(dict.fromkeys(found)), problems))
    return parse(files, plugins, problems=problems)


def _found(given: Path, problems: Problems) -> list[Path]:
    """The file itself, or a folder's files in order of name; hidden ones and cases are none."""
    try:
        if not given.is_dir():
            return [given]
        inside = [path for path in given.iterdir() if path.suffix in SUFFIXES and not _other(path.name)]
    except (OSError, ValueError) as error:
        return _unreadable(given, _reason(error), problems)
    if not inside:
        return _unreadable(given, "the folder holds no *.yaml file", problems)
    if len(inside) > MOST_FILES:
        return _unreadable(given, f"the folder holds more than {MOST_FILES:,} files", problems)
    return sorted(inside)


def _other(name: str) -> bool:
    """Whether a file belongs to somebody else: to an editor, or to `autoscaler test`."""
    return name.startswith(".") or name.endswith(CASES)


def _read_all(paths: list[Path], problems: Problems) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path in paths:
        data = _read(path, problems)
        total += len(data or b"")
        if data is not None:
            yield str(path), data
        if total > TOTAL_BYTES:
            return  # parse refuses them together; no more need be held


def _read(path: Path, problems: Problems) -> bytes | None:
    """The bytes, of a file too large only enough to see that it is; None when it cannot be read."""
    try:
        if not path.is_file() and path.exists():  # opening a pipe would wait for a writer
            _unreadable(path, "this is no regular file", problems)
            return None
        with path.open("rb") as opened:
            return opened.read(FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        _unreadable(path, _reason(error), problems)
        return None


def _unreadable(path: Path, problem: str, problems: Problems) -> list[Path]:
    hint = "name a file, or a folder with *.yaml files, that this user may read"
    problems.add(ProblemCode.UNREADABLE, Mark(Source.of(str(path), "")), problem, hint)
    return []


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "this user may not read it"
    return getattr(error, "strerror", None) or str(error)
