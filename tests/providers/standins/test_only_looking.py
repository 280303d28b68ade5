"""The real commands that only look, and a service that only recommends, ask no cloud for a change: by what a stand-in was asked."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from autoscaler.cli import exits
from autoscaler.cli.main import main
from autoscaler.service.runtime import SystemRuntime, background
from autoscaler_standins.command import policy
from autoscaler_standins.demo import CLOUDS, Wish, demo
from autoscaler_standins.serving import Standin
from tests.service.conftest import until

LOOKING = {
    "observe policy.yaml": exits.FINE,
    "decide policy.yaml": exits.FINE,
    "plan policy.yaml --detailed-exitcode": exits.CHANGES_PRESENT,
    "explain try/web --policies policy.yaml": exits.FINE,
    "explain pool general --policies policy.yaml": exits.FINE,
    "doctor --policies policy.yaml": exits.FINE,
}
"""Each command that looks at clouds, and how it ends: there is something to change."""
CATALOGUES = {
    "aws": "--region eu-central-1 --set endpoint_url={url} --set pricing_endpoint_url={url}",
    "azure": "--region westeurope --set subscription=00000000-0000-0000-0000-000000000000 --set url={url} --set prices_url={url}",
    "gcp": "--region europe-west4 --set project=shop-prod --set url={url} --set billing_url={url}",
}
"""How the prices of each are read."""
TICKS = 3


@dataclass(frozen=True)
class Shop:
    """A policy file for one machine, where three are wanted, and the cloud it is at."""

    name: str
    file: Path
    text: str
    standin: Standin

    def write(self, *, mode: str) -> None:
        """The file, with its policy and its pool in that mode."""
        lines = {"    cluster: try": f"    cluster: try\n    mode: {mode}", "web: {": f"web: {{mode: {mode}, "}
        text = self.text
        for before, after in lines.items():
            text = text.replace(before, after)
        self.file.write_text(text)

    @property
    def looking(self) -> dict[str, int]:
        """Commands, and how they end."""
        told = CATALOGUES[self.name].replace("{url}", self.standin.url)
        return LOOKING | {f"catalogue update --cloud {self.name} {told}": exits.FINE, "catalogue show": exits.FINE}

    @property
    def asked(self) -> list[str]:
        return [one.operation for one in self.standin.calls]

    def serve(self) -> int:
        """`autoscaler run` until some question was asked often enough; its exit code."""
        self.standin.reset()

        def end() -> None:
            try:
                until(lambda: max(Counter(self.asked).values(), default=0) >= TICKS, "a few ticks")
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        background(end, "end")
        return main(["run", str(self.file)])


@pytest.fixture(params=CLOUDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    runtime = SystemRuntime()
    found = demo(request.param, runtime, Wish())
    monkeypatch.setenv("AUTOSCALER_STORE", str(tmp_path / "store.db"))
    monkeypatch.chdir(tmp_path)
    with Standin(found.cloud, runtime) as standin:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value.replace("{url}", standin.url))
        text = policy(request.param, found, standin.url) + 'service: {interval: 200ms, listen: "127.0.0.1:0"}\n'
        yield Shop(name=request.param, file=tmp_path / "policy.yaml", text=text, standin=standin)
    assert standin.mistakes == []


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """What `run` does to this process is undone."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)
    structlog.reset_defaults()


def test_what_only_looks_or_recommends_changes_nothing(shop: Shop) -> None:
    shop.write(mode="recommend")
    assert (shop.serve(), shop.standin.changed()) == (exits.FINE, [])
    shop.write(mode="active")
    for words, code in shop.looking.items():
        assert (words, main(words.split())) == (words, code)
        assert (words, shop.standin.changed()) == (words, [])
    assert (shop.serve(), shop.standin.changed() == []) == (exits.FINE, False)
