"""With a person at the terminal: asked before anything changes, shown progress, and heard when they press Ctrl-C."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import Call, Ran
from tests.cli.shop import write_shop

RUN = "from autoscaler.cli.main import run; run()"


@pytest.fixture(autouse=True)
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


def typed(words: str, *arguments: str, folder: Path, term: str = "xterm") -> Ran:
    """Call the command with a terminal as stdin and stderr; `words` are typed at once. stderr comes back as one text."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": term, "XDG_STATE_HOME": str(folder / "state")}
    environ.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], cwd=folder, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environ, text=True
    )
    os.close(theirs)
    os.write(ours, words.encode())
    out, err = process.stdout.read() if process.stdout else "", ""
    process.wait(timeout=60)
    try:
        while chunk := os.read(ours, 65536):
            err += chunk.decode()
    except OSError:  # the other side is closed: that is how a terminal ends
        pass
    os.close(ours)
    if process.stdout:
        process.stdout.close()
    return Ran(process.returncode, out, err)


def wanted(call: Call) -> int:
    state = json.loads(call("observe", "--output", "json").out)["value"]["state"]
    found: int = next(one["wanted"] for one in state["workloads"] if one["ref"]["path"] == "web")
    return found


@pytest.mark.parametrize(
    ("answer", "code", "count"),
    [
        pytest.param("y\n", 0, 5, id="y is yes"),
        pytest.param("\n", 1, 3, id="nothing is no"),
        pytest.param("yep\n", 1, 3, id="anything else is no"),
        pytest.param("\x04", 1, 3, id="the end of input is no"),
    ],
)
def test_asks_before_it_changes_anything(call: Call, tmp_path: Path, answer: str, code: int, count: int) -> None:
    ran = typed(answer, "apply", folder=tmp_path)
    assert ran.code == code, ran.err
    assert "Carry out these 2 steps on cluster shop? [y/N]" in ran.err
    assert ("nothing was changed" in ran.err) is bool(code)
    assert wanted(call) == count


def test_ctrl_c_at_the_question_is_130_and_changes_nothing(call: Call, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.alarm(60)\n" + RUN, "apply"],
        cwd=tmp_path,
        stdin=(terminal := pty.openpty())[1],
        stdout=subprocess.PIPE,
        stderr=terminal[1],
        text=True,
    )
    assert process.stdout
    while "Plan: " not in (line := process.stdout.readline()):
        assert line, "it ended before it asked"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    process.stdout.close()
    for end in terminal:
        os.close(end)
    assert wanted(call) == 3


@pytest.mark.parametrize(
    ("term", "shown"), [pytest.param("xterm", True, id="someone watches"), pytest.param("dumb", False, id="a dumb terminal")]
)
def test_progress_is_for_those_who_watch(tmp_path: Path, term: str, *, shown: bool) -> None:
    ran = typed("", "observe", folder=tmp_path, term=term)
    assert ran.code == 0
    assert ("reading cluster shop" in ran.err) is shown
    assert "\x1b" not in ran.out, "stdout is no terminal"


def test_errors_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    assert "\x1b[31m" in typed("", "plan", "--cluster", "nowhere", folder=tmp_path).err
    assert "\x1b" not in typed("", "plan", "--cluster", "nowhere", folder=tmp_path, term="dumb").err
