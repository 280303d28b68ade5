"""From a cloud's prices to a plan: a pool whose policy file tells none is planned by what the catalogue keeps, and nothing is changed."""

import re
from pathlib import Path

import pytest

from autoscaler.cli.main import main
from autoscaler.service.runtime import SystemRuntime
from autoscaler_standins.command import policy
from autoscaler_standins.demo import Wish, demo
from autoscaler_standins.serving import Standin

TYPES = re.compile(r"^ +types: .*\n", re.MULTILINE)
TOLD = re.compile(r"m7g\.large/eu-central-1[ab] costs 0\.0952 USD per hour, told by AWS Price List at 20")
WHERE = ("--cloud", "aws", "--region", "eu-central-1")


def test_a_plan_goes_by_the_prices_that_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = demo("aws", SystemRuntime(), Wish())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOSCALER_CATALOGUE", str(tmp_path / "catalogue"))
    with Standin(found.cloud, SystemRuntime()) as standin:
        for key, value in found.environment.items():
            monkeypatch.setenv(key, value.replace("{url}", standin.url))
        Path("autoscaler.yaml").write_text(TYPES.sub("", policy("aws", found, standin.url)))
        given = [one for key in ("endpoint_url", "pricing_endpoint_url") for one in ("--set", f"{key}={standin.url}")]
        assert main(["catalogue", "update", *WHERE, *given]) == 0
        assert main(["plan"]) == 0
    assert TOLD.search(" ".join(capsys.readouterr().out.split()))
    assert (standin.changed(), standin.mistakes) == ([], [])
