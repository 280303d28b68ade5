"""`autoscaler decide`: the counts, before anyone asks where the replicas fit."""

import click

from autoscaler.cli import dry
from autoscaler.cli.options import Asked, command, looking, output_option
from autoscaler.cli.output import document
from autoscaler.cli.paint import painted
from autoscaler.engine.dry import Thought
from autoscaler.explaining import bounds_as_text, decision_as_text


@command(
    "autoscaler decide shop.yaml",
    "autoscaler decide policies/ --cluster shop --output json",
    "autoscaler decide --from yesterday.json  # offline",
)
@looking
@output_option
def decide(asked: Asked, output: str) -> None:
    """Show how many replicas each policy asks for, and why.

    Reads only: every input, each rule's vote, each stage on the way to the count.
    """
    results = dry.each(asked, dry.thought)
    if output == "table":
        click.echo(painted("\n".join(map(_text, results.made))))
    else:
        decisions = tuple(decision for thought in results.made for decision in thought.decisions)
        click.echo(document(decisions, kind="decisions", output=output))
    results.raise_any()


def _text(thought: Thought) -> str:
    texts = [decision_as_text(one) for one in thought.decisions] + [bounds_as_text(one) for one in thought.bounds]
    return "\n".join(texts) or f"Cluster {thought.policies.cluster}: no policy decides anything."
