"""A backtest as a value and as text: how it was set, and the figures of each policy side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autoscaler.explaining.layout import page, table
from autoscaler.model.quantities import Duration, Instant
from autoscaler.rehearsing.backtest import Replayed, Setting
from autoscaler.rehearsing.figures import Figures
from autoscaler.rehearsing.load import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One policy and what came of it."""

    policy: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """`capacity`: thousandths of the load's unit that fill one replica; `ticks`: how often was decided."""

    load: str
    begins: Instant
    span: Duration
    rows: int
    ticks: int
    every: Duration
    lag: Duration
    start_delay: Duration
    machine_delay: Duration
    per_machine: int
    capacity: int
    bears: int
    policies: tuple[Tried, ...]


def report(load: Load, setting: Setting, replayed: Sequence[Replayed]) -> Backtest:
    """All that is worth keeping but the series."""
    delays = setting.delays
    return Backtest(
        load=load.name,
        begins=load.times[0],
        span=load.span,
        rows=len(load.times),
        ticks=len(replayed[0].ready) if replayed else 0,
        every=setting.every,
        lag=setting.lag,
        start_delay=delays.start,
        machine_delay=delays.machine,
        per_machine=delays.per_machine or 0,
        capacity=round(setting.capacity * 1000),
        bears=setting.bears.milli,
        policies=tuple(Tried(policy=one.policy, figures=one.figures) for one in replayed),
    )


def report_as_text(found: Backtest) -> str:
    """The setting in a line or two, then a column for each policy."""
    heads = ["", *(one.policy for one in found.policies)]
    cells = [list(_cells(one.figures)) for one in found.policies]
    rows = [[name, *(column[place] for column in cells)] for place, name in enumerate(NAMES)]
    return page([*_setting(found), "", *table(heads, rows)])


NAMES = (
    "time short",
    "short, of what was needed",
    "longest time short",
    "time over",
    "over, of what was needed",
    "cost, by what was needed",
    "changes a day",
)


def _setting(found: Backtest) -> Iterator[str]:
    yield f"{found.load}: {found.rows:,} values over {found.span}, decided every {found.every} on what was seen {found.lag} before."
    machines = f", on a new machine {found.machine_delay} later ({found.per_machine} each)" if found.per_machine else ""
    yield (
        f"One replica takes {found.capacity / 1000:g}, serves {found.start_delay} after it is asked for{machines}, "
        f"and is overrun above {found.bears / 10:g}%."
    )


def _cells(figures: Figures) -> Iterator[str]:
    yield f"{figures.short_time / 1000:.2f} %"
    yield f"{figures.short_amount / 1000:.2f} %"
    yield str(figures.worst)
    yield f"{figures.over_time / 1000:.2f} %"
    yield f"{figures.over_amount / 1000:.2f} %"
    yield f"{figures.cost / 1000:.3f}"
    yield f"{figures.changes / 1000:.1f}"
