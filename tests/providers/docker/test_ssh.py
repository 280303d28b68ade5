"""The way in through ssh: docker-py starts the `ssh` it finds, and that speaks to the engine on the other side."""

import sys
from pathlib import Path

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, UnavailableError
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import NodeRef
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from autoscaler_docker.swarm_writer import SwarmWriter
from tests.providers.docker.fake_daemon import FakeDaemon
from tests.providers.docker.fake_swarm import BEFORE, FakeSwarm

SOON = Duration(10_000)
BRIDGE = """#!{python}
import os, select, socket, sys
open({log!r}, "a").write(" ".join(sys.argv[1:]) + "\\n")
door = socket.socket(socket.AF_UNIX)
door.connect({path!r})
while True:
    for side in select.select([0, door], [], [])[0]:
        said = os.read(0, 65536) if side == 0 else door.recv(65536)
        if not said:
            sys.exit()
        os.write(1, said) if side is door else door.sendall(said)
"""


def put_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    ssh = folder / "ssh"
    ssh.write_text(program)
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_reads_and_writes_go_through_ssh(
    fake: FakeSwarm, daemon: FakeDaemon, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = daemon.endpoint.removeprefix("unix://")
    put_ssh(tmp_path, monkeypatch, BRIDGE.format(python=sys.executable, path=path, log=str(tmp_path / "log")))
    settings = SwarmSettings(endpoint="ssh://ops@manager-1:2222")
    assert len(SwarmReader(settings, site).observe(SOON).nodes) == 4
    SwarmWriter(settings, site).set_availability(NodeRef("id-node2", BEFORE), NodeAvailability.FENCED, None)
    assert fake.nodes[1]["Spec"]["Availability"] == "pause"
    assert "-l ops -p 2222 -- manager-1 docker system dial-stdio" in (tmp_path / "log").read_text()


def test_one_that_hangs_is_given_up_in_time(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path, monkeypatch, "#!/bin/sh\nexec sleep 5\n")
    began = site.runtime.monotonic()
    with pytest.raises(UnavailableError):
        SwarmReader(SwarmSettings(endpoint="ssh://manager-1"), site).observe(Duration(200))
    assert site.runtime.monotonic() - began < 2000


def test_a_host_that_refuses_is_unavailable(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path, monkeypatch, "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n")
    with pytest.raises(AutoscalerError) as caught:
        SwarmReader(SwarmSettings(endpoint="ssh://manager-1"), site).observe(SOON)
    assert isinstance(caught.value, UnavailableError)
