"""`autoscaler tune`: the frontier, a patch that is better when it is put in, and bad input."""

import json
from pathlib import Path

import pytest
import yaml

from autoscaler.model.quantities import Duration, Share
from autoscaler.rehearsing import tuning
from tests.cli.calling import Call
from tests.cli.shop import write_shop


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shop(tmp_path, least=1)
    rows = (f"{minute * 60},{300 if minute % 20 < 10 else 900}" for minute in range(120))
    (tmp_path / "load.csv").write_text("\n".join(rows))
    monkeypatch.setattr(tuning, "TARGETS", (Share(900), Share(1200)))
    monkeypatch.setattr(tuning, "WINDOWS", (Duration(60_000), Duration(900_000)))


def test_the_patch_is_better_once_it_is_put_in(call: Call, tmp_path: Path) -> None:
    given = ("--load", "load.csv", "--capacity", "100", "--output", "json")
    found = json.loads(call("tune", *given, "--workers", "1", "--cost", "150%").out)["value"]
    policies = yaml.safe_load((tmp_path / "autoscaler.yaml").read_text())
    policies["policies"]["web"] |= yaml.safe_load(found["patch"])
    (tmp_path / "tuned.yaml").write_text(yaml.safe_dump(policies))
    backtest = json.loads(call("backtest", "tuned.yaml", *given).out)["value"]
    assert backtest["policies"][0]["figures"] == found["chosen"]["figures"]
    assert found["chosen"]["figures"]["short_time"] < found["present"]["figures"]["short_time"]


def test_a_policy_by_labels_is_named_and_its_patch_is_for_it(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "autoscaler.yaml"
    path.write_text(path.read_text().replace("workload: shop/web", "workloads: {cluster: shop, labels: {tier: web}}"))
    ran = call("tune", "--load", "load.csv", "--capacity", "100", "--workers", "1", "--cost", "150%", "--policy", "web")
    assert (ran.code, ran.err) == (0, "")
    assert "Under policy web:" in ran.out


def test_what_nothing_is_better_than(call: Call) -> None:
    ran = call("tune", "--load", "load.csv", "--capacity", "100", "--workers", "1")
    assert (ran.code, ran.err) == (0, "")
    assert "load.csv: 8 settings tried" in ran.out
    assert "targets x 90%, down window 15m" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["--cost", "cheap"], 64, "is not a share", id="a cost that is none"),
        pytest.param(["--dask", "tcp://127.0.0.1:9"], 1, "no Dask scheduler answers", id="a scheduler that is not there"),
        pytest.param(["--dask", "nonsense://x"], 1, "no Dask scheduler answers", id="an address that is none"),
        pytest.param(["--workers", "0"], 64, "--workers", id="nobody to do it"),
    ],
)
def test_bad_input(call: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str) -> None:
    monkeypatch.setattr("autoscaler.rehearsing.spreading.CONNECT", "1s")
    ran = call("tune", "--load", "load.csv", "--capacity", "100", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
