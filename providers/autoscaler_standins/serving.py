"""One cloud over HTTP on this machine: its faults, and a list of what it was asked."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import background
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Faults, Kind

CONTROL = "/_standin/"
"""Below it the stand-in itself is told and asked, by tests in another process and by curious users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `headers`: by their names in small letters. `params`: the first value of each."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A call that was answered. `mutates`: it is one that changes something."""

    operation: str
    mutates: bool
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A machine that runs, as the cluster sees it that it joins.

    `node`: its name there. `since`: milliseconds since 1970. `address`: its private one.
    """

    node: str
    id: str
    type: str
    zone: str
    cpu_milli: int
    memory_bytes: int
    gpus: int
    gpu: str
    since: int
    address: str = ""


class Cloud(Protocol):
    """A vendor's half; one call at a time enters it. `clock`: its time."""

    clock: Clock

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """What is asked for, as `service.Operation`, and whether that changes anything."""
        ...

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Do it."""
        ...

    def refusal(self, fault: Fault) -> Reply:
        """The vendor's way to say no."""
        ...

    def running(self) -> list[Running]:
        """Machines that would have joined a cluster by now."""
        ...


class Standin:
    """`calls`: all that were answered, in order. `mistakes`: of its own, which are answered by 500. Listens from `with` to its end."""

    def __init__(self, cloud: Cloud, runtime: Runtime, port: int = 0) -> None:
        self.cloud = cloud
        self.faults = Faults()
        self.calls: list[Served] = []
        self.mistakes: list[str] = []
        self._runtime = runtime
        self._before: dict[tuple[str, str, bytes], Reply] = {}
        self._turn = threading.RLock()
        self._server = _Server(("127.0.0.1", port), _handler(self))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "standin")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """No faults to come, no calls remembered."""
        with self._turn:
            self.faults, self.calls = Faults(), []
            self._before.clear()

    def changed(self) -> list[str]:
        """The operations that were asked for and change something."""
        return [one.operation for one in self.calls if one.mutates]

    def served(self, asked: Asked) -> Reply | None:
        """The reply, or None where the connection is to end without one."""
        if asked.path.startswith(CONTROL):
            return self._told(asked)
        with self._turn:
            operation, mutates = self.cloud.operation(asked)
            fault = self.faults.take(operation)
            reply = self._tried(operation, asked, fault)
            self.calls.append(Served(operation=operation, mutates=mutates, status=reply.status))
        if fault and fault.kind is Kind.DELAY:
            self._runtime.sleep(Duration(fault.ms))
        return None if fault and fault.kind is Kind.CUT else reply

    def _tried(self, operation: str, asked: Asked, fault: Fault | None) -> Reply:
        try:
            return self._befallen(operation, asked, fault)
        except Exception as error:  # noqa: BLE001 - whatever it is, its client must not be the one to end
            self.mistakes.append(f"{operation}: {error!r}")
            return Reply(body=self.mistakes[-1].encode(), status=500)

    def _befallen(self, operation: str, asked: Asked, fault: Fault | None) -> Reply:
        key = (asked.method, asked.path + repr(sorted(asked.params.items())), asked.body)
        if fault and fault.kind is Kind.REFUSE:
            return self.cloud.refusal(fault)
        if fault and fault.kind is Kind.STALE and key in self._before:
            return self._before[key]
        reply = self._before[key] = self.cloud.answer(operation, asked)
        return reply

    def _told(self, asked: Asked) -> Reply:
        with self._turn:
            match asked.method, asked.path.removeprefix(CONTROL):
                case "POST", "faults":
                    self.faults.add(Fault(**{**one, "kind": Kind(one["kind"])}) for one in json.loads(asked.body))
                case "POST", "skip":
                    self.cloud.clock.skip(Duration(int(json.loads(asked.body)["ms"])))
                case "GET", "calls":
                    return _json([asdict(one) for one in self.calls])
                case "GET", "machines":
                    return _json([asdict(one) for one in self.cloud.running()])
                case _:
                    return Reply(status=404)
            return _json({})


def _json(data: Any) -> Reply:  # noqa: ANN401 - whatever JSON holds
    return Reply(body=json.dumps(data).encode(), headers={"Content-Type": "application/json"})


def _handler(standin: Standin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each body waits 40 ms for its head to be acknowledged

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=split.path,
                params={name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            reply = standin.served(asked)
            if reply is None:
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            self.send_header("Date", formatdate(standin.cloud.clock.now() / 1000, usegmt=True))
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the server calls them by these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""
