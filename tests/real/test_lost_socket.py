"""The Docker socket gone for ten seconds in the middle of a drain."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, begin_cli
from tests.real.proxy import Proxy
from tests.real.recording_proxy import RecordingProxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real
GONE_S = 10


@pytest.fixture
def door(lab: LabSpec, service: Service, tmp_path: Path) -> Iterator[RecordingProxy]:
    """The way to the manager, for the service alone."""
    found = RecordingProxy(tmp_path / "docker.sock", lab.engine(1).socket)
    service.edit(lab.engine(1).socket, found.front)
    yield found
    found.close()


def test_a_drain_goes_on_when_the_socket_is_back(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, door: RecordingProxy, report: Report
) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service) as run:
        node = max(swarm.placed("web"))
        drain = begin_cli("drain", node, "--policies", service.policy, "--store", service.store, "--yes")
        until(lambda: len(swarm.running("web")) > 5, "replacements were started")
        door.close()
        time.sleep(GONE_S)
        assert swarm.placed("web").get(node), "void: the drain was over before the socket was gone"
        door.open()
        back = until(lambda: node not in swarm.placed("web"), f"{node} is empty", 120)
        answer = drain.communicate(timeout=60)[0]
        until(lambda: len(swarm.running("web")) == 5 == proxy.in_rotation("web"), "the surge is gone")
    report(f"socket gone for {GONE_S} s in mid-drain, done {back:.1f} s after it was back: {run.found}")
    run.check(5)
    assert drain.returncode == 0, answer
