"""What a new engine's process does in its own namespaces, before it becomes the engine.

`python -m autoscaler_lab.inside HOSTNAME HOME CPUS -- dockerd …`. Only the standard library: it runs once per engine,
and each import is a part of the time until the new node is in use.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path


def main(hostname: str, home: str, cpus: str, command: list[str]) -> None:
    """Takes the hostname, the processors and a /run of its own, then turns into the command; never returns."""
    socket.sethostname(hostname)
    os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    _mount(Path(home, "run"), Path("/run"))
    memory = Path(home, "meminfo")
    if memory.exists():
        _mount(memory, Path("/proc/meminfo"))
    os.execvp(command[0], command)  # noqa: S606  (no shell is what we want)


def _mount(source: Path, target: Path) -> None:
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True, timeout=20)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[5:])
