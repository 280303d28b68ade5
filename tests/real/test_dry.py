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
LEAST, MORE = "replicas: {min: 2", "replicas: {min: 6"
MANY = 30
"""Requests of about five ticks."""
CALM_S = 3
"""For the service to have nothing more to do, and its next tick to be far away."""


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
    found = Service(write_policy(folder, lab, proxy, prometheus, mode="recommend"))
    found.edit(lab.engine(1).socket, watched_socket.front)
    found.edit(LEAST, MORE)
    yield found
    found.end()


@pytest.fixture
def web(swarm: Swarm) -> Iterator[None]:
    swarm.create("web", "app-y:1", 4, cpu=CPU_PER_REPLICA)
    until(lambda: len(swarm.running("web")) == 4, "four replicas run")
    yield
    swarm.remove("web")


def test_what_only_looks_sends_no_write(dry: Service, watched_socket: RecordingProxy, lab: LabSpec, web: None, tmp_path: Path) -> None:
    dry.start()
    until(lambda: len(watched_socket.requests) > MANY, "the service has looked often")
    dry.stop()
    bold = tmp_path / "bold.yaml"
    bold.write_text(dry.policy.read_text().replace("mode: recommend", "mode: active"))
    commands = [
        ("observe", dry.policy),
        ("decide", dry.policy),
        ("plan", bold),
        ("explain", "shop/web", "--policies", dry.policy, "--store", dry.store),
    ]
    answers = [run_cli(*command) for command in commands]
    assert [answer.returncode for answer in answers] == [0] * len(commands), answers
    assert "recommends 6" in answers[1].stdout
    assert "4 -> 6" in answers[2].stdout, "void: there was nothing to do"
    assert watched_socket.writes == []
    assert traces(lab) == []


def test_a_laptop_beside_the_service_is_refused_with_another_store_and_followed_with_the_same(
    service: Service, swarm: Swarm, proxy: Proxy, web: None, tmp_path: Path
) -> None:
    service.keep_nodes()
    service.edit(LEAST, "replicas: {min: 4")
    service.edit("interval: 2s", "interval: 20s")  # the laptop is first to see that one is missing
    service.start()
    until(lambda: proxy.in_rotation("web") == 4, "the service owns the cluster")
    time.sleep(CALM_S)
    swarm.scale("web", 3)
    stranger = run_cli("apply", service.policy, "--yes", "--store", tmp_path / "laptop.db")
    colleague = run_cli("apply", service.policy, "--yes", "--store", service.store)
    assert stranger.returncode == 4, stranger.stderr
    assert "belongs to" in stranger.stderr
    assert colleague.returncode == 0, colleague.stderr
    assert "leads this cluster" in colleague.stderr
    assert len(swarm.running("web")) == 4 == proxy.in_rotation("web")
