"""Databases and brokers from Debian's packages, on free ports of the loopback, each ended by its own process id."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.real.waiting import free_port, until


def needed(*programs: str) -> None:
    """Skips where one of the programs is not installed."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Started:
    """A server process, its log in `folder`."""

    def __init__(
        self, folder: Path, command: list[str], port: int, *, seconds: float = 20, environment: dict[str, str] | None = None
    ) -> None:
        self.port = port
        with (folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        until(lambda: self._ended() or listens(port), f"{command[0]} listens", seconds)
        assert not self._ended(), (folder / "server.log").read_text()[-2000:]

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(20)


def start_redis(folder: Path, *more: str) -> Started:
    """A Redis that keeps nothing."""
    needed("redis-server")
    port = free_port()
    return Started(folder, ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *more], port)
