"""A service in this process on a simulated shop, and clients for its three pages."""

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from queue import SimpleQueue

import pytest
import structlog

from autoscaler.config import installed, load
from autoscaler.config.plugins import Plugins
from autoscaler.contracts.store import Store
from autoscaler.model.quantities import Duration
from autoscaler.service.daemon import Daemon
from autoscaler.service.logs import configure
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.service.runtime import SystemRuntime, background
from autoscaler.store.memory import MemoryStore

POLICIES = """\
apiVersion: autoscaler/v1
service: {interval: 200ms, listen: "127.0.0.1:0"}
clusters: {shop: {simulated: {speed: 20, seed: 3}}}
traffic: {edge: {simulated: {}}}
pools:
  general:
    cluster: shop
    simulated: {price: 0.10 USD}
    nodes: {min: 1, max: 8, idle: 1h}
policies:
  web:
    workload: shop/web
    replicas: {min: 5, max: 20}
    rules: [{target_tracking: {metric: cpu, target: 60%}}]
    availability: {floor: 90%, surge: 25%, traffic: edge}
"""
PATIENCE_MS = 20_000


def get(listens: str, path: str, method: str = "GET") -> tuple[int, str]:
    """Status and body of one page."""
    host, _, port = listens.rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def until(true: Callable[[], object], what: str = "it") -> None:
    """Wait for what must come; the time is a bound, not a guess."""
    clock = SystemRuntime()
    ends = clock.monotonic() + PATIENCE_MS
    while not true():
        assert clock.monotonic() < ends, f"{what} never came"
        clock.sleep(Duration(10))


@dataclass
class Served:
    """One service under test, and how to look at it."""

    folder: Path
    log: StringIO
    store: Store | None = None
    plugins: Plugins = field(default_factory=installed)
    daemon: Daemon = field(init=False)
    end: SimpleQueue[bool] | None = None

    @property
    def file(self) -> Path:
        return self.folder / "shop.yaml"

    def write(self, text: str = POLICIES) -> None:
        self.file.write_text(text)

    def build(self, record: Path | None = None) -> Daemon:
        """Ready to serve, from the file as it is."""
        if not self.file.exists():
            self.write()
        runtime = SystemRuntime()
        self.daemon = Daemon(
            paths=[self.file],
            plugins=self.plugins,
            store=self.store or MemoryStore(runtime),
            holder="test",
            configuration=load([self.file], self.plugins),
            runtime=runtime,
            metrics=ServiceMetrics("0"),
            record=record,
        )
        return self.daemon

    def start(self, record: Path | None = None) -> Daemon:
        """Serving, with a first tick behind it."""
        daemon = self.build(record)
        self.serve()
        until(lambda: daemon.listens, "the service")
        until(lambda: all(one.last for one in daemon.runners.values()), "a first tick")
        return daemon

    def serve(self) -> None:
        """In the background."""
        ended = SimpleQueue[bool]()

        def run() -> None:
            try:
                self.daemon.serve()
            finally:
                ended.put(item=True)

        background(run, "served")
        self.end = ended

    def stop(self) -> None:
        """As SIGTERM does."""
        if self.end:
            self.daemon.stop.ring()
            self.end.get(timeout=20)
            self.end = None

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        return get(self.daemon.listens, path, method)

    @property
    def events(self) -> list[str]:
        return [line.split('"event": "')[1].split('"')[0] for line in self.log.getvalue().splitlines() if '"event": "' in line]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The service's log, as JSON lines."""
    stream = StringIO()
    configure(stream, json=True)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def served(tmp_path: Path, log: StringIO) -> Iterator[Served]:
    """A service that is stopped when the test ends."""
    made = Served(folder=tmp_path, log=log)
    yield made
    made.stop()
