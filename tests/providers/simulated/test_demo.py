"""The demo: lines without a screen, a picture with one, a report at the end however it ends."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from queue import SimpleQueue

import pytest
from rich.console import Console

from autoscaler.errors import SetupError
from autoscaler.service.daemon import Daemon
from autoscaler.service.runtime import background
from autoscaler_simulated import demo
from autoscaler_simulated.demo_view import Told, closing, screen
from tests.service.conftest import until

COMMAND = [sys.executable, "-m", "autoscaler", "demo", "--plain"]
REPORT = ("cost", "time under-provisioned", "replicas moved off closed nodes", "requests lost to our changes")


def test_plain_lines_and_a_closing_report() -> None:
    ran = subprocess.run([*COMMAND, "--seconds", "3"], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"^00:00  3 nodes, 0\.40 USD per hour; web 3/3/3 at \d+ rps;", ran.stdout, flags=re.MULTILINE)
    assert re.search(r"^00:0\d  shop/\w+ \d+ -> \d+: cpu is ", ran.stdout, flags=re.MULTILINE)
    assert all(words in ran.stdout for words in REPORT)
    assert "\x1b" not in ran.stdout


def test_interrupted_it_still_reports() -> None:
    with subprocess.Popen([*COMMAND, "--seconds", "600"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stdout.readline()
        child.send_signal(signal.SIGINT)
        rest, said = child.communicate(timeout=30)
    assert first.startswith("00:0")
    assert (child.returncode, said) == (0, "")
    assert "interrupted" in rest
    assert all(words in rest for words in REPORT)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = demo._daemon(tmp_path)
    ended = SimpleQueue[bool]()

    def serve() -> None:
        made.serve()
        ended.put(item=True)

    background(serve, "demo")
    yield made
    made.stop.ring()
    ended.get(timeout=20)


def pictured(daemon: Daemon, told: Told) -> str:
    console = Console(record=True, width=110, file=StringIO())
    console.print(demo._seen(daemon, lambda scene: screen(scene, told)))
    return console.export_text()


def test_the_screen_shows_nodes_workloads_price_and_decisions(daemon: Daemon) -> None:
    told = Told()
    until(lambda: "shop/" in pictured(daemon, told), "a decision")
    text = pictured(daemon, told)
    for words in ("wanted", "ready", "in rotation", "load", "USD per hour", "manager-1", "last decisions", "requests lost"):
        assert words in text
    assert re.search(r"web +\d+ +\d+ +\d+ +\d+ rps +[▁▂▃▄▅▆▇█]", text)
    assert re.search(r"manager-1 +open +\d+% +━", text)
    assert re.search(r"\d\d:\d\d  shop/\w+ \d+ -> \d+: ", text)
    assert all(len(line) <= 110 for line in text.splitlines())


def test_each_decision_is_said_once(daemon: Daemon) -> None:
    told = Told()
    until(lambda: pictured(daemon, told) and told.last, "a decision")
    assert len(told.last) == len(set(told.last))


def test_the_report_is_about_money_moves_and_requests(daemon: Daemon) -> None:
    console = Console(record=True, width=110, file=StringIO())
    console.print(demo._seen(daemon, closing))
    text = console.export_text()
    assert all(words in text for words in REPORT)


def test_a_service_that_ends_by_itself_ends_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    console = Console(quiet=True)
    with pytest.raises(SetupError, match="ended by itself"):
        demo._watch(console, demo._daemon(tmp_path), 5, live=False, going=lambda: False)


HELP = """
import sys
from autoscaler.cli.main import main
main(["--help"])
print("LOADED", *sorted(name for name in sys.modules if "." not in name))
"""
HEAVY = {"apscheduler", "docker", "httpx2", "numpy", "prometheus_client", "sqlalchemy", "structlog", "wsgiref", "yaml"}


def test_help_loads_nothing_heavy() -> None:
    """Time on a busy machine says little; what is loaded says it all."""
    ran = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, timeout=60, check=True)
    assert "demo" in ran.stdout
    assert HEAVY & set(ran.stdout.rpartition("LOADED")[2].split()) == set()
