"""`autoscaler resume`: what was frozen may change again."""

from dataclasses import replace

import click

from autoscaler.cli.freeze import checked, cluster_in
from autoscaler.cli.options import Asked, command, remembering
from autoscaler.cli.scope import scope
from autoscaler.cli.terminal import say
from autoscaler.errors import UsageError


@command(
    "autoscaler resume shop/web",
    "autoscaler resume all --cluster shop",
)
@click.argument("subject", metavar="all|WORKLOAD|pool:NAME|node:NAME")
@remembering
def resume(asked: Asked, subject: str) -> None:
    """Lift a freeze.

    `all` lifts the freeze of everything, not those of single objects: `autoscaler status` shows which hold.
    """
    where = scope(replace(asked, cluster=asked.cluster or cluster_in(subject)))
    kept = where.store()
    frozen = checked(subject, where)
    lifted = [name for name in frozen.clusters if kept.records(name).resume(frozen.subject)]
    if not lifted:
        raise UsageError(f"{frozen.subject} is not frozen", hint="`autoscaler status` shows what is")
    say(f"resumed: {frozen.subject} in {', '.join(lifted)}")
