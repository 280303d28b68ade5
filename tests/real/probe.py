"""An open-loop probe: constant rate, no retry, one logged outcome per request, in a process of its own.

Half of the requests open a connection, half use a kept one. `python probe.py PORT LOG RATE` reads orders from its
standard input, one a line: a number is a new rate per second; the end of the input is the end of the run.
Each line of the log is `started finished fresh|reused outcome`, in seconds of the monotonic clock, which all
processes of a machine share. `outcome` is `ok`, an HTTP status, or how the connection failed.
"""

import asyncio
import collections
import contextlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

PATIENCE_S = 10
ASK = b"GET / HTTP/1.1\r\nHost: probe\r\n"
OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line of the log."""

    started: float
    finished: float
    fresh: bool
    outcome: str

    @classmethod
    def parse(cls, line: str) -> Self:
        started, finished, connection, outcome = line.split()
        return cls(started=float(started), finished=float(finished), fresh=connection == "fresh", outcome=outcome)

    def __str__(self) -> str:
        return f"{self.started:.4f} {self.finished:.4f} {'fresh' if self.fresh else 'reused'} {self.outcome}"


@dataclass(frozen=True, slots=True)
class Summary:
    """All requests of a run, by their start."""

    requests: tuple[Request, ...]

    @classmethod
    def read(cls, log: Path) -> Self:
        lines = log.read_text().splitlines()
        return cls(tuple(sorted((Request.parse(line) for line in lines), key=lambda request: request.started)))

    @property
    def failed(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.outcome != OK)

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(collections.Counter(request.outcome for request in self.failed))

    @property
    def longest(self) -> float:
        return max((request.finished - request.started for request in self.requests), default=0)

    def rate(self, since: float, until: float) -> float:
        """Requests begun per second in that span: lower than ordered, the probe itself could not keep up."""
        return sum(since <= request.started < until for request in self.requests) / (until - since)

    def in_flight(self, at: float) -> int:
        return sum(request.started < at < request.finished for request in self.requests)

    def fresh_share(self) -> float:
        return sum(request.fresh for request in self.requests) / max(1, len(self.requests))

    def __str__(self) -> str:
        return f"{len(self.requests)} requests, {len(self.failed)} failed {self.outcomes}, longest {self.longest:.1f} s"


class Probe:
    """A running probe, seen from the test."""

    def __init__(self, port: int, log: Path, rate: int) -> None:
        self._log = log
        command = [sys.executable, __file__, str(port), str(log), str(rate)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        self.began = time.monotonic()

    def set_rate(self, rate: int) -> None:
        """So many requests per second from now on."""
        assert self._process.stdin
        self._process.stdin.write(f"{rate}\n")
        self._process.stdin.flush()

    def stop(self) -> Summary:
        """Ends it when all that is in flight has an outcome."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        assert self._process.wait(PATIENCE_S * 3) == 0, "the probe itself failed"
        return Summary.read(self._log)

    def kill(self) -> None:
        """Ends it at once, for a test that failed."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()


@dataclass(slots=True)
class Kept:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Gun:
    """Sends requests and writes down what became of each."""

    def __init__(self, port: int, log: TextIO) -> None:
        self._port = port
        self._log = log
        self._idle: list[Kept] = []
        self._flying: set[asyncio.Task[None]] = set()

    def fire(self, *, keep: bool) -> None:
        """One request, which nobody waits for."""
        task = asyncio.get_running_loop().create_task(self._request(keep=keep))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def settle(self) -> None:
        """Until each request has its outcome."""
        await asyncio.gather(*self._flying)
        for kept in self._idle:
            kept.writer.close()

    async def _request(self, *, keep: bool) -> None:
        started = time.monotonic()
        kept = self._take() if keep else None
        fresh = kept is None
        outcome = "timeout"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                outcome = await self._outcome(kept, keep=keep)
        print(Request(started=started, finished=time.monotonic(), fresh=fresh, outcome=outcome), file=self._log)

    async def _outcome(self, kept: Kept | None, *, keep: bool) -> str:
        try:
            if kept is None:
                kept = Kept(*await asyncio.open_connection("127.0.0.1", self._port))
            return await self._exchange(kept, keep=keep)
        except ConnectionRefusedError:
            return "refused"
        except asyncio.IncompleteReadError as error:
            return "cut" if error.partial else "closed"
        except OSError:
            return "reset"

    async def _exchange(self, kept: Kept, *, keep: bool) -> str:
        kept.writer.write(ASK + (b"\r\n" if keep else b"Connection: close\r\n\r\n"))
        stays = False
        try:
            head = (await kept.reader.readuntil(b"\r\n\r\n")).lower()
            await _body(kept.reader, head)
            stays = keep and b"\r\nconnection: close" not in head
        finally:
            # Not kept in any doubt: a connection with half an answer in it would spoil the next request.
            if stays:
                self._idle.append(kept)
            else:
                kept.writer.close()
        status = head.split(b" ", 2)[1].decode()
        return OK if status == "200" else status

    def _take(self) -> Kept | None:
        while self._idle:
            kept = self._idle.pop()
            if not kept.reader.at_eof():
                return kept
            kept.writer.close()
        return None


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
    if lengths:
        await reader.readexactly(int(lengths[0]))
    else:
        await reader.read()


class Pace:
    """The rate now, as ordered on standard input."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.over = False

    async def listen(self) -> None:
        """Follows the orders until there are no more."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.rate = int(line)
        self.over = True


async def shoot(port: int, log: TextIO, rate: int) -> None:
    """Constant rate whatever becomes of the requests: a slow answer delays no other request."""
    gun, pace = Gun(port, log), Pace(rate)
    listening = asyncio.get_running_loop().create_task(pace.listen())
    due, keep = time.monotonic(), False
    while not pace.over:
        gun.fire(keep=keep)
        keep = not keep
        due += 1 / pace.rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await gun.settle()
    await listening


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w") as log_file:
        asyncio.run(shoot(int(sys.argv[1]), log_file, int(sys.argv[3])))
