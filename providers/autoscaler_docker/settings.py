"""What a policy file says of a Swarm: `clusters: {shop: {swarm: {endpoint: "ssh://manager-1"}}}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Cpu, Memory
from autoscaler.model.resources import Resources

LOCAL = "unix:///var/run/docker.sock"
UNIX = r"unix:///\S+"
SSH = r"ssh://([A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+(:[0-9]{1,5})?"
TCP = r"tcp://[A-Za-z0-9._-]+:[0-9]{1,5}"
EVERY_NODE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What each node keeps for itself: replicas are never counted on it."""

    cpu: Cpu = Cpu(0)
    memory: Memory = Memory(0)

    @property
    def resources(self) -> Resources:
        """Both together."""
        return Resources(self.cpu.milli, self.memory.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Paths of the files that let us in at a `tcp://` endpoint: authority, certificate, key."""

    ca: str
    cert: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmSettings:
    """A manager's `endpoint`, and what the manager cannot tell.

    `engines`: node name to its own engine's endpoint, for statistics; `*` stands for every other node, `{node}` for its name.
    `addresses`: node name to the address replicas are reached at, where the one the node gave its Swarm is not it.
    """

    endpoint: str = LOCAL
    engines: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    reserve: Reserve = Reserve()
    tls: TlsFiles | None = None

    def __post_init__(self) -> None:
        for endpoint in (self.endpoint, *self.engines.values()):
            _check(endpoint.replace("{node}", "node"), secured=self.tls is not None)

    def engine_of(self, node: str) -> str | None:
        """The endpoint of a node's own engine, if the file tells."""
        found = self.engines.get(node, self.engines.get(EVERY_NODE))
        return found and found.replace("{node}", node)


def _check(endpoint: str, *, secured: bool) -> None:
    if re.fullmatch(UNIX, endpoint) or re.fullmatch(SSH, endpoint):
        return
    if not re.fullmatch(TCP, endpoint):
        raise PolicyError("an endpoint is unix:///path, ssh://user@host or tcp://host:port", hint=f"write {LOCAL} or ssh://manager-1")
    if not secured:
        raise PolicyError(
            f"{endpoint} without TLS lets anyone on its network become root there",
            hint="write ssh://host, or add `tls: {ca: …, cert: …, key: …}`",
        )
