"""`autoscaler freeze`: the red button."""

from dataclasses import dataclass, replace

import click

from autoscaler.cli.options import Asked, command, remembering
from autoscaler.cli.scope import Scope, scope, who
from autoscaler.cli.stores import opened
from autoscaler.cli.terminal import say
from autoscaler.cli.times import Span
from autoscaler.errors import UsageError
from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.quantities import Duration, later
from autoscaler.model.refs import ClusterName

KINDS = ("pool:", "node:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A subject as the store knows it, and the clusters it is in."""

    subject: str
    clusters: tuple[ClusterName, ...]


@command(
    "autoscaler freeze shop/web --why 'release tonight' --for 2h",
    "autoscaler freeze node:n1 --why 'disk being replaced'",
    "autoscaler freeze all --cluster shop --why 'incident 4711'",
)
@click.argument("subject", metavar="all|WORKLOAD|pool:NAME|node:NAME")
@click.option("--why", required=True, metavar="WORDS", help="What the others should know.")
@click.option("--for", "span", type=Span(), metavar="SPAN", help="Ends by itself after, as in 2h; else it holds until resumed.")
@remembering
def freeze(asked: Asked, subject: str, why: str, span: Duration | None) -> None:
    """Forbid all changes to something for a while.

    Steps under way are not broken off half-way: nothing new begins. It holds across restarts, for every process of the same store.
    """
    if not why.strip():
        raise UsageError("a freeze without a reason", hint="say what the others should know: --why 'incident 4711'")
    if span is not None and not span.ms:
        raise UsageError("a freeze for no time at all", hint="write --for 2h, or leave it out to freeze until resumed")
    where = scope(replace(asked, cluster=asked.cluster or cluster_in(subject)))
    frozen = checked(subject, where)
    now = where.runtime.now()
    until = later(now, span) if span else None
    kept = opened(where.where, where.runtime)
    for name in frozen.clusters:
        kept.records(name).freeze(Freeze(subject=frozen.subject, who=who(), why=why, at=now, until=until))
    span_of = f"for {span}" if span else "until resumed"
    say(f"frozen: {frozen.subject} in {', '.join(frozen.clusters)} {span_of}{_kept_in(where.where)}")


def _kept_in(where: str) -> str:
    """A freeze in another store than the service's stops nobody. An address may hold a password, and is not shown."""
    return "" if "://" in where else f", in the store {where}"


def cluster_in(subject: str) -> str | None:
    """The cluster a workload's name begins with."""
    return subject.partition("/")[0] if "/" in subject and not subject.startswith(KINDS) else None


def checked(subject: str, where: Scope) -> Frozen:
    """The subject, known to be one; UsageError else. A name without a kind is a workload's."""
    if subject == EVERYTHING:
        return Frozen(subject=subject, clusters=where.clusters)
    if subject.startswith(KINDS):
        return _of_kind(subject, where)
    ref = where.of(subject)
    if not ref.path:
        raise UsageError("freeze what?", hint="write all, a workload such as shop/web, pool:NAME or node:NAME")
    return Frozen(subject=str(ref), clusters=(ref.cluster,))


def _of_kind(subject: str, where: Scope) -> Frozen:
    kind, _, name = subject.partition(":")
    clusters = where.clusters
    if kind == "pool" and where.configuration is not None:
        clusters = tuple(
            one.name for one in where.configuration.clusters if one.name in clusters and any(pool.name == name for pool in one.pools)
        )
    if not name or not clusters:
        raise UsageError(f"no {kind} {name!r} in the policies", hint="write pool:NAME or node:NAME, and --cluster if it is another")
    if kind == "node" and len(clusters) > 1:
        raise UsageError(f"in which cluster is node {name}?", hint=f"say --cluster {' or '.join(clusters)}")
    return Frozen(subject=subject, clusters=clusters)
