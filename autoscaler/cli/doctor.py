"""`autoscaler doctor`: whether everything needed works, one line each."""

import click

from autoscaler.cli import checks, dry, exits, marks
from autoscaler.cli.options import Asked, command, output_option, remembering, take_over_option, yes_option
from autoscaler.cli.output import emit
from autoscaler.cli.paint import painted
from autoscaler.cli.stores import existing
from autoscaler.cli.telling import line
from autoscaler.cli.terminal import agreed, say
from autoscaler.cli.writing import open_site
from autoscaler.errors import UsageError

SIGNS = {(True, False): "  + ok     ", (True, True): "  ~ advice ", (False, True): "  ! broken ", (False, False): "  ! broken "}
"""By whether it is, and whether there is something to do."""


@command(
    "autoscaler doctor",
    "autoscaler doctor --policies shop.yaml --output json",
    "autoscaler doctor --marks  # what of ours is on the cluster",
    "autoscaler doctor --marks --remove  # after a store was lost in mid-drain",
)
@remembering
@click.option("--marks", "only_marks", is_flag=True, help="List the marks we left on the cluster.")
@click.option("--remove", is_flag=True, help="With --marks: take those off that no plan of this store accounts for.")
@take_over_option
@yes_option
@output_option
def doctor(asked: Asked, output: str, *, only_marks: bool, remove: bool, take_over: bool, yes: bool) -> None:
    """Check that everything needed works.

    Policy files, plugins, store, clusters, metrics and clocks, each by itself: one that is broken does not hide the others. Exits 1 when
    one is. A mark is a field we changed for a while, with its value before: taking it off restores that value, if ours is still there.
    """
    if remove and not only_marks:
        raise UsageError("--remove is for marks", hint="say --marks --remove")
    if only_marks:
        _marks(asked, output, remove=remove, take_over=take_over, yes=yes)
        return
    found = tuple(checks.all_of(asked))
    emit(found, kind="checks", output=output, text=_text)
    if not all(check.ok for check in found):
        click.get_current_context().exit(exits.ERROR)


def _text(found: tuple[checks.Check, ...]) -> str:
    lines = []
    for check in found:
        lines.append(f"{SIGNS[check.ok, bool(check.hint)]}{check.name}: {check.says}")
        lines += [f"             {check.hint}"] if check.hint else []
    return "\n".join(lines)


def _marks(asked: Asked, output: str, *, remove: bool, take_over: bool, yes: bool) -> None:
    site, where = open_site(asked)
    seen = dry.live(site.cluster, site.plugins, existing(where, site.runtime), site.runtime)
    for error in dry.unseen(seen.observation):
        raise error
    found = marks.on(seen)
    emit(found, kind="marks", output=output, text=marks.text)
    stray = sum(one.stray for one in found)
    if not remove or not stray:
        return
    if not yes:
        agreed(f"Take {stray} marks off cluster {site.cluster.name}, and set back what they changed?")
    marks.remove(site, where, seen, take_over=take_over, tell=lambda record: say(painted(line(record))))
