"""A server on the loopback that answers what a test tells it to, and everything a bad one, or a bad network, may send instead."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from autoscaler.service.runtime import SystemRuntime, background

RUNTIME = SystemRuntime()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`ahead`: seconds by which its clock is before ours. `pace`: waits between the chunks of its body; None sends it whole."""

    body: bytes = b""
    status: int = 200
    ahead: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    date: bool = True
    pause: Callable[[], None] | None = None


def seconds() -> float:
    """Now."""
    return RUNTIME.now() / 1000


def shows(told: object) -> Reply:
    """An answer in JSON."""
    return Reply(body=json.dumps(told).encode())


class FakeHttp:
    """`answers`: path to reply; `default` for all others. `asked` lists the paths, `headers` what came with them."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.default = Reply(status=404)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "fake-http")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()

    def question(self, path: str) -> str:
        """What a path asks for, as `asked` lists it."""
        return path

    def answer(self, question: str) -> Reply:
        """What it is answered."""
        return self.answers.get(question, self.default)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.headers.append(dict(self.headers.items()))
                fake.asked.append(fake.question(self.path))
                self.reply(fake.answer(fake.asked[-1]))

            def reply(self, reply: Reply) -> None:
                self.send_response_only(reply.status)
                if reply.date:
                    self.send_header("Date", formatdate(seconds() + reply.ahead, usegmt=True))
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for start in range(0, len(reply.body), 16 if reply.pause else 65536):
                    self.wfile.write(reply.body[start : start + (16 if reply.pause else 65536)])
                    if reply.pause:
                        reply.pause()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""
