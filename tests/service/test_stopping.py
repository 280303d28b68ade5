"""`autoscaler run` as a process: it serves, it is told to stop, it gives back what it held."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime, background
from autoscaler.store import open_store
from tests.service.conftest import POLICIES, get, until

SHOP = ClusterName("shop")
KEPT = POLICIES.replace("{speed: 20", "{state: world.json, speed: 20")


class Process:
    """`autoscaler run`, its log read line by line as it comes."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "autoscaler", "run", "shop.yaml", "--store", "store.db", "--log", "json", *arguments]
        self.child = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env())
        self.lines: list[str] = []
        self.ended: SimpleQueue[bool] = SimpleQueue()
        background(self._read, "log")

    @staticmethod
    def env() -> dict[str, str]:
        return {key: value for key, value in os.environ.items() if not key.startswith("AUTOSCALER_")}

    def _read(self) -> None:
        assert self.child.stderr is not None
        for line in self.child.stderr:
            self.lines.append(line)
        self.ended.put(item=True)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def listens(self) -> str:
        until(lambda: '"serving"' in self.log or self.child.poll() is not None, "the service")
        found = re.search(r'"listen": "([^"]+)"', self.log)
        assert found, self.log
        return found[1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it; milliseconds until it was gone."""
        clock = SystemRuntime()
        began = clock.monotonic()
        self.child.send_signal(number)
        self.child.wait(timeout=15)
        self.ended.get(timeout=5)
        return clock.monotonic() - began

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(timeout=10)
        for stream in (self.child.stdout, self.child.stderr):
            if stream and not stream.closed:
                stream.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / "shop.yaml").write_text(KEPT)
    made = Process(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_ten_seconds_and_gives_its_lease_back(run: Process, tmp_path: Path, number: signal.Signals) -> None:
    listens = run.listens
    until(lambda: get(listens, "/readyz")[0] == 200, "readiness")
    assert get(listens, "/healthz") == (200, "ok\n")
    assert run.end(number) < 10_000
    assert run.child.returncode == 0, run.log
    assert '"stopped"' in run.log
    assert "Traceback" not in run.log
    runtime = SystemRuntime()
    store = open_store(str(tmp_path / "store.db"), runtime)
    lease = store.leases.current(SHOP)
    store.close()
    assert lease is None or lease.until <= runtime.now()


def test_the_next_process_carries_on_at_once(run: Process, tmp_path: Path) -> None:
    listens = run.listens
    until(lambda: '"step"' in run.log, "a step")
    assert get(listens, "/healthz")[0] == 200
    run.end()
    second = Process(tmp_path)
    try:
        until(lambda: get(second.listens, "/readyz")[0] == 200, "readiness")
        assert "tick_refused" not in second.log
        until(lambda: 'workload="shop/web",count="wanted"' in _squeezed(get(second.listens, "/metrics")[1]), "the workload")
    finally:
        second.end()
        second.close()


def test_a_killed_process_leaves_nothing_that_stops_the_next(run: Process, tmp_path: Path) -> None:
    until(lambda: '"step"' in run.log, "a step")
    run.end(signal.SIGKILL)
    SystemRuntime().sleep(Duration(1))
    second = Process(tmp_path)
    try:
        # Its lease lives on for a while: the second process is refused until then, says so, and stays alive.
        until(lambda: get(second.listens, "/healthz")[0] == 200, "life")
        until(lambda: "tick_refused" in second.log, "the refusal")
    finally:
        assert second.end() < 10_000
        second.close()


def test_bad_files_end_it_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(KEPT.replace("min: 5", "mn: 5"))
    made = Process(tmp_path)
    made.child.wait(timeout=20)
    made.ended.get(timeout=5)
    made.close()
    assert made.child.returncode == 5
    assert "unknown key 'mn'" in made.log


def _squeezed(text: str) -> str:
    return re.sub(r'count="(\w+)",(.*?)workload="([^"]+)"', r'workload="\3",count="\1"', text.replace('cluster="shop",', ""))
