"""`autoscaler lab cloud`: what it prints is enough to begin, and what is asked wrongly is told."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.cli.main import main
from autoscaler.config import installed, parse
from autoscaler.service.runtime import SystemRuntime
from autoscaler_standins.command import policies
from autoscaler_standins.demo import CLOUDS, Wish, demo

CHOICES = [*((name,) for name in CLOUDS), CLOUDS]


@pytest.mark.parametrize("names", CHOICES, ids=" ".join)
def test_its_policy_file_is_whole(names: tuple[str, ...]) -> None:
    found = {name: demo(name, SystemRuntime(), Wish()) for name in names}
    parsed = parse((("policy.yaml", policies(found, dict.fromkeys(names, "http://127.0.0.1:1"))),), installed())
    assert [len(cluster.pools) for cluster in parsed.clusters] == [len(names)]


@pytest.fixture(params=CHOICES, ids=" ".join)
def told(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A stand-in in a process of its own, and the policy file that it printed."""
    command = [sys.executable, "-c", "from autoscaler.cli.main import run; run()", "lab", "cloud", *request.param]
    for cloud in request.param:
        for name, value in demo(cloud, SystemRuntime(), Wish()).environment.items():
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AUTOSCALER_STORE", str(tmp_path / "store.db"))  # what was done at another cloud is no past of this one
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # each cloud's shop is called the same, and what one changed would bind the next
    with subprocess.Popen([*command, "--boot", "0s"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        lines = list(iter(process.stdout.readline, "\n"))
        path = tmp_path / "policy.yaml"
        path.write_text("".join(lines))
        yield path
        process.terminate()


def test_a_plan_for_it_is_carried_out(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", str(told), "--yes"]) == 0
    assert "1 -> 3 machines" in capsys.readouterr().out  # of the cheapest, where there are several
    assert main(["plan", str(told), "--detailed-exitcode"]) == 0  # there is nothing left to do


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["aws", "--sold-out", "mars-1a"], "eu-central-1a, eu-central-1b", id="a zone that is not there"),
        pytest.param(["aws", "--boot", "soon"], "not a duration", id="no duration"),
        pytest.param(["nimbus"], "aws", id="a cloud that is not there"),
        pytest.param(["azure", "--traffic"], "no balancer for every replica at azure", id="a balancer with one port for all"),
        pytest.param(["aws", "gcp", "--traffic"], "machines of its own cloud alone", id="a balancer for several clouds"),
    ],
)
def test_bad_input_is_told_with_what_to_write(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "cloud", *words]) in (5, 64)
    assert says in capsys.readouterr().err
