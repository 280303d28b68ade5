"""What a policy file may say of a Swarm, and what importing the plugin costs."""

import subprocess
import sys

import pytest

from autoscaler.errors import PolicyError
from autoscaler_docker.settings import SwarmSettings, TlsFiles

TLS = TlsFiles(ca="ca.pem", cert="cert.pem", key="key.pem")


@pytest.mark.parametrize("endpoint", ["unix:///var/run/docker.sock", "ssh://manager-1", "ssh://ops@10.0.0.1:2222"])
def test_ways_in(endpoint: str) -> None:
    assert SwarmSettings(endpoint=endpoint).endpoint == endpoint


@pytest.mark.parametrize(
    ("endpoint", "hint"),
    [
        pytest.param("tcp://10.0.0.1:2375", "ssh://", id="open to the network"),
        pytest.param("ssh://ops:secret@host", "ssh://manager-1", id="a password"),
        pytest.param("http://host", "unix://", id="another scheme"),
        pytest.param("/var/run/docker.sock", "unix://", id="a bare path"),
        pytest.param("", "unix://", id="nothing"),
    ],
)
def test_no_ways_in(endpoint: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        SwarmSettings(endpoint=endpoint)
    assert hint in caught.value.hint
    assert "secret" not in str(caught.value)


def test_tcp_is_fine_behind_tls() -> None:
    assert SwarmSettings(endpoint="tcp://10.0.0.1:2376", tls=TLS).tls == TLS


def test_engines_are_checked_as_the_manager_is() -> None:
    with pytest.raises(PolicyError):
        SwarmSettings(engines={"*": "tcp://{node}:2375"})


@pytest.mark.parametrize(
    ("engines", "found"),
    [
        pytest.param({"node2": "ssh://b"}, "ssh://b", id="by its name"),
        pytest.param({"*": "ssh://{node}.example"}, "ssh://node2.example", id="by the pattern for all"),
        pytest.param({"*": "ssh://a", "node2": "ssh://b"}, "ssh://b", id="its name before the pattern"),
        pytest.param({"node1": "ssh://a"}, None, id="nobody said"),
    ],
)
def test_the_engine_of_a_node(engines: dict[str, str], found: str | None) -> None:
    assert SwarmSettings(engines=engines).engine_of("node2") == found


def test_looking_at_the_plugin_loads_no_sdk_and_no_writer() -> None:
    program = "import sys, autoscaler_docker.plugin; print({'docker', 'requests', 'autoscaler_docker.swarm_writer'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "set()"
