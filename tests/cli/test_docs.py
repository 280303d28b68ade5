"""docs/command.md names every command, option of substance, exit code and variable."""

import re
from pathlib import Path

import pytest

from autoscaler.cli import exits
from autoscaler.cli.main import LISTINGS, cli
from autoscaler.errors import PolicyError, RefusedError, StalePlanError

TEXT = (Path(__file__).parents[2] / "docs" / "command.md").read_text()
CODES = [getattr(exits, name) for name in vars(exits) if name.isupper()]
CODES += [error.exit_code for error in (StalePlanError, RefusedError, PolicyError)]


@pytest.mark.parametrize("name", [*LISTINGS, "demo", "lab"])
def test_names_every_command(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", TEXT, flags=re.MULTILINE)


@pytest.mark.parametrize("code", sorted(CODES))
def test_names_every_exit_code(code: int) -> None:
    assert re.search(rf"^\| {code} \|", TEXT, flags=re.MULTILINE)


def test_names_no_option_that_is_not_there() -> None:
    known = {option for name in LISTINGS for parameter in cli.load(name).params for option in parameter.opts}
    known |= {option for name in LISTINGS for parameter in cli.load(name).params for option in parameter.secondary_opts}
    known |= {option for parameter in cli.params for option in parameter.opts} | {"--help"}
    assert set(re.findall(r"--[a-z][a-z-]+", TEXT)) <= known


def test_names_every_variable() -> None:
    read = {str(parameter.envvar) for name in LISTINGS for parameter in cli.load(name).params if parameter.envvar}
    assert read <= set(re.findall(r"AUTOSCALER_[A-Z]+", TEXT))
