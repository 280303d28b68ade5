"""`autoscaler tune`: other settings of a policy, tried on a load of the past."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from autoscaler.cli.backtest import contender
from autoscaler.cli.options import command, output_option
from autoscaler.cli.output import document
from autoscaler.cli.paint import painted
from autoscaler.cli.replaying import Source, Terms, replaying
from autoscaler.cli.terminal import progress
from autoscaler.config.writing import Plain, written
from autoscaler.contracts.policy import NamedRule, Policy
from autoscaler.errors import PolicyError, UsageError
from autoscaler.explaining.layout import page, table
from autoscaler.model.policies import Direction
from autoscaler.model.quantities import Share
from autoscaler.rehearsing.spreading import all_tried
from autoscaler.rehearsing.tuning import Knobs, Trial, best, candidates, frontier, varied

WHOLE = 1000
EVERY = 10
"""Trials between two words of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """`present`: the policy as it is. `frontier`: what nothing is better than. `chosen`: least short and no dearer, with its `patch`."""

    load: str
    trials: int
    present: Trial
    frontier: tuple[Trial, ...]
    chosen: Trial | None = None
    patch: str = ""


@command(
    "autoscaler tune shop.yaml --load requests.csv --capacity 150",
    "autoscaler tune shop.yaml --load requests.csv --cost 90%",
    "autoscaler tune shop.yaml --load requests.csv --dask tcp://scheduler:8786",
)
@click.argument("policies", type=click.Path(path_type=Path), default="autoscaler.yaml", metavar="[POLICIES]")
@replaying
@click.option("--cost", default="100%", show_default=True, metavar="SHARE", help="What it may cost, of the present settings' cost.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="How many replays at once; else one for each core.")
@click.option("--dask", metavar="ADDRESS", help="Spread them over this Dask cluster instead.")
@output_option
def tune(*, policies: Path, source: Source, terms: Terms, cost: str, workers: int | None, dask: str | None, output: str) -> None:
    """Search a policy's settings for what a load of the past needed.

    Targets, the window on the way down and lessons are varied, each replayed as `backtest` does. Shows what nothing is better than in
    time short and cost, and the patch that is short for the least time at no more cost. Reads files only.
    """
    load, budget = source.read(policies), _share(cost)
    chosen = contender(policies, terms)
    policy = chosen.policy
    setting, knobs = terms.setting(load, chosen.interval), (None, *candidates(policy))
    progress(f"trying {len(knobs) - 1} settings of {policy.name} on {load.name} …")
    trials: list[Trial] = []
    for trial in all_tried(policy, knobs, load, setting, workers=workers or os.cpu_count() or 1, address=dask):
        trials.append(trial)
        if len(trials) % EVERY == 0:
            progress(f"{len(trials)} of {len(knobs)} tried")
    found = _tuned(load.name, policy, trials, budget)
    click.echo(painted(_text(found, chosen.called)) if output == "table" else document(found, kind="tuning", output=output))


def _tuned(load: str, policy: Policy, trials: list[Trial], cost: Share) -> Tuning:
    present, others = trials[0], trials[1:]
    chosen = best(others, present.figures.cost * cost.milli // WHOLE)
    better = (
        chosen if chosen and (chosen.figures.short_time, chosen.figures.cost) < (present.figures.short_time, present.figures.cost) else None
    )
    if chosen and cost.milli < WHOLE:
        better = chosen
    patch = _patch(policy, better.knobs) if better and better.knobs else ""
    return Tuning(load=load, trials=len(others), present=present, frontier=frontier(trials), chosen=better, patch=patch)


def _patch(policy: Policy, knobs: Knobs) -> str:
    """What to write under the policy."""
    import yaml

    made = varied(policy, knobs)
    rules: list[Plain] = [_rule(one) for one in made.rules]
    directions = {"scale_up": made.behaviour.scale_up, "scale_down": made.behaviour.scale_down}
    behaviour: dict[str, Plain] = {name: _direction(one) for name, one in directions.items()}
    behaviour["learn"] = written(made.behaviour.learn) if made.behaviour.learn else "off"
    return str(yaml.safe_dump({"rules": rules, "behaviour": behaviour}, sort_keys=False, default_flow_style=None, width=120))


def _rule(named: NamedRule) -> Plain:
    beside: dict[str, Plain] = {"group": named.group} if named.group else {}
    if named.called not in ("", named.kind):
        beside["name"] = named.called
    return {named.kind: written(named.rule), **beside}


def _direction(one: Direction) -> Plain:
    """All of it: what the patch leaves out would come from the file's defaults."""
    limits: list[Plain] = [{"change": written(limit.change), "per": str(limit.per)} for limit in one.limits]
    return {"stabilise": str(one.stabilise), "limits": limits, "pick": one.pick.value}


def _text(found: Tuning, policy: str) -> str:
    heads = ("", "time short", "cost, by what was needed", "longest time short", "changes a day")
    rows = [_row("as it is", found.present), *(_row(_words(one.knobs), one) for one in found.frontier)]
    ending = [f"Under policy {policy}:", "", found.patch.rstrip()] if found.patch else ["Nothing tried is better at that cost."]
    return page(
        [f"{found.load}: {found.trials} settings tried; below it, those nothing is better than.", "", *table(heads, rows), "", *ending]
    )


def _row(name: str, trial: Trial) -> tuple[str, ...]:
    figures = trial.figures
    return (
        name,
        f"{figures.short_time / 1000:.2f} %",
        f"{figures.cost / 1000:.3f}",
        str(figures.worst),
        f"{figures.changes / 1000:.1f}",
    )


def _words(knobs: Knobs | None) -> str:
    if knobs is None:
        return "as it is"
    return f"targets x {knobs.target}, down window {knobs.window}{', learning' if knobs.learns else ''}"


def _share(text: str) -> Share:
    try:
        return Share.parse(text)
    except PolicyError as error:
        raise UsageError(f"--cost: {error}", hint=error.hint) from error
