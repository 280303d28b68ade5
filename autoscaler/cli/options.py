"""Options that several commands share, and `@command`, which adds those that all have."""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import rich_click as click

from autoscaler.cli.help import Command
from autoscaler.cli.terminal import Invocation, color_of, colours
from autoscaler.cli.times import Span

Function = TypeVar("Function", bound=Callable[..., Any])

POLICIES = click.Path(path_type=Path)
IN_FILE = click.Path(path_type=Path)
OUT_FILE = click.Path(path_type=Path, dir_okay=False)
COMPLETE = "_AUTOSCALER_COMPLETE"
"""The variable by which a shell asks what could be typed."""

SHELLS = ("bash", "zsh", "fish")


def _set_color(context: click.Context, _: click.Parameter, choice: str | None) -> None:
    if choice is None:
        return
    context.color = color_of(choice, os.environ)
    context.ensure_object(Invocation).color = context.color
    if isinstance(context, click.RichContext):
        for name, value in colours(context.color)["rich_help_config"].items():
            setattr(context.help_config, name, value)


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
            click.echo(completion(context.command, {}, "autoscaler", COMPLETE).source())
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

policies_argument = click.argument("policies", nargs=-1, type=POLICIES, metavar="[POLICIES]...", envvar="AUTOSCALER_POLICIES")
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
from_option = click.option(
    "--from", "--recording", "recording", type=IN_FILE, metavar="RECORDING", help="Work offline on what was recorded."
)
yes_option = click.option("--yes", is_flag=True, help="Ask nothing.")
take_over_option = click.option("--take-over", is_flag=True, help="Replace the owner mark of another store, once that one was stopped.")
timeout_option = click.option(
    "--timeout", type=Span(), default="1h", show_default=True, metavar="SPAN", help="Stop watching after; what was begun stays journalled."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command was told of where to look: the policies, which cluster of theirs, the store, or a recording instead of all."""

    policies: tuple[Path, ...] = ()
    cluster: str | None = None
    store: str | None = None
    recording: Path | None = None


def looking(function: Function) -> Function:
    """POLICIES, --cluster, --from and --store, as one argument `asked`."""
    return bundled(Asked, "asked", policies_argument, cluster_option, from_option, store_option)(function)


def remembering(function: Function) -> Function:
    """--policies, --cluster and --store, as one argument `asked`, for commands whose own argument is something else."""
    return bundled(Asked, "asked", policies_option, cluster_option, store_option)(function)


def bundled(kind: type[Any], name: str, *options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Options that reach the command as one argument `name`: a `kind`, whose fields they are called by."""
    names = [field.name for field in fields(kind)]

    def decorate(function: Function) -> Function:
        @wraps(function)
        def gathered(**given: object) -> object:
            told = {each: given.pop(each) for each in names if each in given}
            return function(**{name: kind(**told)}, **given)

        decorated = cast("Function", gathered)
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def command(*examples: str) -> Callable[[Function], Command]:
    """Make a command of a function; its docstring is its help, with the examples after the first line."""

    def build(function: Function) -> Command:
        summary = (inspect.getdoc(function) or "").partition("\n\n")[0]
        return click.command(cls=Command, examples=examples, short_help=summary)(color_option(traceback_option(function)))

    return build
