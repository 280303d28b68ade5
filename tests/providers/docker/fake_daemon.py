"""A Docker engine's HTTP on a Unix socket, and the ways it can fail."""

import gc
import json
import socketserver
import warnings
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from autoscaler.service.runtime import background

VERSION = "1.41"
Answer = Callable[[str, str, dict[str, str], Any], tuple[int, Any]]
"""Method, path without its version, query, body; status and object."""


class FakeDaemon:
    """Serves `answer` at `path`. `fault` is consulted first: it may return an answer of its own, or HANG or CUT.

    CUT hangs up without a word *after* the request was carried out. `asked` lists every request, as `METHOD /path`.
    """

    CUT = "cut"
    SILENT = "silent"
    HTML = "html"

    def __init__(self, path: Path, answer: Answer) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.gone = False
        self.fault: Callable[[str, str], Any] = lambda _method, _path: None
        self._answer = answer
        self._path = path
        self._server = _Server(str(path), self._handler())

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"unix://{self._path}"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "fake-daemon")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """The engine is gone, and its socket with it."""
        self.gone = True
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)

    def serve(self, method: str, target: str, body: object) -> tuple[int, Any] | str:
        """One request."""
        address = urlsplit(target)
        path = address.path.removeprefix(f"/v{VERSION}")
        self.asked.append(f"{method} {path}")
        fault = self.fault(method, path)
        if isinstance(fault, tuple | str) and fault != self.CUT:
            return fault
        found = self._answer(method, path, dict(parse_qsl(address.query)), body)
        return self.CUT if fault == self.CUT else found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        daemon = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Callable[[], None]:
                if not name.startswith("do_"):
                    raise AttributeError(name)
                return self.answer

            def answer(self) -> None:
                daemon.headers.append(dict(self.headers.items()))
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                found = daemon.serve(self.command, self.path, json.loads(body) if body else None)
                if isinstance(found, tuple):
                    self.reply(found[0], found[1])
                elif found == FakeDaemon.HTML:
                    self.reply(200, None, b"<html>proxy</html>")
                else:
                    self.close_connection = True

            def reply(self, status: int, found: object, raw: bytes = b"") -> None:
                lines = found if isinstance(found, list) and found and found[0] == "LINES" else None
                said = raw or (b"".join(json.dumps(one).encode() + b"\n" for one in lines[1:]) if lines else _dumped(found))
                self.send_response(status)
                self.send_header("Api-Version", VERSION)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def collect_forgotten_sockets() -> None:
    """docker-py forgets a socket nobody listened at without closing it: collected here, where that is no error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self) -> tuple[Any, Any]:
        request, _ = super().get_request()
        return request, ("fake", 0)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


def _dumped(found: object) -> bytes:
    return b"" if found is None else json.dumps(found).encode()
