"""The tree keeps its own rules: what ships, how long things get, and what must never be written down."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = ROOT / "pyproject.toml"
SHARED = {"autoscaler_clouds", "autoscaler_sources", "autoscaler_standins"}
"""What several providers build upon, or are tried on: it ships beside them, and offers nothing itself."""

PACKAGES = sorted(path.name for path in ROOT.glob("providers/autoscaler_*"))
PROVIDERS = sorted({*PACKAGES} - SHARED)
MAY_WRITE = ("autoscaler/contracts/", "autoscaler/execution/", "autoscaler/testing/", "providers/")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50

# Spelt in pieces, so that this file does not name what it looks for.
MACHINE_PATHS = ["/" + "work/", "/" + "farm/", "/" + "root/", "/tmp/" + "pk"]
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "crates" + ".io",
    "proxy.golang" + ".org",
    "maven" + ".org",
    "deb.debian" + ".org",
]


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads(PYPROJECT.read_text())


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks or would track; without git, nothing is known."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("git is needed to tell our files from made ones")
    return tuple(ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())


def shipped() -> Iterator[Path]:
    for folder in ("autoscaler", "providers", "policies"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def in_tree(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


@pytest.mark.parametrize("package", PACKAGES)
class TestEveryPackage:
    """A folder under providers/ ships."""

    def test_ships_in_the_wheel(self, package: str) -> None:
        assert f"providers/{package}" in pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    def test_is_typed_for_its_users(self, package: str) -> None:
        assert (ROOT / "providers" / package / "py.typed").is_file()

    def test_is_seen_by_the_import_linter(self, package: str) -> None:
        assert package in pyproject()["tool"]["importlinter"]["root_packages"]


@pytest.mark.parametrize("provider", PROVIDERS)
class TestEveryProvider:
    """Such a folder is a whole provider or none."""

    def test_has_an_entry_point_that_leads_into_it(self, provider: str) -> None:
        name = provider.removeprefix("autoscaler_")
        assert pyproject()["project"]["entry-points"]["autoscaler.providers"][name].startswith(f"{provider}.")

    def test_has_an_extra_of_its_name(self, provider: str) -> None:
        assert provider.removeprefix("autoscaler_") in pyproject()["project"]["optional-dependencies"]

    def test_has_a_page_in_the_docs(self, provider: str) -> None:
        assert (ROOT / "docs" / "providers" / f"{provider.removeprefix('autoscaler_')}.md").is_file()


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(EntryPoint(name, target, group), id=f"{group} {name}")
        for group, entries in pyproject()["project"]["entry-points"].items()
        for name, target in entries.items()
    ],
)
def test_every_entry_point_leads_somewhere(entry: EntryPoint) -> None:
    assert entry.load() is not None


def test_the_tree_has_providers_at_all() -> None:
    assert PROVIDERS


def test_no_file_is_too_long() -> None:
    lengths = {in_tree(path): len(path.read_text().splitlines()) for path in [*shipped(), *ROOT.glob("tests/**/*.py")]}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{in_tree(path)}:{found.lineno} {found.name}": (found.end_lineno or found.lineno) - found.lineno + 1
        for path in shipped()
        for found in functions(path)
    }
    assert {where: lines for where, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_only_the_executing_side_knows_writers() -> None:
    writer = re.compile(r"^autoscaler\.contracts\.(\w+_writer\b|\w*Writer$)")
    known = {
        f"{in_tree(path)}: {name}"
        for path in shipped()
        if not in_tree(path).startswith(MAY_WRITE)
        for name in imported(path)
        if writer.match(name)
    }
    assert known == set()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(MACHINE_PATHS, id="no path of a developer's machine"),
        pytest.param(REGISTRY_HOSTS, id="no registry"),
    ],
)
def test_no_file_names_what_only_one_place_has(words: list[str]) -> None:
    wanted = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}" for word in words))
    named = {
        f"{in_tree(path)}:{number}: {found.group()}"
        for path in tracked()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if (found := wanted.search(line))
    }
    assert named == set()


def test_every_ignored_lint_says_why() -> None:
    section = PYPROJECT.read_text().partition("[tool.ruff.lint]")[2].partition("[tool.ruff.lint.flake8")[0]
    codes = re.findall(r'^ {4}"[A-Z]+[0-9]*",.*$', section, flags=re.MULTILINE)
    assert codes
    assert [line for line in codes if not re.search(r'",\s+# \w+', line)] == []


@pytest.mark.parametrize("path", [pytest.param(path, id=in_tree(path)) for path in ROOT.glob("requirements/*.txt")])
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    joined = path.read_text().replace("\\\n", " ")
    entries = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    assert entries
    assert [line for line in entries if not re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
