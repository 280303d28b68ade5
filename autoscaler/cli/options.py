"""Options that several commands share, and `@command`, which adds those that all have."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from autoscaler.cli.help import Command
from autoscaler.cli.terminal import Invocation, color_of

Function = TypeVar("Function", bound=Callable[..., Any])

POLICIES = click.Path(path_type=Path)
IN_FILE = click.Path(path_type=Path)
OUT_FILE = click.Path(path_type=Path, dir_okay=False)
SHELLS = ("bash", "zsh", "fish")


def _set_color(context: click.Context, _: click.Parameter, choice: str | None) -> None:
    if choice is None:
        return
    context.color = color_of(choice, os.environ)
    context.ensure_object(Invocation).color = context.color
    if isinstance(context, click.RichContext):
        context.help_config.force_terminal = context.color
        context.help_config.color_system = "auto" if context.color is not False else None


def _set_traceback(context: click.Context, _: click.Parameter, *, wanted: bool) -> None:
    if wanted:
        context.ensure_object(Invocation).traceback = True


def _print_version(context: click.Context, _: click.Parameter, *, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"autoscaler {version('poolkeeper')}")
        context.exit()


def _print_completion(context: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell is not None:
        from click.shell_completion import get_completion_class

        completion = get_completion_class(shell)
        if completion:
            click.echo(completion(context.command, {}, "autoscaler", "_AUTOSCALER_COMPLETE").source())
        context.exit()


color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    expose_value=False,
    is_eager=True,
    callback=_set_color,
    help="Colours: auto heeds NO_COLOR and TERM=dumb.",
)
traceback_option = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, parameter, value: _set_traceback(context, parameter, wanted=value),
    help="Show where an error came from (or AUTOSCALER_TRACEBACK=1).",
)
version_option = click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, parameter, value: _print_version(context, parameter, wanted=value),
    help="Print the version.",
)
completion_option = click.option(
    "--completion",
    type=click.Choice(SHELLS),
    expose_value=False,
    is_eager=True,
    callback=_print_completion,
    help='Print a completion script, as for: eval "$(autoscaler --completion bash)"',
)

policies_argument = click.argument("policies", nargs=-1, type=POLICIES, metavar="[POLICIES]...")
policies_option = click.option(
    "-p",
    "--policies",
    multiple=True,
    type=POLICIES,
    metavar="PATH",
    envvar="AUTOSCALER_POLICIES",
    show_envvar=True,
    help="Policy files; else autoscaler.yaml of this folder.",
)
cluster_option = click.option("--cluster", metavar="NAME", help="Only this cluster of the policies.")
output_option = click.option(
    "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True, help="The form of the data."
)
store_option = click.option(
    "--store", metavar="PATH|URL", envvar="AUTOSCALER_STORE", show_envvar=True, help="Where the past is kept; else as the policies say."
)
out_option = click.option("-o", "--out", type=OUT_FILE, metavar="FILE", help="Save it, readable by you alone.")
from_option = click.option("--from", "recording", type=IN_FILE, metavar="RECORDING", help="Work offline on what was recorded.")


def command(*examples: str) -> Callable[[Function], Command]:
    """Make a command of a function; its docstring is its help, with the examples after the first line."""

    def build(function: Function) -> Command:
        summary = (inspect.getdoc(function) or "").partition("\n\n")[0]
        return click.command(cls=Command, examples=examples, short_help=summary)(color_option(traceback_option(function)))

    return build
