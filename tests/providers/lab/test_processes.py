"""Only the processes of one engine are found, whatever else runs beside them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from autoscaler_lab import processes
from autoscaler_lab.processes import Process

SLEEPER = ["-c", "import sys; print(flush=True); sys.stdin.read()"]


@contextmanager
def sleeper(*words: str, cwd: Path | None = None) -> Iterator[Process]:
    """A process that runs until the end of the block."""
    command = [sys.executable, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=cwd) as begun:
        assert begun.stdout
        begun.stdout.read(1)
        found = Process.find(begun.pid)
        assert found
        yield found


def test_a_process_is_known_by_its_start_too() -> None:
    own = Process.find(os.getpid())
    assert own
    assert own.alive
    assert not Process(own.pid, own.started + 1).alive


def test_a_process_that_is_another_by_now_gets_no_signal() -> None:
    with sleeper(*SLEEPER) as other:
        Process(other.pid, other.started - 1).end(signal.SIGKILL)
        assert other.alive


def test_a_process_that_has_ended_but_was_not_waited_for_is_gone() -> None:
    with sleeper(*SLEEPER) as other:
        other.end(signal.SIGKILL)
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert not other.alive


def test_keepers_are_found_by_module_and_folder(tmp_path: Path) -> None:
    for module in ("kept_by_test", "another"):
        (tmp_path / f"{module}.py").write_text(SLEEPER[1])

    def keeper(module: str, lab: str) -> AbstractContextManager[Process]:
        return sleeper("-m", module, lab, "1", cwd=tmp_path)

    with keeper("another", "/lab/a"), keeper("kept_by_test", "/lab/a") as mine, keeper("kept_by_test", "/lab/b"):
        assert processes.keepers(Path("/lab/a"), "kept_by_test") == [mine]
