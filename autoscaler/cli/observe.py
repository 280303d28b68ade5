"""`autoscaler observe`: what is seen, and what is not."""

from pathlib import Path

from autoscaler.cli import dry, files
from autoscaler.cli.options import cluster_option, command, from_option, out_option, output_option, policies_argument, store_option
from autoscaler.cli.output import document_of, emit_each
from autoscaler.cli.terminal import say
from autoscaler.engine import Thought
from autoscaler.explaining import status_as_text


@command(
    "autoscaler observe shop.yaml",
    "autoscaler observe policies/ --cluster shop --output json",
    "autoscaler observe shop.yaml --out seen.json",
)
@policies_argument
@cluster_option
@from_option
@out_option
@store_option
@output_option
def observe(
    policies: tuple[Path, ...], cluster: str | None, recording: Path | None, out: Path | None, store: str | None, output: str
) -> None:
    """Show what is seen of a cluster now.

    Reads only. What could not be read is shown as unknown with the reason, never as zero.
    """
    results = dry.thoughts(dry.Asked(policies=policies, cluster=cluster, recording=recording, store=store))
    if out:
        files.write(out, document_of([one.observation for one in results.thoughts], kind="observation") + "\n", private=True)
        say(f"wrote {out}")
    else:
        emit_each(results.thoughts, kind="observation", output=output, text=_text, data=lambda one: one.observation)
    results.raise_any()


def _text(thought: Thought) -> str:
    return status_as_text(thought.observation, thought.policies, thought.past.freezes)
