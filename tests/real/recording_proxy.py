"""A socket that stands before another one, passes everything on, and writes down which requests went through."""

import contextlib
import re
import socket
import threading
from pathlib import Path

REQUEST = re.compile(rb"^(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.[01]\r\n", re.MULTILINE)


class RecordingProxy:
    """Listens at `front`, speaks to `back`; `requests` are (method, path) in order of arrival."""

    def __init__(self, front: Path, back: Path) -> None:
        self.front = front
        self.requests: list[tuple[str, str]] = []
        self._back = back
        self._talks: list[socket.socket] = []
        self.open()

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Requests that may change something."""
        return [request for request in self.requests if request[0] not in ("GET", "HEAD")]

    def open(self) -> None:
        """Listen, at first or again."""
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self.front))
        self._door.listen(32)
        threading.Thread(target=self._serve, args=(self._door,), daemon=True).start()

    def close(self) -> None:
        """Nobody new gets through, what is open is cut, and the file is gone."""
        self.front.unlink(missing_ok=True)
        for one in (self._door, *self._talks):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # close alone would not wake who waits for it
            one.close()
        self._talks.clear()

    def _serve(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._back))
                self._talks += [client, server]
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, note: bool) -> None:  # noqa: FBT001 - two pumps, one noted
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if note:
                    self.requests += [(method.decode(), path.decode()) for method, path in REQUEST.findall(data)]
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
