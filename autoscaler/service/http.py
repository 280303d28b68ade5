"""/metrics, /healthz and /readyz, on loopback unless told otherwise. Read only: no request changes anything."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from autoscaler.errors import SetupError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PATIENCE_S = 10
"""Seconds that a client may be silent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its body, and what it is."""

    status: str
    body: bytes
    kind: str = "text/plain; charset=utf-8"


class _Quiet(WSGIRequestHandler):
    """A scrape each second is no news."""

    timeout = PATIENCE_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        del format, args


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request: whoever opens a connection and says nothing must not make the service look dead."""

    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking DNS for our own name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news either."""
        del request, client_address

    @property
    def listens(self) -> str:
        """host:port, the port the one we were given where 0 was asked for."""
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"{host}:{self.server_port}"


class _Server6(Server):
    address_family = socket.AF_INET6


def server(listen: str, registry: CollectorRegistry, alive: Callable[[], str], ready: Callable[[], str]) -> Server:
    """A server bound to `listen` (host:port; port 0 is any free one). `alive` and `ready` say what is wrong, or nothing."""

    def answer(method: str, path: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return Answer("405 Method Not Allowed", b"read only: GET\n")
        if path == "/metrics":
            return Answer("200 OK", generate_latest(registry), CONTENT_TYPE_LATEST)
        checks = {"/healthz": alive, "/readyz": ready}
        if path not in checks:
            return Answer("404 Not Found", b"try /metrics, /healthz or /readyz\n")
        problem = checks[path]()
        return Answer("503 Service Unavailable" if problem else "200 OK", (problem or "ok").encode() + b"\n")

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        method = str(environ.get("REQUEST_METHOD", ""))
        found = answer(method, str(environ.get("PATH_INFO", "")))
        start(found.status, [("Content-Type", found.kind), ("Content-Length", str(len(found.body)))])
        return [] if method == "HEAD" else [found.body]

    made = _bound(listen)
    made.set_app(application)
    return made


def _bound(listen: str) -> Server:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        return (_Server6 if ":" in host else Server)((host, int(port)), _Quiet)
    except (OSError, OverflowError, ValueError) as error:
        raise SetupError(f"cannot listen on {listen}: {error}", hint="free the port, or set service.listen to another host:port") from error
