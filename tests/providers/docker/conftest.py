"""What the tests of the Docker provider share: a Swarm that lives in memory, behind a real Unix socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler_docker.settings import SwarmSettings
from tests.providers.docker.fake_daemon import FakeDaemon, collect_forgotten_sockets
from tests.providers.docker.fake_swarm import FakeSwarm


@pytest.fixture
def fake() -> FakeSwarm:
    """One manager, three workers, and the service `web` with 4 replicas."""
    found = FakeSwarm()
    for name in ("node1", "node2", "node3", "node4"):
        found.add_node(name)
    found.add_service("web", 4)
    return found


@pytest.fixture
def daemon(fake: FakeSwarm, tmp_path: Path) -> Iterator[FakeDaemon]:
    """The manager's engine, listening."""
    with FakeDaemon(tmp_path / "docker.sock", fake.answer) as found:
        yield found
        gone = found.gone
    if gone:
        collect_forgotten_sockets()


@pytest.fixture
def settings(daemon: FakeDaemon) -> SwarmSettings:
    """The manager's endpoint."""
    return SwarmSettings(endpoint=daemon.endpoint)
