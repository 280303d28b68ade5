"""Files named on the command line: read within bounds, written whole or not at all."""

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

from autoscaler.errors import SetupError, UsageError

LARGEST = 256 * 2**20
"""Bytes of the largest file read: a recording of a day at a thousand replicas is a tenth of it."""

STDIN = Path("-")


def read(path: Path, what: str) -> bytes:
    """All of the file, `-` for stdin; UsageError when it is no file, unreadable or too large."""
    try:
        if path == STDIN:
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path}: {said}", hint=f"name a {what} file") from error
    if len(content) > LARGEST:
        raise UsageError(f"{path}: larger than {LARGEST // 2**20} MiB", hint=f"name a {what} file")
    return content


def write(path: Path, content: str | bytes, *, private: bool = False, replace: bool = True) -> None:
    """Write it under another name first, so that a reader sees the old file or the new. `private`: only its owner reads it."""
    if not replace and path.exists():
        raise UsageError(f"{path} is there already", hint="name another place, or move it away first")
    try:
        _write(path, content.encode() if isinstance(content, str) else content, private=private)
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}", hint="see whether the folder is there, yours, and its disk not full") from error


def _write(path: Path, content: bytes, *, private: bool) -> None:
    if path.exists() and not path.is_file():  # /dev/stdout and the like: there is nothing to put in its place
        path.write_bytes(content)
        return
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if not private:
                os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
