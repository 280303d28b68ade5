"""Forecasts are made beside the ticks: what is due, its past, the fit, the store. A tick is only handed what is stored by then.

Ticks do one thing for them: they keep the loads that no source remembers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from autoscaler.contracts.past_reader import Stretch
from autoscaler.contracts.policy import ClusterPolicies, NamedRule, Policy
from autoscaler.contracts.store import Lease, Load, Store, TickRecord
from autoscaler.deciding.forecasting import Subject, forecast
from autoscaler.deciding.profiles import per_minute
from autoscaler.deciding.queries import foreseen_by, needs
from autoscaler.engine.dry import Thought
from autoscaler.errors import AutoscalerError, ProviderError, StoreError, UnavailableError
from autoscaler.model.forecasts import MINUTE, Forecast, ForecastNeed
from autoscaler.model.history import Histories
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, MetricName, SourceName
from autoscaler.model.samples import Sample
from autoscaler.observing import Eyes, read_past, remembers
from autoscaler.seasons import model_of

FRESH = Duration(3_600_000)
"""How long a forecast is good; where there was too little past, it is tried again as late."""

DEADLINE = Duration(120_000)
"""A source may take so long to tell a month of its past; nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A forecast to be made: of which rule, for whom, from where."""

    policy: Policy
    rule: NamedRule
    need: ForecastNeed
    source: SourceName | None
    text: str

    @property
    def subject(self) -> str:
        """Whose history it belongs to."""
        return str(self.policy.workload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of one that was due. Without a forecast and a problem there is too little past yet."""

    subject: str
    rule: str
    forecast: Forecast | None = None
    problem: AutoscalerError | None = None


@dataclass(slots=True, kw_only=True)
class Foresight:
    """The job of one cluster. `tried`: when there last was too little past, by subject, rule and what it needs."""

    eyes: Eyes
    store: Store
    holder: str
    tried: dict[tuple[str, str, ForecastNeed], Instant] = field(default_factory=dict)

    def run(self, policies: ClusterPolicies) -> tuple[Made, ...]:
        """Make and store what is due, one after the other; nothing while another process holds the lease.

        `policies`: resolved, as the last tick saw them. An error of one is told in what became of it, and stops no other. The store
        unusable: StoreError. The lease lost meanwhile: LostLeaseError, and nothing was stored.
        """
        lease = self._lease(policies)
        if lease is None:
            return ()
        now = self.eyes.runtime.now()
        histories = self.store.records(policies.cluster).histories(now)
        made = tuple(self._all_made(policies, [one for one in _due(policies, histories, now) if not self._in_vain(one, now)], now))
        found = tuple(one.forecast for one in made if one.forecast)
        if found:
            told = tuple(_told(policies, histories, made))
            self.store.records(policies.cluster).remember(TickRecord(at=now, forecasts=told), lease)
        return made

    def _lease(self, policies: ClusterPolicies) -> Lease | None:
        lease = self.store.leases.current(policies.cluster)
        return lease if lease and lease.holder == self.holder else None

    def _in_vain(self, one: Due, now: Instant) -> bool:
        tried = self.tried.get((one.subject, one.rule.name, one.need))
        return tried is not None and tried <= now < tried + FRESH.ms

    def _all_made(self, policies: ClusterPolicies, due: list[Due], now: Instant) -> Iterator[Made]:
        """Each; a source that did not answer once is not waited for again, for the others are waiting for theirs."""
        silent: dict[SourceName | None, AutoscalerError] = {}
        for one in due:
            if one.source in silent:
                yield Made(subject=one.subject, rule=one.rule.name, problem=silent[one.source])
                continue
            made = self._made(one, policies, now)
            if isinstance(made.problem, UnavailableError):
                silent[one.source] = made.problem
            yield made

    def _made(self, one: Due, policies: ClusterPolicies, now: Instant) -> Made:
        """What becomes of one; only a store that cannot be used is everybody's problem."""
        try:
            found = self._foreseen(one, policies.cluster, now)
        except StoreError:
            raise
        except AutoscalerError as problem:
            return Made(subject=one.subject, rule=one.rule.name, problem=problem)
        except Exception as error:  # noqa: BLE001 - a plugin's past may be anything, and one broken rule never stops the others
            told = ProviderError(f"{type(error).__name__}: {error}"[:200], hint="this is a defect: report it with its log")
            return Made(subject=one.subject, rule=one.rule.name, problem=told)
        if found is None:
            self.tried[one.subject, one.rule.name, one.need] = now
        return Made(subject=one.subject, rule=one.rule.name, forecast=found)

    def _foreseen(self, one: Due, cluster: ClusterName, now: Instant) -> Forecast | None:
        model, end = model_of(one.need.model), Instant(now - now % MINUTE.ms)
        stretch = Stretch(Instant(end - one.need.over.ms), Instant(end - MINUTE.ms), MINUTE)
        if one.source is not None and remembers(self.eyes, one.source):
            moments = read_past(self.eyes, one.source, one.text, stretch, DEADLINE)
        else:
            moments = self.store.series(cluster).read(one.subject, one.need.metric, stretch.start)
        subject = Subject(rule=one.rule.name, need=one.need, hold=one.policy.behaviour.scale_down.stabilise)
        return forecast(per_minute(moments, one.need.over, end), subject, end, model)


def loads(thought: Thought, eyes: Eyes) -> tuple[Load, ...]:
    """What this tick read of metrics that are to be foreseen, and whose sources remember nothing."""
    readings = {(one.workload, one.metric): one.reading for one in thought.observation.metrics}
    found: dict[tuple[str, MetricName], Load] = {}
    for one in _wanted(thought.policies):
        reading = readings.get((one.policy.workload, one.need.metric))
        if isinstance(reading, Sample) and reading.milli >= 0 and not remembers(eyes, one.source):
            key = (one.subject, one.need.metric)
            found[key] = Load(subject=one.subject, metric=one.need.metric, at=reading.at, milli=reading.milli)
    return tuple(found.values())


def _wanted(policies: ClusterPolicies) -> Iterator[Due]:
    """Every rule that looks ahead, whether its forecast is due or not."""
    wanted = [(policy, rule, need) for policy in policies.policies for rule in policy.rules if (need := foreseen_by(rule))]
    if not wanted:
        return
    sources = {spec.name: spec.source for spec in policies.metrics}
    texts = {(query.workload, query.metric): query.text for query in needs(policies, None)}
    for policy, rule, need in wanted:
        text = texts.get((policy.workload, need.metric), "")
        yield Due(policy=policy, rule=rule, need=need, source=sources.get(need.metric), text=text)


def _due(policies: ClusterPolicies, histories: Histories, now: Instant) -> Iterator[Due]:
    """Of subjects that were decided on, rules without a forecast, with one of an hour ago, or of what they needed before a change."""
    past = {one.subject: one for one in histories.entries}
    for one in _wanted(policies):
        known = past.get(one.subject)
        if known is None:
            continue
        last = next((each for each in known.forecasts if each.rule == one.rule.name and each.need == one.need), None)
        if last is None or not last.at <= now < last.at + FRESH.ms:
            yield one


def _told(policies: ClusterPolicies, histories: Histories, made: tuple[Made, ...]) -> Iterator[tuple[str, tuple[Forecast, ...]]]:
    """By subject all its forecasts: those just made, and the others of rules that are still there."""
    rules = {str(policy.workload): {rule.name for rule in policy.rules} for policy in policies.policies}
    for subject in dict.fromkeys(one.subject for one in made if one.forecast):
        new = {one.rule: one.forecast for one in made if one.subject == subject and one.forecast}
        old = (one for one in histories.of(subject).forecasts if one.rule not in new and one.rule in rules[subject])
        yield subject, (*old, *new.values())
