"""What a lab left on the machine, looked for without the lab's own code."""

import subprocess
from pathlib import Path

from autoscaler_lab.layout import LabSpec


def leftovers(spec: LabSpec) -> list[str]:
    """Everything on this machine that bears the lab's names; empty is clean."""
    return [
        *(f"process {pid}" for pid in _processes(spec)),
        *(f"link {path.name}" for path in Path("/sys/class/net").glob(f"{spec.prefix}-*")),
        *(f"namespace {path.name}" for path in Path("/run/netns").glob(f"{spec.prefix}-*")),
        *(f"mount {line.split()[1]}" for line in _lines("/proc/mounts") if f"{spec.folder}/" in line),
        *(f"cgroup {path}" for path in Path("/sys/fs/cgroup").glob(f"**/{spec.prefix}-*-node*")),
        *(f"folder {path}" for path in [spec.folder] if path.exists()),
        *(f"rule {rule}" for rule in _rules() if spec.bridge in rule),
    ]


def _processes(spec: LabSpec) -> list[str]:
    mine = (f"{spec.folder}/", f"/{spec.prefix}-")
    pids = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if any(name in _known_of(pid) for name in mine)]


def _known_of(pid: str) -> str:
    folder = Path("/proc", pid)
    try:
        return (folder / "cmdline").read_text(errors="replace") + (folder / "cgroup").read_text()
    except OSError:
        return ""


def _rules() -> list[str]:
    return subprocess.run(["iptables", "-S"], capture_output=True, text=True, check=True).stdout.splitlines()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
