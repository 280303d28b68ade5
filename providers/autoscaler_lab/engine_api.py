"""The few calls a lab makes to an engine, over its Unix socket.

Written on the standard library: a keeper makes five calls in its life, and importing an SDK would take longer than
starting the engine.
"""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autoscaler.errors import OutcomeUnknownError, ProviderError, UnavailableError

QUICK_S = 5
SLOW_S = 60
"""Seconds for loading an image and for joining, which waits for the manager."""
AGAIN = "this is tried again; if it stays so, see dockerd.log in the lab's folder"


@dataclass(frozen=True, slots=True)
class SwarmNode:
    """A line of the manager's list of nodes."""

    id: str
    hostname: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """What an engine knows of its own Swarm: `node` is empty outside one."""

    node: str
    active: bool


def ping(path: Path) -> bool:
    """Whether the engine answers."""
    try:
        return call(path, "GET", "/_ping") == b"OK"
    except ProviderError:
        return False


def load_image(path: Path, image: Path) -> None:
    """Loads a file written by `docker save`."""
    with image.open("rb") as handle:
        answer = call(path, "POST", "/images/load?quiet=1", handle, timeout=SLOW_S)
    # The engine says 200 before it has read the image: what went wrong then is in the answer.
    if b'"error"' in answer:
        raise ProviderError(f"{image.name}: {answer[:300].decode(errors='replace')}", hint="is it from `docker save`?")


def init_swarm(path: Path, address: str) -> None:
    """Makes the engine the manager of a new Swarm."""
    _post(path, "/swarm/init", {"AdvertiseAddr": address, "ListenAddr": "0.0.0.0:2377"})


def worker_token(path: Path) -> str:
    """What a worker shows the manager at `path` when it joins."""
    return str(_object(call(path, "GET", "/swarm"), "JoinTokens")["Worker"])


def join_swarm(path: Path, address: str, manager: str, token: str) -> None:
    """Joins the engine as a worker."""
    _post(
        path,
        "/swarm/join",
        {
            "AdvertiseAddr": address,
            "ListenAddr": "0.0.0.0:2377",
            "RemoteAddrs": [f"{manager}:2377"],
            "JoinToken": token,
        },
    )


def leave_swarm(path: Path) -> None:
    """Leaves the Swarm; the manager knows it at once, where it would take a dead node for a slow one for a while."""
    call(path, "POST", "/swarm/leave", timeout=SLOW_S)


def membership(path: Path) -> Membership:
    """The engine's own view of its Swarm."""
    swarm = _object(call(path, "GET", "/info"), "Swarm")
    return Membership(str(swarm.get("NodeID", "")), swarm.get("LocalNodeState") == "active")


def nodes(path: Path) -> list[SwarmNode]:
    """The nodes the manager at `path` knows, also those that are down."""
    found = json.loads(call(path, "GET", "/nodes"))
    return [SwarmNode(node["ID"], node["Description"].get("Hostname", ""), node["Status"]["State"] == "ready") for node in found]


def forget_node(path: Path, node: str) -> None:
    """Takes a node off the manager's list."""
    call(path, "DELETE", f"/nodes/{node}?force=1")


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: int) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _post(path: Path, url: str, body: dict[str, object]) -> None:
    call(path, "POST", url, json.dumps(body).encode(), timeout=SLOW_S)


def call(path: Path, method: str, url: str, body: bytes | IO[bytes] | None = None, *, timeout: int = QUICK_S) -> bytes:
    """One call and its answer; what refuses, hangs or answers 4xx or 5xx becomes an error of ours."""
    kind = "application/json" if isinstance(body, bytes) else "application/x-tar"
    with _connected(path, timeout) as connection, _as_ours(f"{method} {url}"):
        connection.request(method, url, body, {"Content-Type": kind} if body else {})
        answer = connection.getresponse()
        said = answer.read()
    if answer.status >= http.client.BAD_REQUEST:
        raise ProviderError(f"{method} {url}: {answer.status} {said[:300].decode(errors='replace').strip()}", hint=AGAIN)
    return said


@contextmanager
def _connected(path: Path, timeout: int) -> Iterator[_Connection]:
    connection = _Connection(path, timeout)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise UnavailableError(f"no engine answers at {path}: {error}", hint=AGAIN) from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _as_ours(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise OutcomeUnknownError(f"{what}: no answer ({error!r})", hint=AGAIN) from error


def _object(answer: bytes, key: str) -> dict[str, object]:
    found = json.loads(answer).get(key)
    if not isinstance(found, dict):
        raise ProviderError(f"the engine's answer has no {key}", hint="is it a manager? see `autoscaler lab status`")
    return found
