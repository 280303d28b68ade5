"""What a policy file says of an HAProxy: `traffic: {edge: {haproxy: {socket: /run/haproxy/admin.sock}}}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.errors import PolicyError
from autoscaler.model.refs import WorkloadRef

LONGEST = 107
"""Bytes a Unix socket's path may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxySettings:
    """`socket`: the runtime socket, `level admin`. `backends`: workload path to backend, where the backend is not named as the workload."""

    socket: str
    backends: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.socket.startswith("/") or len(self.socket.encode()) > LONGEST:
            raise PolicyError(f"{self.socket[:40]!r} is no path of a socket", hint="write the whole path, as in /run/haproxy/admin.sock")

    def backend_of(self, workload: WorkloadRef) -> str:
        """The backend that serves the workload."""
        return self.backends.get(workload.path, workload.name)
