"""The few commands we send to a Redis, on the loopback, and everything a bad one may reply instead."""

import socketserver
from collections.abc import Callable
from typing import Self

from autoscaler.service.runtime import background

OK = b"+OK\r\n"
PRIMARY = b"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"


def number(value: int) -> bytes:
    """An integer reply."""
    return b":%d\r\n" % value


def bulk(value: bytes) -> bytes:
    """A text."""
    return b"$%d\r\n%s\r\n" % (len(value), value)


def error(words: str) -> bytes:
    """An error."""
    return b"-%s\r\n" % words.encode()


def replica(state: str) -> bytes:
    """ROLE of a replica in that state."""
    return b"*5\r\n" + bulk(b"slave") + bulk(b"10.0.0.1") + number(6379) + bulk(state.encode()) + number(7)


def groups(*each: dict[str, int | str | None]) -> bytes:
    """XINFO GROUPS."""
    return b"*%d\r\n" % len(each) + b"".join(b"*%d\r\n" % (2 * len(one)) + b"".join(map(_field, one, one.values())) for one in each)


def _field(name: str, value: int | str | None) -> bytes:
    return bulk(name.encode()) + (b"$-1\r\n" if value is None else number(value) if isinstance(value, int) else bulk(value.encode()))


class FakeRedis:
    """`replies`: command line to reply; `default` for all others. `asked` lists the commands; `pause` comes before each reply."""

    def __init__(self) -> None:
        self.replies: dict[str, bytes] = {"ROLE": PRIMARY}
        self.default = number(0)
        self.asked: list[str] = []
        self.pause: Callable[[], None] | None = None
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self._server.server_address[1]}/0"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "fake-redis")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more; whoever is connected is cut off at the next command."""
        self.pause = self._hang_up
        self._server.shutdown()
        self._server.server_close()

    def _hang_up(self) -> None:
        raise ConnectionResetError

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while head := self.rfile.readline():
                    words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2].decode() for _ in range(int(head[1:]))]
                    self.wfile.write(self.reply(words))

            def reply(self, words: list[str]) -> bytes:
                if words[0] == "CLIENT":
                    return OK
                fake.asked.append(" ".join(words))
                if fake.pause:
                    fake.pause()
                return fake.replies.get(" ".join(words), fake.default)

        return Handler


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""
