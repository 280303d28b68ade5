"""A policy as the engine holds it: the target, its rules, and the values of `model/policies.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from autoscaler.contracts.rule import Rule
from autoscaler.model.formula import Formula
from autoscaler.model.policies import Availability, Behaviour, Bounds, Combine, Fallback, Limits, Mode, Unmanaged
from autoscaler.model.pool_asks import PoolAsk
from autoscaler.model.pools import PoolSpec
from autoscaler.model.quantities import Duration, Share
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, PoolName, SourceName, TrafficName, WorkloadRef
from autoscaler.model.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRule:
    """A rule with the name the file gives it, else its plugin and place, `target_tracking[0]`.

    `kind`: its plugin. `called`: what a formula over the rules calls it. `group`: rules of one group have one opinion.
    """

    name: str
    rule: Rule
    kind: str = ""
    called: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One workload's rules and what binds them."""

    name: PolicyName
    workload: WorkloadRef
    bounds: Bounds
    rules: tuple[NamedRule, ...]
    behaviour: Behaviour = Behaviour()
    availability: Availability = Availability()
    mode: Mode = Mode.ACTIVE
    combine: Combine | Formula = Combine.HIGHEST


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySelector:
    """A policy for every workload that carries all of `labels`; `template` holds everything but the workload."""

    labels: tuple[tuple[str, str], ...]
    template: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPolicy:
    """One pool's bounds, rules (which only raise or lower them), and what placement must keep to beside."""

    spec: PoolSpec
    rules: tuple[NamedRule, ...] = ()
    asks: tuple[PoolAsk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """A metric of the file: which source, which query, how old a sample may be. Built-ins (cpu, memory) have no source."""

    name: MetricName
    source: SourceName | None
    query: str = ""
    stale_after: Duration = Duration(60_000)
    fallback: Fallback | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPolicies:
    """All the files say of one cluster: the one argument of deciding and planning beside what was seen.

    `availability`: for workloads no policy names. `request`: what a replica with no declared request is taken to need. `preferences`: by
    what part of its price more machines may cost so that preferences are kept.
    """

    cluster: ClusterName
    policies: tuple[Policy, ...] = ()
    selectors: tuple[PolicySelector, ...] = ()
    pools: tuple[PoolPolicy, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    traffic: tuple[TrafficName, ...] = ()
    availability: Availability = Availability(managed=False)
    unmanaged: Unmanaged = Unmanaged.MOVE
    preferences: Share = Share(0)
    request: Resources = Resources(100, 128 * 2**20)
    limits: Limits = Limits()
    digest: str = ""

    @property
    def patience(self) -> Mapping[PoolName, Duration]:
        """How long machines of each pool may run without being nodes."""
        return {one.spec.name: one.spec.join_timeout for one in self.pools}

    def of(self, workload: WorkloadRef) -> Policy | None:
        """The workload's policy, if one names it."""
        return next((policy for policy in self.policies if policy.workload == workload), None)

    def availability_of(self, workload: WorkloadRef) -> Availability:
        """What our changes must leave the workload, policy or not."""
        policy = self.of(workload)
        return policy.availability if policy else self.availability

    def pool(self, name: PoolName) -> PoolPolicy | None:
        """The pool's policy."""
        return next((pool for pool in self.pools if pool.spec.name == name), None)
