"""Finds the processes of one engine by what the kernel says of them, and ends exactly those.

An engine's own processes are in its network namespace; its containers, which have namespaces of their own and outlive
an engine that was killed hard, are in its cgroup. Names and process ids alone would also hit somebody else's.
"""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import ProviderError
from autoscaler_lab.layout import EnginePaths
from autoscaler_lab.network import NAMESPACES
from autoscaler_lab.waiting import wait_until

PROC = Path("/proc")
START_TIME = 21
"""Where /proc/PID/stat has the start of the process, in clock ticks since boot, from 0."""
GRACE_MS = 15_000
KILL_MS = 10_000


@dataclass(frozen=True, slots=True)
class Process:
    """A process and the moment it began: together they name it for good, though ids come round again."""

    pid: int
    started: int

    @classmethod
    def find(cls, pid: int) -> Self | None:
        """The process of that id; None if it is gone or only waits for its parent to take note of its end."""
        try:
            # The command, in brackets, may hold anything: what is behind the last bracket is regular.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in ("Z", "X") else cls(pid, int(fields[START_TIME - 2]))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Process.find(self.pid) == self

    def end(self, number: signal.Signals) -> None:
        """Sends the signal; gone already is fine."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def of_engine(engine: EnginePaths) -> list[Process]:
    """All that runs of this engine and in its containers."""
    space = _identity(NAMESPACES / engine.namespace)
    return [found for found in _all() if _is_of(found, engine, space)]


def keepers(folder: Path, module: str) -> list[Process]:
    """The processes that began as `python -m MODULE FOLDER NUMBER`."""
    wanted = [b"-m", module.encode(), bytes(folder)]
    return [found for found in _all() if _arguments(found)[1:4] == wanted]


def stop(engine: EnginePaths, main: Process | None, runtime: Runtime) -> None:
    """Asks the engine to end, then ends by force what is left of it; ProviderError if anything survives that."""
    if main:
        main.end(signal.SIGTERM)
        wait_until(lambda: not main.alive, runtime, GRACE_MS)
    kill(engine, runtime)


def kill(engine: EnginePaths, runtime: Runtime) -> None:
    """Ends by force all that runs of this engine."""
    if not wait_until(lambda: _strike(engine), runtime, KILL_MS):
        raise ProviderError(
            f"processes of {engine.name} do not end: {[found.pid for found in of_engine(engine)]}",
            hint="they may hang in the kernel: try `autoscaler lab down` again later",
        )


def _strike(engine: EnginePaths) -> bool:
    # Again and again: a process may start another between the look and the blow.
    left = of_engine(engine)
    for found in left:
        found.end(signal.SIGKILL)
    return not left


def _all() -> list[Process]:
    own = os.getpid()
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    return [found for pid in pids if pid != own and (found := Process.find(pid))]


def _is_of(found: Process, engine: EnginePaths, space: tuple[int, int] | None) -> bool:
    folder = PROC / str(found.pid)
    if space and _identity(folder / "ns" / "net") == space:
        return True
    try:
        return f"/{engine.cgroup}/" in (folder / "cgroup").read_text()
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def _arguments(found: Process) -> list[bytes]:
    try:
        return (PROC / str(found.pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
