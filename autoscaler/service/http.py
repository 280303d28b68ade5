"""/metrics, /healthz and /readyz, on loopback unless told otherwise. Read only: no request changes anything."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from autoscaler.errors import SetupError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its body, and what it is."""

    status: str
    body: bytes
    kind: str = "text/plain; charset=utf-8"


class _Quiet(WSGIRequestHandler):
    """A scrape each second is no news."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        del format, args


def server(listen: str, registry: CollectorRegistry, alive: Callable[[], str], ready: Callable[[], str]) -> WSGIServer:
    """A server bound to `listen` (host:port). `alive` and `ready` say what is wrong, or nothing."""

    def answer(path: str) -> Answer:
        if path == "/metrics":
            return Answer("200 OK", generate_latest(registry), CONTENT_TYPE_LATEST)
        checks = {"/healthz": alive, "/readyz": ready}
        if path not in checks:
            return Answer("404 Not Found", b"try /metrics, /healthz or /readyz\n")
        problem = checks[path]()
        return Answer("503 Service Unavailable" if problem else "200 OK", (problem or "ok").encode() + b"\n")

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        found = answer(str(environ.get("PATH_INFO", "")))
        start(found.status, [("Content-Type", found.kind), ("Content-Length", str(len(found.body)))])
        return [found.body]

    host, _, port = listen.rpartition(":")
    try:
        return make_server(host.strip("[]"), int(port), application, handler_class=_Quiet)
    except (OSError, ValueError) as error:
        raise SetupError(f"cannot listen on {listen}: {error}", hint="free the port, or set service.listen to another host:port") from error
