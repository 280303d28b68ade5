"""Whether policy files on disk may be others than before, without reading them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

Stamp = tuple[tuple[str, int, int, int], ...]


def stamp(paths: Sequence[Path]) -> Stamp:
    """Names, file numbers, sizes and change times; a file that cannot be looked at counts as none."""
    return tuple(found for path in paths for each in (path, *_inside(path)) for found in _one(each))


def _inside(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError:
        return []


def _one(path: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        found = path.stat()
    except OSError:
        return
    yield (str(path), found.st_ino, found.st_size, found.st_ctime_ns)
