"""Other settings of the same policy, each replayed: which of them are short for less time, which cost less, which do neither."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, cast

from autoscaler.contracts.policy import NamedRule, Policy
from autoscaler.contracts.rule import Rule
from autoscaler.model.policies import Behaviour, Learning
from autoscaler.model.quantities import Duration, Number, Share
from autoscaler.rehearsing.backtest import Setting, backtest
from autoscaler.rehearsing.figures import Figures
from autoscaler.rehearsing.load import Load

WHOLE = 1000
PERCENT = 10

TARGETS = tuple(Share(milli) for milli in (800, 850, 900, 950, 1000, 1050, 1100, 1200))
"""What the targets of rules are multiplied by."""

WINDOWS = tuple(Duration(seconds * 1000) for seconds in (60, 120, 180, 300, 600))
"""Windows on the way down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """`target`: of what the file says; `window`: `scale_down.stabilise`; `learns`: whether what was learned takes its place."""

    target: Share
    window: Duration
    learns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What some settings came to; without `knobs` the policy as it is."""

    knobs: Knobs | None
    figures: Figures


def candidates(policy: Policy) -> tuple[Knobs, ...]:
    """All settings to try; of a policy whose rules have no target, only windows and lessons."""
    targets = TARGETS if any(_target(one.rule) for one in policy.rules) else (Share(WHOLE),)
    return tuple(Knobs(target=target, window=window, learns=learns) for target, window, learns in product(targets, WINDOWS, (False, True)))


def varied(policy: Policy, knobs: Knobs) -> Policy:
    """The policy with these settings."""
    rules = tuple(_varied(one, knobs.target) for one in policy.rules)
    before = policy.behaviour
    behaviour = Behaviour(
        scale_up=before.scale_up,
        scale_down=replace(before.scale_down, stabilise=knobs.window),
        learn=(before.learn or Learning()) if knobs.learns else None,
    )
    return replace(policy, rules=rules, behaviour=behaviour)


def tried(policy: Policy, knobs: Knobs | None, load: Load, setting: Setting) -> Trial:
    """One replay."""
    chosen = policy if knobs is None else varied(policy, knobs)
    return Trial(knobs=knobs, figures=backtest(chosen, load, setting).figures)


def frontier(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Those no other is better than in both time short and cost, the cheapest first."""
    return tuple(_frontier(sorted(trials, key=lambda one: (one.figures.cost, one.figures.short_time))))


def _frontier(trials: list[Trial]) -> Iterator[Trial]:
    least = None
    for one in trials:
        if least is None or one.figures.short_time < least:
            least = one.figures.short_time
            yield one


def best(trials: Iterable[Trial], most: int) -> Trial | None:
    """Short for the least time at a cost of at most `most` thousandths of what is needed; None where all cost more."""
    fair = [one for one in trials if one.figures.cost <= most]
    return min(fair, key=lambda one: (one.figures.short_time, one.figures.cost), default=None)


def _varied(named: NamedRule, by: Share) -> NamedRule:
    target = _target(named.rule)
    if target is None:
        return named
    milli = target.milli * by.milli // WHOLE
    whole = max(PERCENT, milli // PERCENT * PERCENT) if isinstance(target, Share) else max(1, milli)
    return replace(named, rule=cast("Rule", replace(cast("Any", named.rule), target=type(target)(whole))))


def _target(rule: Rule) -> Share | Number | None:
    """What the rule aims at, where it is of a kind that aims at something."""
    found = getattr(rule, "target", None)
    return found if isinstance(found, Share | Number) else None
