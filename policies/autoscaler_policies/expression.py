"""A count worked out by a formula of the user's own, over named metrics."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.formula import Formula, MissingError, UndefinedError
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import MetricNeed, Sample
from autoscaler.model.votes import MOST, Vote, VoteKind
from autoscaler_policies.amounts import readable

COUNTS = ("replicas", "ready")
"""Names that are no metrics: the wanted count, and how many are healthy."""

WHOLE = 1000
LIMIT = Fraction(MOST)
SHOWN = 60
"""Characters of a formula that are told with a count."""


class Kind(StrEnum):
    """What the count is asked for as."""

    WANT = "want"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


VOTES = {Kind.WANT: Vote.want, Kind.AT_LEAST: Vote.at_least, Kind.AT_MOST: Vote.at_most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """As many replicas as `formula` gives, a part of one counting as a whole one.

    Its names are metrics, `replicas` (the wanted count) and `ready`. `cpu` and `memory` are the average share of what is requested, so 60%
    is 0.6. `as`: `want`, or a bound. A metric that cannot be read makes the rule unknown, unless `??` says what to take instead.
    """

    formula: Formula
    as_: Kind = Kind.WANT

    def __post_init__(self) -> None:
        """PolicyError for a formula without any number in it but its own."""
        if not self.formula.names():
            raise PolicyError("a formula without a metric always says the same", hint="write fixed: {count: 5} for that")

    def needs(self) -> tuple[MetricNeed, ...]:
        """Every metric it names; an average over replicas where that is what it is."""
        names = (MetricName(name) for name in self.formula.names() if name not in COUNTS)
        return tuple(MetricNeed(metric=name, per_replica=name in BUILT_IN_METRICS) for name in names)

    def vote(self, situation: Situation) -> Vote:
        """What `as` says, or unknown; a count below none is no count."""
        read = {need.metric: readable(need.metric, situation.samples[need.metric]) for need in self.needs()}
        values = {str(name): Fraction(one.milli, WHOLE) if isinstance(one, Sample) else None for name, one in read.items()}
        values |= {"replicas": Fraction(situation.target.replicas), "ready": Fraction(situation.target.ready)}
        try:
            result = self.formula.of(values)
        except MissingError as missing:
            (name,) = missing.args
            found = read.get(name)
            return self._unknown(found if isinstance(found, Reason) else Reason(Code.MISSING, names=(name,)))
        except UndefinedError:
            return self._unknown(Reason(Code.DIVIDED_BY_ZERO, names=(self._shown,)))
        return self._said(result)

    @property
    def _shown(self) -> str:
        text = self.formula.text
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

    def _unknown(self, why: Reason) -> Vote:
        return Vote.unknown(why, instead=VoteKind(self.as_.value))

    def _said(self, result: Fraction) -> Vote:
        told = max(-LIMIT, min(LIMIT, result))
        milli = int(told * WHOLE)
        if result < 0:
            return self._unknown(Reason(Code.BELOW_NONE, (milli,), "milli", (self._shown,)))
        return VOTES[self.as_](ceil(told), Reason(Code.WORKED_OUT, (milli,), "milli", (self._shown,)))
