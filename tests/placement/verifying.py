"""A second opinion on placements: rules between workloads held against single replicas, one by one, in the plainest way there is.

Written from what Kubernetes says of each rule; it shares nothing with the engine but the values of the model.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import permutations

from autoscaler.model.constraints import NODE, Affinity, AntiAffinity, LabelRule, Selector, TopologySpread
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, HostState, Load, Offer, Placement, Problem
from autoscaler.placement.compiling import COMPILED

FEW = 25
"""One in so many of the cases is tried where nothing is compiled, which is where everything has to be quick."""

COUNTED = (HostState.OPEN, HostState.JOINING, HostState.RETURNING, HostState.SHUT)
FENCED = (*COUNTED, HostState.CLOSING)


@dataclass(slots=True)
class Scene:
    """Machines, and who stands on which: a pair for each replica."""

    loads: dict[WorkloadRef, Load]
    hosts: dict[str, Host]
    standing: list[tuple[WorkloadRef, str]] = field(default_factory=list)

    def domain(self, topology: str, key: str) -> str | None:
        """Where that machine is."""
        return key if topology == NODE else dict(self.hosts[key].labels).get(topology)

    def selects(self, selector: Selector | None, owner: WorkloadRef, other: WorkloadRef) -> bool:
        """Whether the owner's rule is about that one."""
        return other == owner if selector is None else all(_keeps(rule, dict(self.loads[other].labels)) for rule in selector.rules)

    def there(self, selector: Selector | None, owner: WorkloadRef, topology: str, only: Container[str] | None = None) -> Counter[str]:
        """How many of the selected stand in each domain; `only` those on these machines."""
        found = Counter[str]()
        for ref, key in self.standing:
            domain = self.domain(topology, key) if only is None or key in only else None
            if domain is not None and self.selects(selector, owner, ref):
                found[domain] += 1
        return found

    def even(self, rule: TopologySpread, owner: WorkloadRef) -> Counter[str]:
        """How many of those that are to be spread stand in each domain, on machines that count."""
        return self.there(rule.over, owner, rule.topology, [key for key in self.hosts if self.counts(self.loads[owner], key)])

    def counts(self, load: Load, key: str) -> bool:
        """Whether a spread of that workload knows of the machine: it may stand there, and each of its spreads finds a domain."""
        rules = [rule for rule in load.shape.constraints if isinstance(rule, TopologySpread)]
        return _matches(load.shape, self.hosts[key]) and all(self.domain(rule.topology, key) is not None for rule in rules)

    def domains(self, load: Load, topology: str, states: tuple[HostState, ...] = COUNTED) -> set[str]:
        """Those it is to be spread over."""
        keys = (key for key, host in self.hosts.items() if host.state in states and self.counts(load, key))
        return {domain for key in keys if (domain := self.domain(topology, key)) is not None}

    def refuses(self, ref: WorkloadRef, key: str) -> str:
        """Why one more of it may not come there; empty if it may."""
        return next(self._refusals(ref, key), "")

    def _refusals(self, ref: WorkloadRef, key: str) -> Iterator[str]:
        load, host = self.loads[ref], self.hosts[key]
        if not load.shape.may_stand(host.labels, host.taints):
            yield "labels or taints"
        if not load.shape.requests.fits(host.capacity - host.used - self._requested(key)):
            yield "room"
        for rule in load.shape.constraints:
            yield from self._against(rule, ref, key)
        for other, where in self.standing:
            for rule in self.loads[other].shape.constraints:
                if isinstance(rule, AntiAffinity) and self.selects(rule.to, other, ref) and self._same(rule.topology, where, key):
                    yield f"{other} refuses it"

    def _against(self, rule: object, ref: WorkloadRef, key: str) -> Iterator[str]:
        match rule:
            case AntiAffinity(to=to, topology=topology):
                domain = self.domain(topology, key)
                if domain is not None and self.there(to, ref, topology)[domain]:
                    yield "anti-affinity"
            case Affinity(to=to, topology=topology):
                found = self.there(to, ref, topology)
                first = not found.total() and self.selects(to, ref, ref)
                domain = self.domain(topology, key)
                if domain is None or not (first or found[domain]):
                    yield "affinity"
            case TopologySpread():
                yield from self._uneven(rule, ref, key)

    def _uneven(self, rule: TopologySpread, ref: WorkloadRef, key: str) -> Iterator[str]:
        domain, found = self.domain(rule.topology, key), self.even(rule, ref)
        counted = self.domains(self.loads[ref], rule.topology, FENCED)
        least = 0 if len(counted) < rule.min_domains else min((found[one] for one in counted), default=0)
        own = int(self.selects(rule.over, ref, ref))
        if domain is None or found[domain] + own - least > rule.max_skew:
            yield "spread"

    def broken(self) -> Counter[str]:
        """How far the rules of each workload are from being kept to, as all stand."""
        found = Counter[str]()
        for ref, load in self.loads.items():
            mine = [key for one, key in self.standing if one == ref]
            for place, rule in enumerate(load.shape.constraints):
                found[f"{ref} {place} {type(rule).__name__}"] = self._broken(rule, ref, mine)
        return found

    def _broken(self, rule: object, ref: WorkloadRef, mine: list[str]) -> int:
        match rule:
            case AntiAffinity(to=to, topology=topology):
                found, own = self.there(to, ref, topology), int(self.selects(to, ref, ref))
                return sum(1 for key in mine if (domain := self.domain(topology, key)) is not None and found[domain] > own)
            case Affinity(to=to, topology=topology):
                found, own = self.there(to, ref, topology), int(self.selects(to, ref, ref))
                alone = own and found.total() <= 1
                return 0 if alone else sum(1 for key in mine if found[self.domain(topology, key) or ""] <= own)
            case TopologySpread(topology=topology, max_skew=skew, min_domains=few):
                found, counted = self.even(rule, ref), self.domains(self.loads[ref], topology)
                most = max((found[self.domain(topology, key) or ""] for key in mine), default=0)
                least = 0 if len(counted) < few else min((found[one] for one in counted), default=most)
                return max(0, most - least - skew)
        return 0

    def overfull(self) -> list[str]:
        """Machines on which more is requested than they have."""
        return [key for key, host in self.hosts.items() if not self._requested(key).fits(host.capacity - host.used)]

    def _requested(self, key: str) -> Resources:
        return sum((self.loads[ref].shape.requests for ref, where in self.standing if where == key), NOTHING)

    def _same(self, topology: str, one: str, other: str) -> bool:
        domain = self.domain(topology, one)
        return domain is not None and domain == self.domain(topology, other)


def cases(many: int) -> int:
    """How many to try: all of them in the real lane."""
    return many if COMPILED else many // FEW


def scene_of(problem: Problem) -> Scene:
    """As it is before anything was placed."""
    scene = Scene({load.workload: load for load in (*problem.loads, *problem.daemons)}, {host.key: host for host in problem.hosts})
    scene.standing = [(one.workload, one.host) for one in problem.residents for _ in range(one.count)]
    scene.standing += [(ref, host.key) for host in problem.hosts for ref in host.daemons]
    return scene


def with_opened(scene: Scene, problem: Problem, found: Placement, keys: Iterable[str]) -> None:
    """Machines that were opened are there, and what runs on each."""
    offers: dict[tuple[str, str], Offer] = {(pool.name, offer.name): offer for pool in problem.pools for offer in pool.offers}
    for one in found.opens:
        if one.key in keys:
            offer = offers[one.pool, one.offering]
            scene.hosts[one.key] = Host(
                key=one.key, capacity=offer.capacity, state=HostState.JOINING, pool=one.pool, labels=offer.labels, taints=offer.taints
            )
            scene.standing += [(ref, one.key) for ref in offer.daemons]


def come(scene: Scene, ref: WorkloadRef, keys: list[str]) -> list[str]:
    """Let replicas come to these machines in whatever order the rules allow; those that may not."""
    left = list(keys)
    while able := [key for key in left if not scene.refuses(ref, key)]:
        # From the emptiest domain up: whatever order the rules allow, this one does.
        best = min(able, key=lambda key: _crowd(scene, ref, key))
        scene.standing.append((ref, best))
        left.remove(best)
    return left


def _crowd(scene: Scene, ref: WorkloadRef, key: str) -> int:
    spreads = [rule for rule in scene.loads[ref].shape.constraints if isinstance(rule, TopologySpread)]
    return sum(scene.even(rule, ref)[scene.domain(rule.topology, key) or ""] for rule in spreads)


def _matches(shape: Shape, host: Host) -> bool:
    terms = shape.node_terms
    labels = dict(host.labels)
    return all(_keeps(rule, labels) for rule in shape.node_rules) and (
        not terms or any(all(_keeps(rule, labels) for rule in term) for term in terms)
    )


def _keeps(rule: LabelRule, labels: dict[str, str]) -> bool:
    held = labels.get(rule.key)
    return (held is not None and (rule.value is None or held in (rule.value, *rule.or_else))) == rule.equal


def come_all(scene: Scene, coming: list[tuple[WorkloadRef, str]]) -> bool:
    """Whether several workloads may come in some order: each of them as far as it may, in turns."""
    standing = list(scene.standing)
    for order in permutations(dict.fromkeys(ref for ref, _ in coming)):
        scene.standing, before, left = list(standing), len(coming) + 1, list(coming)
        while left and len(left) < before:
            before = len(left)
            left = [(ref, key) for ref in order for key in come(scene, ref, [key for one, key in left if one == ref])]
        if not left:
            return True
    return False
