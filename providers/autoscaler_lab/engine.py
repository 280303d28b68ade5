"""Starts one Docker engine in namespaces of its own, and removes all that it and its containers leave."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import ProviderError
from autoscaler_lab import cgroups, engine_api, network, processes
from autoscaler_lab.commands import succeeds
from autoscaler_lab.layout import EnginePaths
from autoscaler_lab.processes import Process
from autoscaler_lab.waiting import wait_until

READY_MS = 60_000
SHUTDOWN_S = 5
"""Seconds the engine gives its containers when it is asked to end: by then they are to be drained already."""


def start(engine: EnginePaths) -> Process:
    """A detached engine process: it outlives whoever started it. It does not answer yet."""
    (engine.home / "run").mkdir(parents=True)
    (engine.home / "daemon.json").write_text("{}")  # else the machine's own /etc/docker/daemon.json is read
    if engine.lab.memory:
        (engine.home / "meminfo").write_text(_with_memory(Path("/proc/meminfo").read_text(), engine.lab.memory))
    engine.alias.symlink_to(engine.home.name)
    with engine.log.open("ab") as log:
        begun = subprocess.Popen(_command(engine), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    # nsenter, unshare and our own part each turn into the next: the id stays the engine's.
    found = Process.find(begun.pid)
    if not found:
        raise _ended(engine)
    return found


def wait_ready(engine: EnginePaths, main: Process, runtime: Runtime) -> None:
    """Until it answers; ProviderError with the end of its log if it ended or stays silent."""
    socket = engine.socket
    wait_until(lambda: not main.alive or (socket.exists() and engine_api.ping(socket)), runtime, READY_MS)
    if not main.alive:
        raise _ended(engine)
    if not engine_api.ping(socket):
        raise ProviderError(f"{engine.name} does not answer after {READY_MS // 1000} s", hint=f"see {engine.log}")


def remove(engine: EnginePaths, main: Process | None, runtime: Runtime) -> None:
    """Stops it and removes its containers, namespace, cable, cgroups, mounts and data; gone already is fine."""
    processes.stop(engine, main, runtime)
    network.detach(engine)
    wait_until(lambda: _cgroups_gone(engine), runtime, 2000)
    unmount_under(engine.home)
    engine.alias.unlink(missing_ok=True)
    if engine.home.exists():
        shutil.rmtree(engine.home)


def mounts_under(folder: Path) -> list[str]:
    """What is mounted in the folder, deepest first."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split(" ")[1].encode().decode("unicode_escape") for line in lines]
    return sorted((point for point in points if Path(point).is_relative_to(folder)), reverse=True)


def unmount_under(folder: Path) -> None:
    """Unmounts them all; ProviderError if one stays, for what is mounted there must not be deleted."""
    for point in mounts_under(folder):
        succeeds("umount", point)
    if left := mounts_under(folder):
        raise ProviderError(f"still mounted: {', '.join(left)}", hint="unmount it by hand, then try again")


def _cgroups_gone(engine: EnginePaths) -> bool:
    # The kernel keeps a cgroup for a moment after its last process.
    cgroups.remove(engine)
    return not cgroups.remaining(engine)


def _command(engine: EnginePaths) -> list[str]:
    # Not `ip netns exec`: it mounts a new /sys, which hides /sys/fs/cgroup. Mounts come in but do not go out: when a
    # neighbour's namespace is removed outside, no copy of its mount in here keeps it alive.
    spaces = ["nsenter", f"--net={network.NAMESPACES / engine.namespace}"]
    spaces += ["unshare", "--mount", "--uts", "--propagation", "slave"]
    ours = [sys.executable, "-m", "autoscaler_lab.inside", engine.name, str(engine.home), _cpus(engine), "--"]
    return spaces + ours + _dockerd(engine)


def _dockerd(engine: EnginePaths) -> list[str]:
    home = engine.home
    return [
        *("dockerd", "--config-file", f"{home}/daemon.json"),
        *("--data-root", f"{home}/data", "--host", engine.endpoint, "--pidfile", f"{home}/dockerd.pid"),
        # In its own /run: dockerd appends up to 33 bytes, and sockets may not be longer than 107.
        *("--exec-root", "/run/docker"),
        *("--storage-driver", "overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs"),
        *("--cgroup-parent", f"/{engine.cgroup}", "--shutdown-timeout", str(SHUTDOWN_S)),
        *("--label", f"poolkeeper.instance={engine.name}"),
    ]


def _cpus(engine: EnginePaths) -> str:
    # An engine counts the processors it may run on: that is how it is made to say it has fewer.
    have = sorted(os.sched_getaffinity(0))
    wanted = min(engine.lab.cpus or len(have), len(have))
    return ",".join(str(have[(engine.index * wanted + step) % len(have)]) for step in range(wanted))


def _with_memory(meminfo: str, total: int) -> str:
    return re.sub(r"(?m)^MemTotal: .*$", f"MemTotal: {total // 1024} kB", meminfo)


def _ended(engine: EnginePaths) -> ProviderError:
    last = engine.log.read_text(errors="replace").strip().splitlines()[-3:]
    return ProviderError(f"{engine.name} ended while it started: {' / '.join(last)[-600:]}", hint=f"see {engine.log}")
