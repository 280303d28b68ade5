"""`doctor` at the stand-ins, as a user calls it: it finds what there is to find, and changes nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autoscaler.cli.main import main
from autoscaler.service.runtime import SystemRuntime
from autoscaler_standins.command import policy
from autoscaler_standins.demo import Wish, demo
from autoscaler_standins.serving import Standin

FINDS = {
    "aws": ["identity", "clock", "group", "permissions", "quota"],
    "azure": ["identity", "clock", "set", "permissions", "quota"],
}
"""By cloud; not of Google's, whose SDK takes seconds to load: that nothing is changed there is its own tests' to show."""


@contextmanager
def stood_in(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """A policy file for it is in the folder."""
    found = demo(name, SystemRuntime(), Wish())
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Standin(found.cloud, SystemRuntime()) as standin:
        for key, value in found.environment.items():
            monkeypatch.setenv(key, value.replace("{url}", standin.url))
        (folder / "autoscaler.yaml").write_text(policy(name, found, standin.url))
        yield standin
    assert standin.mistakes == []


@pytest.mark.parametrize("name", sorted(FINDS))
def test_doctor_looks_behind_a_pool_and_changes_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stood_in(name, tmp_path, monkeypatch) as standin:
        code = main(["doctor", "--output", "json"])
    checks = json.loads(capsys.readouterr().out)["value"]
    found = {one["name"].rpartition(" ")[2] for one in checks if one["name"].startswith(("pool general ", "account "))}
    assert (code, {*FINDS[name]} <= found) == (0, True)
    assert all(one["ok"] for one in checks)
    assert standin.changed() == []
    assert standin.calls


def test_what_is_of_an_account_is_told_once_for_all_its_pools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stood_in("aws", tmp_path, monkeypatch):
        text = (tmp_path / "autoscaler.yaml").read_text()
        before, _, after = text.partition("  general:\n")
        block = after[: after.index("policies:")]
        (tmp_path / "autoscaler.yaml").write_text(f"{before}  general:\n{block}  spare:\n{after}")
        main(["doctor", "--output", "json"])
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["value"]]
    assert [name.rpartition(" ")[2] for name in names if name.startswith("account ")] == ["identity", "clock", "quota"]
    assert {"pool general group", "pool spare group"} <= {*names}
