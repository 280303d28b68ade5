"""What only looks changes nothing, seen from the Docker socket; and of two who may write, one does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import CPU_PER_REPLICA, Service, run_cli, traces, write_policy
from tests.real.prom import Prometheus
from tests.real.proxy import Proxy
from tests.real.recording_proxy import RecordingProxy
from tests.real.swarm import Swarm
from tests.real.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def watched_socket(lab: LabSpec, tmp_path: Path) -> Iterator[RecordingProxy]:
    """The manager's socket, with a witness in front."""
    found = RecordingProxy(tmp_path / "docker.sock", lab.engine(1).socket)
    yield found
    found.close()


@pytest.fixture
def dry(lab: LabSpec, proxy: Proxy, prometheus: Prometheus, watched_socket: RecordingProxy, tmp_path: Path) -> Iterator[Service]:
    """A service in mode recommend, that would have much to do, behind the witness."""
    folder = tmp_path / "dry"
    folder.mkdir()
    policy = write_policy(folder, lab, proxy, prometheus, mode="recommend", target=1)
    policy.write_text(policy.read_text().replace(str(lab.engine(1).socket), str(watched_socket.front)))
    found = Service(policy)
    yield found
    if found.process and found.process.poll() is None:
        found.kill()


@pytest.fixture
def web(swarm: Swarm) -> Iterator[None]:
    swarm.create("web", "app-y:1", 4, cpu=CPU_PER_REPLICA)
    until(lambda: len(swarm.running("web")) == 4, "four replicas run")
    yield
    swarm.remove("web")


def test_what_only_looks_sends_no_write(dry: Service, watched_socket: RecordingProxy, lab: LabSpec, web: None) -> None:
    dry.start()
    time.sleep(8)
    dry.stop()
    asked = ("--policies", dry.policy, "--store", dry.store)
    commands = [("observe", dry.policy), ("decide", dry.policy), ("plan", dry.policy), ("explain", "shop/web", *asked)]
    for command in commands:
        answer = run_cli(*command)
        assert answer.returncode == 0, answer.stderr
    assert len(dry.events("decided")) > 0
    assert len(watched_socket.requests) > 20
    assert watched_socket.writes == []
    assert traces(lab) == []


def test_a_laptop_beside_the_service_is_refused_with_another_store_and_followed_with_the_same(
    service: Service, lab: LabSpec, proxy: Proxy, web: None, tmp_path: Path
) -> None:
    service.start()
    until(lambda: proxy.in_rotation("web") > 0, "the service owns the cluster")
    stranger = run_cli("apply", service.policy, "--yes", "--store", tmp_path / "laptop.db")
    assert stranger.returncode == 4, stranger.stderr
    assert "belongs to" in stranger.stderr
    colleague = run_cli("apply", service.policy, "--yes", "--store", service.store)
    assert colleague.returncode == 0, colleague.stderr
    assert "leads this cluster" in colleague.stderr
    service.stop()
