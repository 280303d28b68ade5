"""Documents as written to a `Configuration`: files joined, defaults laid under policies, everything sorted to its cluster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar, cast

from autoscaler.config.configuration import ClusterConfig, Configuration, ObjectConfig, ServiceConfig
from autoscaler.config.document import (
    AvailabilityPart,
    BehaviourPart,
    ConsolidatePart,
    DefaultsPart,
    DirectionPart,
    Document,
    LimitPart,
    MetricPart,
    Not,
    NoticesPart,
    PolicyPart,
    PoolPart,
    PoolRulePart,
    RequestPart,
    RulePart,
    ServicePart,
)
from autoscaler.config.references import BUILT_IN
from autoscaler.config.shapes import Chosen
from autoscaler.contracts.policy import ClusterPolicies, MetricSpec, NamedRule, Policy, PolicySelector, PoolPolicy
from autoscaler.contracts.rule import PoolRule, Rule
from autoscaler.model.policies import Availability, Behaviour, Bounds, Consolidation, Direction, Fallback, Learning, RateLimit, standing_in
from autoscaler.model.pools import PoolSpec
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, PoolName, QueueName, TrafficName, WorkloadRef
from autoscaler.model.resources import Resources

Value = TypeVar("Value")
Key = TypeVar("Key")
Laid = TypeVar("Laid", Availability, Consolidation)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Everything:
    """All documents' parts as one."""

    defaults: DefaultsPart
    metrics: tuple[MetricSpec, ...]
    traffic: tuple[ObjectConfig, ...]
    sources: tuple[ObjectConfig, ...]
    pools: Mapping[PoolName, PoolPart]
    notices: Mapping[QueueName, NoticesPart]
    policies: Mapping[PolicyName, PolicyPart]
    digest: str


def resolve(documents: Sequence[Document], files: tuple[tuple[str, str], ...], digest: str) -> Configuration:
    """One configuration; names are known to be unique and defined, and every rule can say what it needs."""
    everything = _everything(documents, digest)
    clusters = _joined(document.clusters for document in documents)
    return Configuration(
        clusters=tuple(_cluster(name, chosen, everything) for name, chosen in clusters.items()),
        traffic=everything.traffic,
        sources=everything.sources,
        service=_service(next((one.service for one in documents if one.service), None)),
        files=files,
        digest=digest,
    )


def _everything(documents: Sequence[Document], digest: str) -> _Everything:
    return _Everything(
        defaults=next((one.defaults for one in documents if one.defaults), DefaultsPart()),
        metrics=_metrics(_joined(one.metrics for one in documents)),
        traffic=_objects(_joined(one.traffic for one in documents)),
        sources=_objects(_joined(one.sources for one in documents)),
        pools=_joined(one.pools for one in documents),
        notices=_joined(one.notices for one in documents),
        policies=_joined(one.policies for one in documents),
        digest=digest,
    )


def _joined(maps: Iterable[Mapping[Key, Value]]) -> dict[Key, Value]:
    """All in one, by name: the order of files and lines changes nothing."""
    found = {name: value for each in maps for name, value in each.items()}
    return dict(sorted(found.items(), key=lambda pair: str(pair[0])))


def _objects(chosen: Mapping[Any, Chosen]) -> tuple[ObjectConfig, ...]:
    return tuple(ObjectConfig(name=name, kind=one.kind, settings=one.settings) for name, one in chosen.items())


def _metrics(parts: Mapping[MetricName, MetricPart]) -> tuple[MetricSpec, ...]:
    built_in = (MetricSpec(name=MetricName(name), source=None) for name in BUILT_IN["metric"])
    return (*built_in, *(_metric(name, part) for name, part in parts.items()))


def _metric(name: MetricName, part: MetricPart) -> MetricSpec:
    told = part.fallback
    fallback = Fallback(metric=told.metric, count=told.count, at_least=told.at_least) if told else None
    return MetricSpec(name=name, source=part.source, query=part.query, stale_after=part.stale_after, fallback=fallback)


def _service(part: ServicePart | None) -> ServiceConfig:
    if part is None:
        return ServiceConfig()
    return ServiceConfig(interval=part.interval, listen=part.listen, store=part.store.text if part.store else None)


def _cluster(name: ClusterName, chosen: Chosen, everything: _Everything) -> ClusterConfig:
    policies = _policies(name, everything)
    sources = {metric.source for metric in policies.metrics}
    return ClusterConfig(
        name=name,
        kind=chosen.kind,
        settings=chosen.settings,
        policies=policies,
        pools=_objects({pool: part.made_by for pool, part in everything.pools.items() if part.cluster == name}),
        notices=_objects({queue: part.made_by for queue, part in everything.notices.items() if part.cluster == name}),
        traffic=tuple(one for one in everything.traffic if one.name in policies.traffic),
        sources=tuple(one for one in everything.sources if one.name in sources),
    )


def _policies(cluster: ClusterName, everything: _Everything) -> ClusterPolicies:
    defaults = everything.defaults
    parts = everything.policies.items()
    single = tuple(
        _policy(name, part, part.workload, defaults) for name, part in parts if part.workload and part.workload.cluster == cluster
    )
    selectors = tuple(
        PolicySelector(labels=part.workloads.labels, template=_policy(name, part, WorkloadRef(cluster, ""), defaults))
        for name, part in parts
        if part.workloads and part.workloads.cluster == cluster
    )
    pools = tuple(_pool(name, part, defaults) for name, part in everything.pools.items() if part.cluster == cluster)
    made = ClusterPolicies(
        cluster=cluster,
        policies=single,
        selectors=selectors,
        pools=pools,
        availability=replace(_laid_over(Availability(), defaults.availability), managed=False),
        unmanaged=defaults.unmanaged,
        preferences=defaults.preferences,
        request=_request(defaults.request),
        limits=defaults.limits,
        digest=everything.digest,
    )
    return replace(made, metrics=_used_metrics(made, everything.metrics), traffic=_used_traffic(made))


def _policy(name: PolicyName, part: PolicyPart, workload: WorkloadRef, defaults: DefaultsPart) -> Policy:
    behaviour = _behaviour(_behaviour(Behaviour(), defaults.behaviour), part.behaviour)
    availability = _laid_over(_laid_over(Availability(), defaults.availability), part.availability)
    return Policy(
        name=name,
        workload=workload,
        bounds=Bounds(min=part.replicas.min, max=part.replicas.max),
        rules=_rules(part.rules),
        behaviour=behaviour,
        availability=availability,
        mode=part.mode,
        combine=part.combine,
    )


def _pool(name: PoolName, part: PoolPart, defaults: DefaultsPart) -> PoolPolicy:
    nodes = part.nodes
    spec = PoolSpec(
        name=name,
        cluster=part.cluster,
        min=nodes.min,
        max=nodes.max,
        idle=nodes.idle,
        join_timeout=nodes.join_timeout,
        mode=part.mode,
        consolidate=_laid_over(_laid_over(Consolidation(), defaults.consolidate), part.consolidate),
        budgets=defaults.budgets if part.budgets is None else part.budgets,
        priority=part.priority,
    )
    votes = tuple(_named(place, one) for place, one in enumerate(part.rules) if hasattr(one.made_by.settings, "vote"))
    asks = (cast("PoolRule", one.made_by.settings).asks() for one in part.rules if not hasattr(one.made_by.settings, "vote"))
    return PoolPolicy(spec=spec, rules=votes, asks=tuple(ask for each in asks for ask in each))


def _rules(parts: tuple[RulePart, ...]) -> tuple[NamedRule, ...]:
    return tuple(replace(_named(place, part), called=part.called, group=part.group or "") for place, part in enumerate(parts))


def _named(place: int, part: RulePart | PoolRulePart) -> NamedRule:
    """Named as it says, else by plugin and place in the list."""
    kind = part.made_by.kind
    return NamedRule(name=part.name or f"{kind}[{place}]", rule=cast("Rule", part.made_by.settings), kind=kind)


def _behaviour(base: Behaviour, part: BehaviourPart) -> Behaviour:
    """`part` laid over `base`. A policy's own way to damp ends the defaults' other one."""
    return Behaviour(
        scale_up=_direction(base.scale_up, part.scale_up),
        scale_down=_direction(base.scale_down, part.scale_down),
        learn=_learning(base, part),
        legacy=part.legacy or (None if isinstance(part.learn, Learning) or part.scale_up or part.scale_down else base.legacy),
    )


def _learning(base: Behaviour, part: BehaviourPart) -> Learning | None:
    if part.legacy or isinstance(part.learn, Not):
        return None
    return part.learn or base.learn


def _direction(base: Direction, part: DirectionPart | None) -> Direction:
    if part is None:
        return base
    limits = base.limits if part.limits is None else tuple(_limit(limit) for limit in part.limits)
    return Direction(
        stabilise=base.stabilise if part.stabilise is None else part.stabilise,
        limits=limits,
        pick=part.pick or base.pick,
    )


def _limit(part: LimitPart) -> RateLimit:
    return RateLimit(change=part.change, per=part.per)


def _laid_over(base: Laid, part: AvailabilityPart | ConsolidatePart) -> Laid:
    """`part` laid over `base`: what it leaves out stays."""
    given = {one.name: value for one in fields(part) if (value := getattr(part, one.name)) is not None}
    return replace(base, **given)


def _request(part: RequestPart) -> Resources:
    usual = ClusterPolicies(cluster=ClusterName("")).request
    return Resources(part.cpu.milli if part.cpu else usual.cpu, part.memory.bytes if part.memory else usual.memory)


def _used_metrics(made: ClusterPolicies, metrics: tuple[MetricSpec, ...]) -> tuple[MetricSpec, ...]:
    """The built-ins, and those that a rule of this cluster needs, or may fall back to: no other source is asked on its behalf."""
    policies = [named.rule for policy in _all_policies(made) for named in policy.rules]
    pools = [named.rule for pool in made.pools for named in pool.rules]
    needed = {need.metric for rule in (*policies, *pools) for need in rule.needs()}
    fallbacks = {one.name: one.fallback for one in metrics if one.fallback}
    needed = {each for name in needed for each in standing_in(name, fallbacks)}
    return tuple(metric for metric in metrics if metric.source is None or metric.name in needed)


def _used_traffic(made: ClusterPolicies) -> tuple[TrafficName, ...]:
    used = [policy.availability.traffic for policy in _all_policies(made)] + [made.availability.traffic]
    return tuple(sorted({name for name in used if name is not None}))


def _all_policies(made: ClusterPolicies) -> tuple[Policy, ...]:
    return (*made.policies, *(selector.template for selector in made.selectors))
