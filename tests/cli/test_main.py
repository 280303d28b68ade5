"""The group: its list costs nothing, its errors are words, its exit codes are those the documentation names."""

import errno
import gc
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest

from autoscaler.cli import exits
from autoscaler.cli.collecting import SELDOM
from autoscaler.cli.lazy import Listing
from autoscaler.cli.main import LISTINGS, cli, run
from autoscaler.errors import (
    AutoscalerError,
    LostLeaseError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyError,
    RefusedError,
    StalePlanError,
    StoreError,
    UnavailableError,
    UsageError,
)
from tests.cli.calling import Call

NEEDED = {"autoscaler", "click", "rich", "rich_click"}
"""Nothing else that is installed is needed to say what the command can do, whatever extras there are."""

HEAVY = {"asyncio", "multiprocessing", "sqlite3", "ssl", "xml"}
"""Nor these of Python's own."""

WEIGHTY = tuple(f"autoscaler.{name}" for name in ("config", "engine", "execution", "observing", "planning", "service", "store"))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make `autoscaler validate x` raise."""

    def plant(error: BaseException) -> None:
        @click.command()
        @click.argument("rest", nargs=-1)
        def validate(rest: tuple[str, ...]) -> None:
            raise error

        monkeypatch.setattr(Listing, "load", lambda self: validate)

    return plant


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        pytest.param(AutoscalerError("broken", hint="mend it"), 1, "error: broken\nhint: mend it\n", id="ours, unless said, is 1"),
        pytest.param(NotFoundError("no such pool", hint="look"), 1, "error: no such pool", id="not found is 1"),
        pytest.param(UnavailableError("down", hint="wait"), 1, "error: down", id="an unavailable cluster is 1"),
        pytest.param(OutcomeUnknownError("no reply", hint="wait"), 1, "error: no reply", id="an unknown outcome is 1"),
        pytest.param(StoreError("disk full", hint="free some"), 1, "error: disk full", id="a broken store is 1"),
        pytest.param(StalePlanError("too old", hint="plan again"), 3, "error: too old", id="a stale plan is 3"),
        pytest.param(RefusedError("theirs", hint="ask"), 4, "error: theirs", id="a refusal is 4"),
        pytest.param(LostLeaseError("lost", hint="ask"), 4, "error: lost", id="a lost lease is 4"),
        pytest.param(PolicyError("no min", hint="write one"), 5, "hint: write one", id="a policy that is wrong is 5"),
        pytest.param(UsageError("no such thing", hint="see"), 64, "hint: see", id="our own usage error is 64"),
        pytest.param(click.UsageError("what?"), 64, "hint: see `autoscaler", id="click's usage error is 64 and not its own 2"),
        pytest.param(click.BadParameter("what?"), 64, "error: Invalid value: what?", id="a bad parameter is 64"),
        pytest.param(click.FileError("f", "gone"), 1, "gone", id="click's other errors are 1"),
        pytest.param(KeyboardInterrupt(), 130, "interrupted", id="Ctrl-C is 130"),
        pytest.param(click.Abort(), 130, "interrupted", id="an aborted prompt is 130"),
        pytest.param(click.exceptions.Exit(2), 2, "", id="changes present is 2"),
        pytest.param(click.exceptions.Exit(0), 0, "", id="fine is 0"),
        pytest.param(ValueError("oops"), 1, "error: ValueError: oops\nhint: a fault of ours", id="what nobody foresaw is 1"),
        pytest.param(OSError(errno.ENOSPC, "No space left"), 1, "error: No space left", id="a full disk is 1"),
        pytest.param(RecursionError("deep"), 1, "error: RecursionError", id="even a recursion error is one line"),
    ],
)
def test_every_error_has_its_code_and_no_traceback(
    call: Call, failing: Callable[[BaseException], None], error: BaseException, code: int, says: str
) -> None:
    failing(error)
    ran = call("validate", "x")
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_traceback_comes_when_asked_for(call: Call, failing: Callable[[BaseException], None]) -> None:
    failing(ValueError("oops"))
    assert "Traceback" in call("--traceback", "validate", "x").err


def test_a_traceback_comes_by_environment(call: Call, failing: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch) -> None:
    failing(ValueError("oops"))
    monkeypatch.setenv("AUTOSCALER_TRACEBACK", "1")
    assert "Traceback" in call("validate", "x").err


def test_an_error_cannot_drive_the_terminal(call: Call, failing: Callable[[BaseException], None]) -> None:
    failing(AutoscalerError("node \x1b[2Jn1\rx", hint="see"))
    assert call("validate", "x").err.startswith("error: node \\x1b[2Jn1\\x0dx\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["plna"], "Did you mean 'plan'", id="a misspelt command"),
        pytest.param(["plan", "x", "--no-such"], "--no-such", id="an unknown option"),
        pytest.param(["show"], "hint: see `autoscaler show --help`", id="a missing argument names the command's help"),
        pytest.param(["validate"], "autoscaler init", id="no policy files, and none here"),
        pytest.param(["--color", "mauve"], "mauve", id="a bad choice"),
        pytest.param(["plan", "x", "--output", "xml"], "xml", id="an unknown form of output"),
    ],
)
def test_wrong_usage_is_64(call: Call, arguments: list[str], says: str) -> None:
    ran = call(*arguments)
    assert (ran.code, ran.out) == (64, "")
    assert says in ran.err


def test_without_a_command_it_shows_help_on_stderr(call: Call) -> None:
    ran = call()
    assert (ran.code, ran.out) == (64, "")
    assert "Usage: autoscaler" in ran.err


def test_help_lists_all_commands_and_imports_nothing_heavy() -> None:
    code = """
import sys
before = set(sys.modules)
from autoscaler.cli.main import main
main(["--help"])
print(*sorted(sys.modules.keys() - before), file=sys.stderr)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = ran.stderr.split()
    tops = {name.partition(".")[0] for name in imported}
    assert len(imported) < 260
    assert tops & HEAVY == set()
    assert {top for top in tops - sys.stdlib_module_names - NEEDED if not top.startswith("autoscaler_")} == set()
    assert [name for name in imported if name.startswith(WEIGHTY) or re.match(r"autoscaler_\w+\.", name)] == []
    assert all(f" {name} " in ran.stdout for name in [*LISTINGS, "demo", "lab"])


def test_every_listing_tells_what_its_command_tells() -> None:
    told = {name: listing.load().short_help for name, listing in LISTINGS.items()}
    assert told == {name: listing.summary for name, listing in LISTINGS.items()}


@pytest.mark.parametrize("name", LISTINGS)
def test_every_command_has_examples_that_parse(call: Call, name: str) -> None:
    ran = call(name, "--help")
    command = cli.load(name)
    examples = command.examples  # type: ignore[attr-defined]
    assert ran.code == 0
    assert "Examples:" in ran.out
    assert examples
    for example in examples:
        program, called, *arguments = shlex.split(example, comments=True)
        assert (program, called) == ("autoscaler", name)
        command.make_context(name, arguments, parent=click.Context(cli)).close()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("no_such_module:it", "ModuleNotFoundError", id="whose module is gone"),
        pytest.param("os:no_such_thing", "AttributeError", id="whose attribute is gone"),
        pytest.param("os:sep", "a str, not a command", id="that is no command"),
    ],
)
class TestABrokenPlugin:
    """A plugin's command."""

    @pytest.fixture(autouse=True)
    def plugin(self, monkeypatch: pytest.MonkeyPatch, value: str) -> Iterator[None]:
        found = [EntryPoint("broken", value, "autoscaler.commands"), EntryPoint("plan", value, "autoscaler.commands")]
        monkeypatch.setattr("autoscaler.cli.lazy.entry_points", lambda group: found)
        monkeypatch.setattr(cli, "commands", dict(cli.commands))
        cli.__dict__.pop("plugins", None)
        yield
        cli.__dict__.pop("plugins", None)

    def test_is_listed_and_breaks_only_itself(self, call: Call, value: str, says: str) -> None:
        assert "broken" in call("--help").out
        assert call("plan", "--help").code == 0
        ran = call("broken")
        assert ran.code == 1
        assert says in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_prints_a_completion_script(call: Call, shell: str) -> None:
    ran = call("--completion", shell)
    assert ran.code == 0
    assert "_AUTOSCALER_COMPLETE" in ran.out


def test_completes_commands_without_importing_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AUTOSCALER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "autoscaler pl")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert call().out == "plain,plan\n"


@pytest.mark.parametrize(
    ("arguments", "environ", "coloured"),
    [
        pytest.param([], {}, False, id="none where nobody looks"),
        pytest.param(["--color", "always"], {}, True, id="always"),
        pytest.param(["--color", "always"], {"NO_COLOR": "1"}, True, id="the option beats NO_COLOR"),
        pytest.param([], {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR beats FORCE_COLOR"),
        pytest.param([], {"FORCE_COLOR": "", "TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param(["--color", "never"], {"FORCE_COLOR": "1"}, False, id="never"),
    ],
)
def test_colours(
    call: Call,
    failing: Callable[[BaseException], None],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environ: dict[str, str],
    *,
    coloured: bool,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    failing(AutoscalerError("broken", hint="mend it"))
    assert ("\x1b[31m" in call(*arguments, "validate", "x").err) is coloured
    assert ("\x1b[" in call(*arguments, "--help").out) is coloured


@pytest.mark.parametrize(
    ("redirect", "code"),
    [
        pytest.param("| head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", exits.PIPE_CLOSED, id="a reader that left"),
        pytest.param(">/dev/full", exits.ERROR, id="a full disk"),
    ],
)
def test_an_stdout_that_takes_nothing_is_no_traceback(tmp_path: Path, redirect: str, code: int) -> None:
    python = (
        f"{sys.executable} -c 'import click, sys; from autoscaler.cli import main as m; "
        'm.Listing.load = lambda self: click.Command("schema", callback=lambda: [click.echo("x" * 4096) for _ in range(99)]); '
        'sys.argv = ["autoscaler", "schema"]; m.run()\''
    )
    ran = subprocess.run(["bash", "-c", f"{python} {redirect}"], capture_output=True, text=True, check=False)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


def test_the_script_looks_for_circles_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    monkeypatch.setattr(sys, "argv", ["autoscaler", "--version"])
    try:
        with pytest.raises(SystemExit):
            run()
        assert gc.get_threshold() == SELDOM
    finally:
        gc.set_threshold(*before)
