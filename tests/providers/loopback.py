"""An HTTP server on the loopback that answers what a test tells it to, and anything a bad network may make of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from autoscaler.service.runtime import SystemRuntime, background

RUNTIME = SystemRuntime()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`ahead`: seconds by which its clock is before ours. `pause`: comes before each part of its body."""

    body: bytes = b"{}"
    status: int = 200
    ahead: int = 0
    date: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `target`: its path and query as they came. `headers`: by their names in small letters."""

    method: str
    target: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def answer(data: object, status: int = 200) -> Reply:
    """JSON; NaN and infinities stand in it as Python writes them."""
    return Reply(body=json.dumps(data).encode(), status=status)


def seconds() -> float:
    """Now."""
    return RUNTIME.now() / 1000


class Loopback:
    """`respond` answers each request; `asked` lists them."""

    def __init__(self, respond: Callable[[Asked], Reply]) -> None:
        self.asked: list[Asked] = []
        self._respond = respond
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "loopback")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each body waits 40 ms for its head to be acknowledged

            def do_GET(self) -> None:
                split = urlsplit(self.path)
                asked = Asked(
                    method=self.command,
                    target=self.path,
                    path=split.path,
                    params={name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()},
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
                server.asked.append(asked)
                self.reply(server._respond(asked))

            do_POST = do_PUT = do_GET  # noqa: N815 - the server calls them by these names

            def reply(self, reply: Reply) -> None:
                self.send_response_only(reply.status)
                if reply.date:
                    self.send_header("Date", formatdate(seconds() + reply.ahead, usegmt=True))
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                size = 16 if reply.pause else 65536
                for start in range(0, len(reply.body), size):
                    if reply.pause:
                        reply.pause()
                    self.wfile.write(reply.body[start : start + size])
                    self.wfile.flush()
                self.close_connection |= "Content-Length" in reply.headers  # a body shorter than it says ends by hanging up

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""
