"""`autoscaler decide`: the counts, before anyone asks where the replicas fit."""

import click

from autoscaler.cli import dry
from autoscaler.cli.options import Asked, command, looking, output_option
from autoscaler.cli.output import document
from autoscaler.cli.paint import painted
from autoscaler.engine.sequence import Turn
from autoscaler.explaining import bounds_as_text, decided_as_text


@command(
    "autoscaler decide shop.yaml",
    "autoscaler decide policies/ --cluster shop --output json",
    "autoscaler decide --recording yesterday.json  # offline, frame by frame",
)
@looking
@output_option
def decide(asked: Asked, output: str) -> None:
    """Show how many replicas each policy asks for, and why.

    Reads only: every input, each rule's vote, each stage on the way to the count. Of a recording every frame is decided, each with the
    past that those before it left, unless it tells its own.
    """
    results = dry.each(asked, dry.turns)
    turns = [turn for made in results.made for turn in made]
    if output == "table":
        click.echo(painted("\n".join(map(_text, turns))))
    else:
        decided = tuple(one for turn in turns for one in turn.decided)
        click.echo(document(decided, kind="decisions", output=output))
    results.raise_any()


def _text(turn: Turn) -> str:
    texts = [decided_as_text(one.decision, one.conditions) for one in turn.decided] + [bounds_as_text(one) for one in turn.bounds]
    return "\n".join(texts) or f"Cluster {turn.cluster}: no policy decides anything."
