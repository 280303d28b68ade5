"""What `autoscaler lab` says where there is nothing to start: all of it without root and without an engine."""

import json
import os
from pathlib import Path

import pytest

from autoscaler.cli.main import main
from autoscaler.errors import SetupError
from autoscaler_lab import commands
from tests.providers.lab.paper import PaperLab


def test_status_shows_every_engine_as_data(lab: PaperLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "status", "--folder", str(lab.spec.folder), "--output", "json"]) == 0
    engines = json.loads(capsys.readouterr().out)["value"]["engines"]
    assert [(one["name"], one["role"], one["state"]) for one in engines] == [
        ("pk-1", "manager", "running"),
        ("pk-2", "workers", "running"),
        ("pk-3", "workers", "running"),
    ]


def test_status_shows_a_table_of_them(lab: PaperLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "status", "--folder", str(lab.spec.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "10.77.0.12" in lines[2]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["status", "--folder", "/nowhere"], 1, "lab up", id="no lab to show"),
        pytest.param(["down", "--folder", "/nowhere"], 0, "nothing to do", id="no lab to remove"),
        pytest.param(["up", "--prefix", "Not This"], 64, "not a prefix", id="a bad prefix"),
        pytest.param(["up", "--subnet", "10.0.0.0/30"], 64, "too small", id="a bad subnet"),
        pytest.param(["up", "--folder", "/" + "x" * 99], 64, "Unix sockets", id="a folder that is too long"),
        pytest.param(["up", "--folder", "~nobody-of-that-name/x"], 64, "whole path", id="a folder of nobody"),
        pytest.param(["up", "--memory", "2"], 5, "write 256Mi or 1Gi", id="memory without a unit"),
        pytest.param(["up", "--cpus", "0"], 64, "--cpus", id="no processor"),
        pytest.param(["up", "--nodes", "0"], 64, "choose 1 to 50", id="no node"),
        pytest.param(["up", "--nodes", "51"], 64, "choose 1 to 50", id="too many nodes"),
    ],
)
def test_bad_input_ends_with_words(words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", *words]) == code
    complaint = " ".join(capsys.readouterr().err.split())
    assert says in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize("command", ["up", "status", "down"])
def test_every_command_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", command, "--help"]) == 0
    assert f"autoscaler lab {command}" in capsys.readouterr().out


def test_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match="needs root"):
        commands.check_machine()


def test_missing_tools_are_named_with_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SetupError, match="no-such-tool") as refused:
        commands.check_machine(["no-such-tool"])
    assert "apt-get install" in refused.value.hint


def test_a_lab_of_an_unreadable_record_is_not_taken_for_none(lab: PaperLab, capsys: pytest.CaptureFixture[str]) -> None:
    Path(lab.spec.record).write_text("{")
    assert main(["lab", "down", "--folder", str(lab.spec.folder)]) == 1
    assert "lab.json" in capsys.readouterr().err
