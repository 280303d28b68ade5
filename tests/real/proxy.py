"""A real HAProxy for tests: no retries, no redispatch, empty slots for servers, and a runtime socket."""

import csv
import io
import socket
import subprocess
from pathlib import Path

from tests.real.waiting import free_port, until

SLOTS = 30
CONFIG = """\
global
  stats socket {socket} mode 600 level admin
  maxconn 8000
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client 60s
  timeout server 30s
  timeout http-keep-alive 60s
frontend exporter
  bind 127.0.0.1:{exporter}
  http-request use-service prometheus-exporter if {{ path /metrics }}
"""
BACKEND = """\
frontend front-{name}
  bind 127.0.0.1:{port}
  default_backend {name}
backend {name}
  balance roundrobin
  no option redispatch
  option httpchk GET /health
  server-template s 1-{slots} 127.0.0.1:1 check inter 500ms fall 2 rise 1 disabled
"""


class Proxy:
    """One HAProxy with a frontend and a backend per service."""

    def __init__(self, folder: Path, services: list[str]) -> None:
        self.folder = folder
        self.socket = folder / "haproxy.sock"
        self.exporter = free_port()
        self.ports = {name: free_port() for name in services}
        config = folder / "haproxy.cfg"
        config.write_text(
            CONFIG.format(socket=self.socket, exporter=self.exporter)
            + "".join(BACKEND.format(name=name, port=port, slots=SLOTS) for name, port in self.ports.items())
        )
        with (folder / "haproxy.log").open("wb") as log:
            self._process = subprocess.Popen(["haproxy", "-db", "-f", str(config)], stdout=log, stderr=log)
        until(lambda: self.socket.exists() and bool(self.say("show info")), "HAProxy answers", 10)

    def say(self, order: str) -> str:
        """One order to the runtime socket, and its answer."""
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(str(self.socket))
            except OSError:
                return ""
            door.sendall(f"{order}\n".encode())
            return b"".join(iter(lambda: door.recv(65536), b"")).decode().strip()

    def stats(self, service: str) -> dict[str, dict[str, str]]:
        """HAProxy's own row per server slot."""
        rows = csv.DictReader(io.StringIO(self.say("show stat").removeprefix("# ")))
        return {row["svname"]: row for row in rows if row["pxname"] == service and row["svname"].startswith("s")}

    def in_rotation(self, service: str) -> int:
        """How many servers take new requests."""
        return sum(row["status"].startswith("UP") for row in self.stats(service).values())

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(10)


class Follower:
    """What everyone has: whoever runs joins the rotation, whoever has ended leaves it. It plans nothing ahead."""

    def __init__(self, proxy: Proxy, service: str) -> None:
        self._proxy = proxy
        self._service = service
        self._slots: dict[str, str] = {}
        self._free = [f"s{number}" for number in range(1, SLOTS + 1)]

    def follow(self, running: dict[str, tuple[str, int]]) -> None:
        """Makes the rotation what runs now: task id to address and port."""
        for task in set(self._slots) - set(running):
            slot = self._slots.pop(task)
            self._say(slot, "state maint")
            self._free.append(slot)  # the one longest out of use is used next
        for task in set(running) - set(self._slots):
            address, port = running[task]
            if not port:
                continue
            slot = self._slots[task] = self._free.pop(0)
            self._say(slot, f"addr {address} port {port}")
            self._say(slot, "state ready")

    def _say(self, slot: str, order: str) -> None:
        self._proxy.say(f"set server {self._service}/{slot} {order}")
