"""What went wrong, as words on stderr and an exit code. A traceback only when asked for."""

import errno
import os
import sys
import traceback

import click

from autoscaler.cli import exits
from autoscaler.cli.terminal import Invocation, say, tell_problem
from autoscaler.errors import AutoscalerError

ASK_FOR_TRACEBACK = "a fault of ours: run it again with --traceback (or AUTOSCALER_TRACEBACK=1) and report what it prints"


def tell(error: BaseException, invocation: Invocation) -> int:
    """Say what happened; the exit code it ends with."""
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        say("interrupted", color=invocation.color)
        return exits.INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(error.message, color=invocation.color)
        return exits.WRONG_USAGE
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        return exits.PIPE_CLOSED
    if invocation.traceback:
        traceback.print_exception(error, file=sys.stderr)
    problem, hint, code = _words(error)
    tell_problem(problem, hint, color=invocation.color)
    return code


def give_up_on_stdout() -> None:
    """Nobody reads stdout any more, or its disk is full: let the interpreter's last flush fail unseen."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _words(error: BaseException) -> tuple[str, str, int]:
    if isinstance(error, AutoscalerError):
        return str(error), error.hint, error.exit_code
    if isinstance(error, click.UsageError):
        asked = error.ctx.command_path if error.ctx else "autoscaler"
        return error.format_message(), f"see `{asked} --help`", exits.WRONG_USAGE
    if isinstance(error, click.ClickException):
        return error.format_message(), "", exits.ERROR
    if isinstance(error, OSError):
        return _system(error), "see whether the disk is full and the file yours", exits.ERROR
    return f"{type(error).__name__}: {error}", ASK_FOR_TRACEBACK, exits.ERROR


def _system(error: OSError) -> str:
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said
