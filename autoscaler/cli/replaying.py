"""What commands that replay a load are told: where it is, and what replicas and machines are taken to be like."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from autoscaler.cli import files
from autoscaler.cli.options import bundled
from autoscaler.cli.remembered import remembered
from autoscaler.cli.terminal import say
from autoscaler.cli.times import Moment, Span, instant
from autoscaler.contracts.past_reader import Stretch
from autoscaler.errors import PolicyError, UsageError
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.rehearsing.backtest import Setting
from autoscaler.rehearsing.load import Load, read_load
from autoscaler.rehearsing.world import Delays
from autoscaler.service.runtime import SystemRuntime

Function = TypeVar("Function", bound=Callable[..., Any])

USUAL_REPLICAS = 6
"""So many replicas the median load fills, where nobody says what one takes."""

MOST_TICKS = 20_000_000
LEAST, MOST = 1e-6, 1e15
"""Of a load, between which one replica takes its part."""

When = Instant | Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which load, and which part of it: a file, or a query to a Prometheus of the policies, a value each `step`."""

    load: Path | None = None
    from_prometheus: str | None = None
    source: str | None = None
    step: Duration = Duration(60_000)
    start: When = None
    end: When = None

    def read(self, policies: Path) -> Load:
        """The load; UsageError names what is wrong with it."""
        now = SystemRuntime().now()
        start, end = (None if one is None else instant(one, now) for one in (self.start, self.end))
        if start is not None and end is not None and start >= end:
            raise UsageError("--start is not before --end", hint="swap them, or leave one out")
        if (self.load is None) == (self.from_prometheus is None):
            raise UsageError("a replay needs one load", hint="name a file by --load, or a query by --from-prometheus")
        if self.load:
            return read_load(self.load.name, files.read(self.load, "load")).between(start, end)
        if start is None:
            raise UsageError("--from-prometheus needs --start", hint="write --start 7d for the last week")
        stretch = Stretch(start, now if end is None else end, self.step)
        return remembered(policies, self.source, self.from_prometheus or "", stretch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As the options say."""

    policy: str | None = None
    workload: str | None = None
    capacity: float | None = None
    bears: str = "80%"
    every: Duration | None = None
    lag: Duration = Duration(30_000)
    start_delay: Duration = Duration(60_000)
    machine_delay: Duration = Duration(120_000)
    per_machine: int | None = None

    def setting(self, load: Load, interval: Duration) -> Setting:
        """What a replay is set to; `interval`: how often is decided where nobody says so."""
        every = self.every or interval
        if not every.ms:
            raise UsageError("--every: nothing is decided every 0s", hint="write 15s")
        if load.span.ms // every.ms > MOST_TICKS:
            hint = "name a part by --start and --end, or a longer --every"
            raise UsageError(f"{load.name} makes more than {MOST_TICKS:,} ticks", hint=hint)
        if self.capacity is not None and not LEAST <= self.capacity <= MOST:
            raise UsageError(f"--capacity: {self.capacity:g} is no amount of load", hint=f"write {LEAST:g} to {MOST:g}")
        delays = Delays(start=self.start_delay, machine=self.machine_delay, per_machine=self.per_machine)
        return Setting(capacity=self.capacity or _guessed(load), bears=_share(self.bears), every=every, lag=self.lag, delays=delays)


def replaying(function: Function) -> Function:
    """The options of a replay, as the two arguments `source` and `terms`."""
    return bundled(Source, "source", *_SOURCE)(bundled(Terms, "terms", *_TERMS)(function))


def _guessed(load: Load) -> float:
    found = load.typical() / USUAL_REPLICAS
    if not found:
        raise UsageError(
            f"{load.name} is never more than nothing", hint="see --start and --end; or say how much one replica takes: --capacity"
        )
    say(f"nobody says how much one replica takes (--capacity): taken is {found:g}, so that the median load fills {USUAL_REPLICAS}")
    return found


def _share(text: str) -> Share:
    try:
        found = Share.parse(text)
    except PolicyError as error:
        raise UsageError(f"--bears: {error}", hint=error.hint) from error
    if not found.milli:
        raise UsageError("--bears: a replica that bears 0% serves nobody", hint="write a share above 0%, such as 80%")
    return found


_SPAN: dict[str, Any] = {"type": Span(), "show_default": True, "metavar": "SPAN"}
_SOURCE = (
    click.option("--load", type=click.Path(path_type=Path), metavar="FILE", help="CSV, JSON lines or Parquet: time and load."),
    click.option("--from-prometheus", metavar="QUERY", help="Or what a query of one series gave."),
    click.option("--source", metavar="NAME", help="Which source of the policies is asked, where several could be."),
    click.option("--step", default="1m", help="How far apart its values are.", **_SPAN),
    click.option("--start", type=Moment(), metavar="TIME", help="Only from then on."),
    click.option("--end", type=Moment(), metavar="TIME", help="Only up to then."),
)
_TERMS = (
    click.option("--policy", metavar="NAME", help="Which policy, where the files have several."),
    click.option("--workload", metavar="CLUSTER/PATH", help="Or whose; one by labels has none, and is named."),
    click.option("--capacity", type=click.FloatRange(min=0, min_open=True), metavar="LOAD", help="How much load fills one replica."),
    click.option("--bears", default="80%", show_default=True, metavar="SHARE", help="Up to so much of that a replica serves well."),
    click.option("--every", type=Span(), metavar="SPAN", help="How often is decided; else as the service does."),
    click.option("--lag", default="30s", help="How old what is seen is.", **_SPAN),
    click.option("--start-delay", default="60s", help="How long a replica takes to serve.", **_SPAN),
    click.option("--machine-delay", default="2m", help="How long a machine takes to come.", **_SPAN),
    click.option("--per-machine", type=click.IntRange(min=1), metavar="N", help="Replicas one machine holds; else there is always room."),
)
