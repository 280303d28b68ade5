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


def test_what_only_looks_sends_no_write(dry: Service, watched_socket: RecordingProxy, web: None) -> None:
    codes = {
        command: run_cli(dry, *command.split(), *rest).returncode
        for command, *rest in (
            ["observe", str(dry.policy)],
            ["decide", str(dry.policy)],
            ["plan", str(dry.policy)],
            ["explain shop/web", "--store", str(dry.store)],
        )
    }
    assert codes["observe"] == codes["decide"] == codes["plan"] == 0
    dry.start()
    time.sleep(12)
    dry.stop()
    assert len(watched_socket.requests) > 20
    assert watched_socket.writes == []


def test_a_laptop_beside_the_service_is_refused_with_another_store_and_followed_with_the_same(
    service: Service, lab: LabSpec, proxy: Proxy, web: None, tmp_path: Path
) -> None:
    service.start()
    until(lambda: proxy.in_rotation("web") > 0, "the service owns the cluster")
    stranger = run_cli(service, "apply", str(service.policy), "--yes", "--store", str(tmp_path / "laptop.db"))
    assert stranger.returncode == 4, stranger.stderr
    assert "owner" in stranger.stderr
    colleague = run_cli(service, "apply", str(service.policy), "--yes", "--store", str(service.store))
    assert colleague.returncode == 0, colleague.stderr
    service.stop()
    assert traces(lab) == []
