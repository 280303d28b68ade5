"""What must be read before the rules can vote: every rule's needs, each value once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import cast

from autoscaler.contracts.policy import ClusterPolicies, MetricSpec, NamedRule, Policy
from autoscaler.contracts.rule import Foreseeing
from autoscaler.deciding.selecting import resolve
from autoscaler.model.forecasts import ForecastNeed
from autoscaler.model.observations import ClusterState
from autoscaler.model.policies import standing_in
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName, WorkloadRef
from autoscaler.model.samples import MetricNeed, MetricQuery

BUILT_IN = tuple(MetricSpec(name=name, source=None) for name in BUILT_IN_METRICS)
Asked = tuple[WorkloadRef, MetricName]
PLACEHOLDER = re.compile(r"\$(workload|path)\b")


def needs(policies: ClusterPolicies, state: ClusterState | None) -> tuple[MetricQuery, ...]:
    """One query per metric and workload, in the order of the file; policies by label only once the cluster has been seen.

    In a query's text `$workload` is the workload's name and `$path` its whole path. A metric that nobody declared is not asked for,
    and so reads Unknown.
    """
    specs = {spec.name: spec for spec in BUILT_IN + policies.metrics}
    resolved = resolve(policies, state)
    asked = ((policy.workload, need.metric) for policy in resolved.policies for need in _needs(policy))
    return tuple(_query(specs[metric], workload) for workload, metric in dict.fromkeys(_with_fallbacks(asked, specs)) if metric in specs)


def _with_fallbacks(asked: Iterable[Asked], specs: Mapping[MetricName, MetricSpec]) -> Iterator[Asked]:
    """Each, and what is to be read in its place should it be unknown: asked for beforehand, for a tick reads once."""
    fallbacks = {name: spec.fallback for name, spec in specs.items() if spec.fallback}
    for workload, metric in asked:
        for each in standing_in(metric, fallbacks):
            yield workload, each


def needs_of(rule: NamedRule) -> tuple[MetricNeed, ...]:
    """The rule's needs; none of a rule too broken to say, which will not get to vote either."""
    try:
        return rule.rule.needs()
    except Exception:  # noqa: BLE001 - plugins may raise anything, and one of them never stops the others
        return ()


def foreseen_by(rule: NamedRule) -> ForecastNeed | None:
    """What the rule wants foreseen; nothing of one that does not look ahead, or is too broken to say."""
    try:
        need = cast("Foreseeing", rule.rule).foresees() if _looks_ahead(type(rule.rule)) else None
    except Exception:  # noqa: BLE001 - as above
        return None
    return need if isinstance(need, ForecastNeed) else None


@cache
def _looks_ahead(kind: type) -> bool:
    return issubclass(kind, Foreseeing)


def _needs(policy: Policy) -> Iterator[MetricNeed]:
    for rule in policy.rules:
        yield from needs_of(rule)


def _query(spec: MetricSpec, workload: WorkloadRef) -> MetricQuery:
    parts = {"workload": workload.name, "path": workload.path}
    text = PLACEHOLDER.sub(lambda found: parts[found[1]], spec.query)
    return MetricQuery(metric=spec.name, workload=workload, text=text, stale_after=spec.stale_after)
