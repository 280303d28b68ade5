"""Databases and brokers from Debian's packages, on free ports of the loopback, each ended by its own process id."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
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


@dataclass(frozen=True, kw_only=True)
class How:
    """How a server is started and ended: `user`: as whom; `ends`: by which signal it ends at once, whoever is connected."""

    seconds: float = 20
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    ends: signal.Signals = signal.SIGTERM


class Started:
    """A server process, its log in `folder`."""

    def __init__(self, folder: Path, command: list[str], port: int, how: How = How()) -> None:
        self.port, self._how = port, how
        with (folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **how.environment}, user=how.user, cwd=folder
            )
        until(lambda: self._ended() or listens(port), f"{command[0]} listens", how.seconds)
        assert not self._ended(), (folder / "server.log").read_text()[-2000:]

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ends it."""
        self._process.send_signal(self._how.ends)
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
        self._server = Started(folder, ["/usr/lib/rabbitmq/bin/rabbitmq-server"], self.port, How(seconds=60, environment=environment))

    def stop(self) -> None:
        """Ends the node, then the epmd it started."""
        self._server.stop()
        subprocess.run(["epmd", "-port", str(self._epmd), "-kill"], check=False, capture_output=True)


class Database:
    """A database that keeps nothing. It refuses to run as root, so it gets a folder that another user may reach."""

    user: str

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="database-")
        folder = Path(self._folder.name)
        shutil.chown(folder, self.user)
        self.port = free_port()
        self._server = self.start(folder)

    def start(self, folder: Path) -> Started:
        """Make its files, and start it."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends it."""
        self._server.stop()
        self._folder.cleanup()


class Postgres(Database):
    """A PostgreSQL that asks nobody for a password."""

    user = "postgres"

    @property
    def address(self) -> str:
        """What stands behind the scheme."""
        return f"postgres@127.0.0.1:{self.port}/postgres"

    def start(self, folder: Path) -> Started:
        """Make its files, and start it."""
        # Debian keeps each version's programs in a folder of its own.
        path = ":".join([*map(str, Path("/usr/lib/postgresql").glob("*/bin")), os.environ["PATH"]])
        initdb, server = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
        if not (initdb and server):
            pytest.skip("not installed: PostgreSQL")
        data = folder / "data"
        subprocess.run([initdb, "-D", data, "-A", "trust", "-N"], check=True, capture_output=True, user=self.user, cwd=folder)
        command = [server, "-D", str(data), "-p", str(self.port), "-k", str(folder), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        return Started(folder, command, self.port, How(user=self.user, ends=signal.SIGINT))


class MariaDb(Database):
    """A MariaDB that asks nobody for a password."""

    user = "nobody"

    @property
    def address(self) -> str:
        """What stands behind the scheme."""
        return f"root@127.0.0.1:{self.port}/mysql"

    def start(self, folder: Path) -> Started:
        """Make its files, and start it."""
        needed("mariadbd", "mariadb-install-db")
        data = f"--datadir={folder}/data"
        install = ["mariadb-install-db", "--no-defaults", data, "--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, capture_output=True, user=self.user, cwd=folder)
        command = ["mariadbd", "--no-defaults", data, "--skip-grant-tables", f"--socket={folder}/socket", f"--pid-file={folder}/pid"]
        command += [f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-networking=0", "--innodb-flush-log-at-trx-commit=0"]
        return Started(folder, command, self.port, How(user=self.user))


class Kafka:
    """A Kafka broker that is its own controller."""

    def __init__(self, folder: Path) -> None:
        needed("java")
        # As the lane's setup names the folder: another broker is another folder.
        sum_of_pom = subprocess.run(
            ["cksum"], input=Path(__file__).with_name("kafka.xml").read_bytes(), capture_output=True, check=True
        ).stdout
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        jars = cache / "poolkeeper" / f"kafka-{sum_of_pom.split()[0].decode()}"
        if not jars.is_dir():
            pytest.skip("not fetched: a Kafka broker")
        self.port, controller = free_port(), free_port()
        lines = [
            "process.roles=broker,controller",
            "node.id=1",
            f"controller.quorum.voters=1@127.0.0.1:{controller}",
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            f"log.dirs={folder}/data",
            "offsets.topic.replication.factor=1",
            "offsets.topic.num.partitions=1",
        ]
        properties = folder / "server.properties"
        properties.write_text("\n".join(lines) + "\n")
        java = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]
        made = [*java, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(properties)]
        subprocess.run(made, check=True, capture_output=True)
        # Killed: it keeps nothing, and takes seconds to say good-bye.
        self._server = Started(folder, [*java, "kafka.Kafka", str(properties)], self.port, How(seconds=60, ends=signal.SIGKILL))

    def stop(self) -> None:
        """Ends it."""
        self._server.stop()
