"""`autoscaler show`: a saved plan, as it was shown when it was made."""

from pathlib import Path

import click

from autoscaler.cli import exits
from autoscaler.cli.options import IN_FILE, command, output_option
from autoscaler.cli.output import emit
from autoscaler.cli.planfile import read_plan
from autoscaler.explaining import plan_as_text


@command(
    "autoscaler show shop.plan",
    "autoscaler show shop.plan --output json",
    "autoscaler show shop.plan --exit-code  # 2 means it changes something",
)
@click.argument("file", type=IN_FILE)
@click.option("--exit-code", is_flag=True, help="Exit 2 when the plan changes something.")
@output_option
def show(file: Path, output: str, *, exit_code: bool) -> None:
    """Print a saved plan.

    Reads only the file.
    """
    plan = read_plan(file).plan
    emit(plan, kind="plan", output=output, text=plan_as_text)
    if exit_code and plan.steps:
        click.get_current_context().exit(exits.CHANGES_PRESENT)
