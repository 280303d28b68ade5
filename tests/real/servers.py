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


class RabbitMq:
    """A RabbitMQ node with its management plugin, and an epmd of its own; `user` may do everything, with the password `word`."""

    user, word = "keeper", "hunter2"

    def __init__(self, folder: Path) -> None:
        needed("rabbitmq-server", "epmd")
        node, self._epmd, self.port = free_port(), free_port(), free_port()
        config = [f"listeners.tcp.1 = 127.0.0.1:{node}", "management.tcp.ip = 127.0.0.1", f"management.tcp.port = {self.port}"]
        config += [f"default_user = {self.user}", f"default_pass = {self.word}", "collect_statistics_interval = 500"]
        (folder / "rabbitmq.conf").write_text("\n".join(config) + "\n")
        (folder / "plugins").write_text("[rabbitmq_management].\n")
        environment = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"keeper{node}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
        }
        # Debian's own script would change to another user, who may not write here.
        self._server = Started(folder, ["/usr/lib/rabbitmq/bin/rabbitmq-server"], self.port, seconds=60, environment=environment)

    def stop(self) -> None:
        """Ends the node, then the epmd it started."""
        self._server.stop()
        subprocess.run(["epmd", "-port", str(self._epmd), "-kill"], check=False, capture_output=True)
