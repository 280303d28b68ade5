"""The documentation is whole and true: every page is linked, every word of ours explained, every example works."""

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from autoscaler.cli.main import LISTINGS, main
from autoscaler.config import installed, parse
from autoscaler.service.metrics import ServiceMetrics

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md"), *(ROOT / "terraform").rglob("README.md")])
WORKED = ROOT / "policies" / "examples" / "rules"
COMMANDS = sorted([*LISTINGS, *(one.name for one in entry_points(group="autoscaler.commands"))])


def in_tree(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]


def blocks(page: Path, *languages: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


def reached(start: Path) -> set[Path]:
    """Pages that can be clicked to; a linked folder stands for its README."""
    seen, left = set[Path](), [start]
    while left:
        page = left.pop()
        if page not in seen and page.suffix == ".md" and page.is_file():
            seen.add(page)
            left += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    return seen


def test_every_page_can_be_reached_from_the_index() -> None:
    assert {in_tree(page) for page in set(DOCS.rglob("*.md")) - reached(DOCS / "index.md")} == set()


@pytest.mark.parametrize("page", PAGES, ids=in_tree)
def test_no_link_leads_nowhere(page: Path) -> None:
    assert [link for link in links(page) if link[0] != "#" and not (page.parent / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", (DOCS / "command.md").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("name", sorted(one.name for one in entry_points(group="autoscaler.rules")))
def test_every_rule_has_a_page_with_a_worked_example(name: str) -> None:
    page = DOCS / "rules" / f"{name}.md"
    assert f"]({page.relative_to(DOCS).as_posix()})" in (DOCS / "rules.md").read_text()
    shown = [(WORKED / f"{name}{suffix}").read_text() for suffix in (".yaml", ".test.yaml")]
    assert blocks(page, "yaml")[-2:] == shown


@pytest.mark.parametrize("name", sorted(one.name for one in entry_points(group="autoscaler.pool_rules")))
def test_every_rule_of_pools_has_a_page_whose_example_plans_as_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page, example = DOCS / "rules" / f"{name}.md", WORKED / f"{name}.yaml"
    assert f"]({page.relative_to(DOCS).as_posix()})" in (DOCS / "rules.md").read_text()
    assert blocks(page, "yaml")[-1:] == [example.read_text()]
    assert main(["plan", str(example)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    lines = [" ".join(line.split()) for line in blocks(page, "text")[-1].splitlines()]
    assert [line for line in lines if line != "…" and line not in told] == []


def test_every_worked_example_decides_as_its_cases_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(WORKED)]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= len(list(WORKED.glob("*.test.yaml")))


@pytest.mark.parametrize("name", sorted(one.name for one in entry_points(group="autoscaler.providers")))
def test_every_provider_has_a_page(name: str) -> None:
    assert (DOCS / "providers" / f"{name}.md").is_file()


def test_every_metric_is_documented() -> None:
    shown = set(re.findall(r"^# TYPE (autoscaler_\w+)", generate_latest(ServiceMetrics("0").registry).decode(), flags=re.MULTILINE))
    told = set(re.findall(r"^\| `(autoscaler_\w+)`", (DOCS / "service.md").read_text(), flags=re.MULTILINE))
    assert shown == told


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=f"{in_tree(page)}-{number}")
        for page in PAGES
        for number, text in enumerate(blocks(page, "yaml"))
        if re.search(r"^apiVersion", text, flags=re.MULTILINE)
    ],
)
def test_every_whole_policy_file_is_one(text: str) -> None:
    assert parse([("shown.yaml", text)], installed()).clusters


def called(line: str) -> list[str]:
    """The command as it is run here: the demo briefly, everything else as it stands."""
    words = shlex.split(line, comments=True)
    assert words[0] == "autoscaler", line
    return [sys.executable, "-m", "autoscaler", *words[1:], *(["--seconds", "2", "--plain"] if words[1] == "demo" else [])]


def test_the_tutorial_works_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line[2:] for text in blocks(DOCS / "tutorial.md", "console") for line in text.splitlines() if line.startswith("$ ")]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith("AUTOSCALER_")]:
        monkeypatch.delenv(name)
    assert len(lines) > 8
    assert {line: main(called(line)[3:]) for line in lines} == dict.fromkeys(lines, 0)


def test_the_recording_by_hand_is_decided_as_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = DOCS / "recordings.md"
    (recording,), (shown,) = blocks(page, "json"), blocks(page, "text")
    (tmp_path / "web.json").write_text(recording)
    assert main(["decide", "--recording", str(tmp_path / "web.json")]) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == shown.splitlines()


def test_the_session_of_the_readme_is_a_real_one() -> None:
    (session,) = blocks(ROOT / "README.md", "console")
    head, command, *shown = session.splitlines()
    assert head.startswith("$ pip install")
    ran = subprocess.run(called(command[2:]), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    printed = iter(ran.stdout.splitlines())
    missing = [line for line in shown if line != "…" and not any(line == found for found in printed)]
    assert missing == []
    assert len(session.splitlines()) <= 12
