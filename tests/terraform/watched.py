"""A machine whose cloud tells it alone what becomes of it: its metadata server, and its watcher as the module join writes it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.providers.loopback import Asked, Loopback, Reply
from tests.terraform.conftest import MODULES
from tests.terraform.metadata import AZURE, GOOGLE, Cloud

SCRIPTS = MODULES / "modules" / "join" / "scripts"
LATE = 30
"""Seconds after which a test has failed."""

# A second is over at once.
SLEEP = "#!/bin/sh\nexec /bin/sleep 0.01\n"


@dataclass(slots=True)
class Host:
    """`values`: by name, what each value is, one after the other; then it stays, and who waits for a change waits. `asked`: all of that."""

    values: Mapping[str, list[str]]
    asked: "SimpleQueue[tuple[str, str]]" = field(default_factory=SimpleQueue)
    over: "SimpleQueue[None]" = field(default_factory=SimpleQueue)
    cloud: Cloud = field(default_factory=lambda: Cloud(""))

    def respond(self, asked: Asked) -> Reply:
        """As Google's does, strict about its header."""
        if asked.path == f"{AZURE}scheduledevents":
            return self._next_events(asked)
        if "wait_for_change" not in asked.params:
            return self.cloud.respond(asked)
        name = asked.path.removeprefix(f"{GOOGLE}instance/")
        if asked.headers.get("metadata-flavor") != "Google" or name not in ("preempted", "maintenance-event"):
            return Reply(status=403)
        told, last = self.values.get(name, ["NONE"]), int(asked.params["last_etag"], 16)
        if last >= len(told):
            self.asked.put((name, told[-1]))
            with suppress(Empty):
                self.over.get(timeout=LATE)
            return Reply(status=503)
        return Reply(body=told[last].encode(), headers={"ETag": f"{last + 1:x}"})

    def _next_events(self, asked: Asked) -> Reply:
        """Each document once."""
        if asked.headers.get("metadata") != "true" or asked.params != {"api-version": "2020-07-01"}:
            return Reply(status=400)
        if self.told:
            return Reply(body=self.told.pop(0).encode())
        self.asked.put(("scheduledevents", ""))
        with suppress(Empty):
            self.over.get(timeout=LATE)
        return Reply(status=503)

    @property
    def told(self) -> list[str]:
        """Documents of events still to come."""
        return self.values.get("scheduledevents", [])

    def settled(self, name: str) -> None:
        """All that there is to be said of it has been heard, and done."""
        while self.asked.get(timeout=LATE)[0] != name:
            pass


def watcher(settings: Mapping[str, str], provider: str) -> str:
    """As the module puts it together."""
    known = [f"{name}='{value}'" for name, value in settings.items()]
    parts = [(SCRIPTS / f"{name}.sh").read_text() for name in ("common", provider, "watch", f"watch-{provider}")]
    return "\n".join(["#!/bin/sh", "set -eu", "", *known, "", *parts])


@contextmanager
def watching(folder: Path, text: str) -> Iterator[Path]:
    """It runs; what it says is in the file. It and all that it started are ended."""
    (folder / "bin").mkdir()
    (folder / "bin" / "sleep").write_text(SLEEP)
    (folder / "bin" / "sleep").chmod(0o755)
    said = folder / "said"
    with said.open("wb") as out:
        env = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
        running = subprocess.Popen(["sh", "-c", text], env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            yield said
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


@contextmanager
def hosted(values: Mapping[str, list[str]]) -> Iterator[tuple[Host, str]]:
    """A metadata server, and where it listens."""
    host = Host(values)
    with Loopback(host.respond) as server:
        yield host, server.url
        for _ in range(8):
            host.over.put(None)
