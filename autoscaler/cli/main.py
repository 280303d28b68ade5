"""`autoscaler`: the group of all commands, and the one place where an error becomes words and an exit code."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

import rich_click as click
from click.exceptions import Exit
from click.shell_completion import shell_complete

from autoscaler.cli import exits, failures
from autoscaler.cli.collecting import collect_seldom
from autoscaler.cli.lazy import LazyGroup, Listing
from autoscaler.cli.options import COMPLETE, color_option, completion_option, traceback_option, version_option
from autoscaler.cli.terminal import Invocation, color_of, colours

LISTINGS = {
    name: Listing(target=f"autoscaler.cli.{module}:{module}", summary=summary)
    for name, module, summary in (
        ("init", "init", "Write a first policy file to start from."),
        ("validate", "validate", "Check policy files, and show every mistake with its place."),
        ("schema", "schema", "Print the JSON Schema of policy files, for your editor."),
        ("test", "test", "Try policies on cases written down beside them."),
        ("backtest", "backtest", "Replay a load of the past against policies."),
        ("tune", "tune", "Search a policy's settings for what a load of the past needed."),
        ("observe", "observe", "Show what is seen of a cluster now."),
        ("decide", "decide", "Show how many replicas each policy asks for, and why."),
        ("plan", "plan", "Show what `apply` would do, and why."),
        ("show", "show", "Print a saved plan."),
        ("apply", "apply", "Carry out a plan, step by step."),
        ("run", "run", "Keep clusters at the right size until stopped."),
        ("explain", "explain", "Tell why a workload, a node, a pool or a plan is as it is."),
        ("status", "status", "Show who leads, what is under way and what is frozen."),
        ("history", "history", "Show past decisions and plans."),
        ("drain", "drain", "Empty a node without a gap."),
        ("rebalance", "rebalance", "Spread replicas evenly again, without a gap."),
        ("freeze", "freeze", "Forbid all changes to something for a while."),
        ("resume", "resume", "Lift a freeze."),
        ("catalogue", "catalogue", "Keep what clouds sell, and at what price."),
        ("doctor", "doctor", "Check that everything needed works."),
    )
}

EXAMPLES = (
    "autoscaler init                   # a first policy file",
    "autoscaler plan autoscaler.yaml   # look before you leap",
    "autoscaler apply autoscaler.yaml  # do it",
    "autoscaler run autoscaler.yaml    # and keep doing it",
)


@click.group(
    cls=LazyGroup,
    listings=LISTINGS,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@version_option
@completion_option
@color_option
@traceback_option
def cli() -> None:
    """Keeps container clusters at the right size, replicas and machines together, from declarative YAML."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    invocation = Invocation(color=color_of("auto", os.environ), traceback=bool(os.environ.get("AUTOSCALER_TRACEBACK")))
    _never_fail_to_encode()
    try:
        code = _call(sys.argv[1:] if arguments is None else list(arguments), invocation)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - this is where every error ends, KeyboardInterrupt included
        code = failures.tell(error, invocation)
        if isinstance(error, OSError):
            failures.give_up_on_stdout()
    return code


def _call(arguments: list[str], invocation: Invocation) -> int:
    """Not by click's own `main`, which has exit codes and error texts of its own."""
    if COMPLETE in os.environ:
        return shell_complete(cli, {}, "autoscaler", COMPLETE, os.environ[COMPLETE])
    try:
        with cli.make_context("autoscaler", arguments, obj=invocation, **colours(invocation.color)) as context:
            cli.invoke(context)
    except Exit as ended:
        return ended.exit_code
    return exits.FINE


def run() -> NoReturn:
    """The console script."""
    collect_seldom()
    sys.exit(main())


def _never_fail_to_encode() -> None:
    """In a locale without the character, its number is better than no answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
