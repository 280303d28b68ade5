"""`autoscaler plan`: look before you leap."""

from pathlib import Path

import click

from autoscaler.cli import dry, exits, files
from autoscaler.cli.options import OUT_FILE, Asked, command, looking, out_option, output_option
from autoscaler.cli.output import emit_each
from autoscaler.cli.planfile import write_plan
from autoscaler.cli.terminal import say
from autoscaler.engine.dry import Thought
from autoscaler.errors import UsageError
from autoscaler.explaining import plan_as_text
from autoscaler.model import codec
from autoscaler.model.recordings import Recording
from autoscaler.planning import Rebalance


@command(
    "autoscaler plan shop.yaml",
    "autoscaler plan shop.yaml --out shop.plan  # then: autoscaler apply shop.plan",
    "autoscaler plan policies/ --detailed-exitcode  # for CI: 2 means changes",
    "autoscaler plan shop.yaml --record now.json  # keep what was seen",
    "autoscaler plan --from now.json  # and plan again on it, offline",
    "autoscaler plan shop.yaml --rebalance 10  # what `rebalance` would move",
)
@looking
@out_option
@click.option("--record", type=OUT_FILE, metavar="FILE", help="Save all that was seen, for `--from`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
@click.option("--rebalance", type=click.IntRange(min=1), metavar="MOVES", help="Plan nothing but what spreads replicas evenly again.")
@output_option
def plan(asked: Asked, out: Path | None, record: Path | None, rebalance: int | None, output: str, *, detailed_exitcode: bool) -> None:
    """Show what `apply` would do, and why.

    Built without anything that could change a cluster: it reads, decides and plans. Works without a store; with one, the past is heeded.
    """
    wanted = Rebalance(moves=rebalance) if rebalance else None
    results = dry.each(asked, lambda seen: dry.thought(seen, wanted))
    emit_each(results.made, kinds=("plan", "plans"), output=output, text=_text, data=lambda one: one.plan)
    if record:
        _save_recording(record, results)
    if out:
        _save_plan(out, results, asked.policies)
    results.raise_any()
    if detailed_exitcode and any(thought.plan.steps for thought in results.made):
        click.get_current_context().exit(exits.CHANGES_PRESENT)


def _text(thought: Thought) -> str:
    return plan_as_text(thought.plan, thought.decisions)


def _save_recording(path: Path, results: dry.Results[Thought]) -> None:
    recording = Recording(frames=tuple(thought.frame for thought in results.made), policies=results.configuration.files)
    files.write(path, codec.dumps(recording, kind="recording") + "\n", private=True)
    say(f"wrote {path}")


def _save_plan(path: Path, results: dry.Results[Thought], policies: tuple[Path, ...]) -> None:
    if len(results.made) > 1:
        raise UsageError("a plan file holds one cluster's plan", hint="say which: --cluster NAME")
    for thought in results.made:
        write_plan(path, thought.plan, policies)
        say(f"wrote {path}; carry it out within 15m: autoscaler apply {path}")
