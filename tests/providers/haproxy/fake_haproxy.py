"""HAProxy's runtime socket: server slots, the orders we give, and the very answers of HAProxy 2.6."""

import re
import socketserver
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from autoscaler.service.runtime import background

STATE_HEADER = (
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change"
    " srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn"
    " srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port"
)
STAT_HEADER = "# pxname,svname,qcur,scur,status,check_status,check_rise,check_fall,check_health,addr,"
RISE, FALL = 1, 2
FULL = RISE + FALL - 1
BY_SOCKET = "by 'stats socket command'"


@dataclass(slots=True)
class FakeSlot:
    """One server. `check` is the last check's result; it outlives whoever had the slot, as in HAProxy."""

    backend: str
    name: str
    number: int
    checked: bool
    host: str = "127.0.0.1"
    port: int = 1
    admin: int = 5
    weight: int = 1
    unused: int = 1
    sessions: int = 0
    queued: int = 0
    health: int = 0
    check: str = ""

    @property
    def running(self) -> bool:
        """Not in maintenance, and not taken for dead."""
        return not self.admin & 1 and (not self.checked or self.health > 0)

    def order(self, order: str) -> str:
        """One `set server`."""
        match order.split():
            case ["addr", host, "port", port] if re.fullmatch("[0-9.]+|[0-9a-f:]+", host):
                same = (host, int(port)) == (self.host, self.port)
                self.host, self.port = host, int(port) & 0xFFFF
                changed = f"IP changed from '…' to '{host}', port changed from '…' to '{port}' {BY_SOCKET}"
                return f"no need to change the addr, no need to change the port {BY_SOCKET}" if same else changed
            case ["addr", host, *_]:
                return f"Invalid addr '{host}' {BY_SOCKET}"
            case ["state", "ready"]:
                self._leave_maintenance(drain=False)
            case ["state", "drain"]:
                self._leave_maintenance(drain=True)
            case ["state", "maint"]:
                self.admin, self.unused, self.health = self.admin & 4 | 1, 0, 0
            case _:
                return "'set server <srv> state' expects 'ready', 'drain' and 'maint'."
        return ""

    def _leave_maintenance(self, *, drain: bool) -> None:
        if self.admin & 1:
            self.health = RISE  # half well, whatever the last check said
        self.admin, self.unused = self.admin & 4 | (8 if drain else 0), 0

    def state_line(self) -> str:
        """A line of `show servers state`."""
        checks = (6 if not self.admin & 1 else 14) if self.checked else 0
        head = f"3 {self.backend} {self.number} {self.name} {self.host} {2 * self.running} {self.admin} {self.weight} 1 {self.unused}"
        return f"{head} 1 0 {self.health} {checks} 0 0 0 - {self.port} - 0 0 - - 0"

    def stat_line(self) -> str:
        """A line of `show stat`, cut to the columns that matter."""
        health = f"{RISE},{FALL},{self.health}" if self.checked else ",,"
        check = self.check if self.checked and not self.admin & 1 else ""
        return f"{self.backend},{self.name},{self.queued},{self.sessions},UP,{check},{health},{self.host}:{self.port},"


class FakeHaproxy:
    """Slots by backend. `reply`: says this to every order instead (None: nothing, and hangs up). `said` lists the orders."""

    def __init__(self, path: Path, backends: dict[str, int], unchecked: set[str]) -> None:
        self.path = path
        self.said: list[str] = []
        self.reply: dict[str, str | None] = {}
        self.slots = [
            FakeSlot(backend, f"s{number}", number, backend not in unchecked)
            for backend, count in backends.items()
            for number in range(1, count + 1)
        ]
        self._server = _Server(str(path), self._handler())

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "fake-haproxy")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """HAProxy is gone, and its socket with it."""
        self._server.shutdown()
        self._server.server_close()
        self.path.unlink(missing_ok=True)

    def check(self) -> None:
        """All checks pass, and requests in flight end."""
        for slot in self.slots:
            slot.sessions = 0
            if slot.checked and not slot.admin & 1:
                slot.health, slot.check = FULL, "L7OK"

    def slot(self, name: str, backend: str = "web") -> FakeSlot:
        """One slot."""
        return next(one for one in self.slots if (one.backend, one.name) == (backend, name))

    def answer(self, order: str) -> str | None:
        """What it says to one order."""
        self.said.append(order)
        replied = next((key for key in self.reply if order.startswith(key)), None)
        if replied is not None:
            return self.reply[replied]
        if order == "show servers state":
            return "\n".join(["1", STATE_HEADER, *(slot.state_line() for slot in self.slots), ""])
        if order == "show stat -1 4 -1":
            return "\n".join([STAT_HEADER, *(slot.stat_line() for slot in self.slots), ""])
        return self._set(order)

    def _set(self, order: str) -> str:
        found = re.fullmatch("set server ([^/ ]+)/([^ ]+) (.+)", order)
        if not found:
            return "Unknown command, but maybe one of the following ones is a better match:"
        if found[1] not in {slot.backend for slot in self.slots}:
            return "No such backend."
        meant = [slot for slot in self.slots if (slot.backend, slot.name) == (found[1], found[2])]
        return meant[0].order(found[3]) if meant else "No such server."

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                answer = fake.answer(self.rfile.readline().decode().strip())
                if answer is not None:
                    self.wfile.write(f"{answer}\n".encode())

        return Handler


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""
