"""`autoscaler observe`: what is seen, and what is not."""

from pathlib import Path

from autoscaler.cli import dry, files
from autoscaler.cli.options import Asked, command, looking, out_option, output_option
from autoscaler.cli.output import document_of, emit_each
from autoscaler.cli.terminal import say
from autoscaler.explaining import status_as_text

KINDS = ("observation", "observations")


@command(
    "autoscaler observe shop.yaml",
    "autoscaler observe policies/ --cluster shop --output json",
    "autoscaler observe shop.yaml --out seen.json",
)
@looking
@out_option
@output_option
def observe(asked: Asked, out: Path | None, output: str) -> None:
    """Show what is seen of a cluster now.

    Reads only. What could not be read is shown as unknown with the reason, never as zero.
    """
    results = dry.each(asked, lambda seen: seen)
    if out:
        files.write(out, document_of([one.observation for one in results.made], KINDS) + "\n", private=True)
        say(f"wrote {out}")
    else:
        emit_each(results.made, kinds=KINDS, output=output, text=_text, data=lambda one: one.observation)
    results.raise_any()


def _text(seen: dry.Seen) -> str:
    return status_as_text(seen.observation, seen.policies, seen.past.freezes)
