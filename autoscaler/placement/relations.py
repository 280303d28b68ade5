"""Rules between workloads, made ready: whom each of them counts, and whose rules each of them has to mind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from autoscaler.model.constraints import NODE, Affinity, AntiAffinity, Constraint, Labels, NodeAffinity, Selector, TopologySpread
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.problem import Load
from autoscaler.placement.rules import ApartRule, Counted, RefusedRule, Rule, SpreadRule, Tally, TogetherRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruled:
    """All that one workload has to keep to. `refused`: domains where any of the counted stands, for it would not have this one there.

    Workloads that have to keep to the same share one, so that two are compared by identity and not rule by rule.
    """

    spreads: tuple[SpreadRule, ...] = ()
    apart: tuple[ApartRule, ...] = ()
    together: tuple[TogetherRule, ...] = ()
    refused: tuple[RefusedRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.spreads or self.apart or self.together or self.refused)

    def all(self) -> tuple[Rule, ...]:
        """Each of them."""
        return (*self.spreads, *self.apart, *self.together, *self.refused)

    def mine(self) -> tuple[Rule, ...]:
        """Its own, not those of others."""
        return (*self.spreads, *self.apart, *self.together)

    def even(self) -> bool:
        """Whether how many of it may come to one place depends on how many come to others."""
        return any(one.own for one in self.spreads)

    def wide(self) -> tuple[Rule, ...]:
        """Those under which a replica takes room from others of its kind on other machines."""
        return (*(one for one in self.spreads if one.own), *(one for one in self.apart if one.own and one.topology != NODE))


FREE = Ruled()


@dataclass(frozen=True, slots=True)
class Wished:
    """One preference: `rule` is none where it is about nodes alone."""

    weight: int
    wish: NodeAffinity | Constraint
    rule: Rule | None


@dataclass(slots=True)
class Relations:
    """`ruled`: the workloads that have to keep to something. `tallies`: what each one counts for. `watching`: whose rules count it.

    `wishes`: preferences of those that have some, the heaviest first. `daemons`: who runs on machines and never moves.
    """

    ruled: dict[WorkloadRef, Ruled] = field(default_factory=dict)
    tallies: dict[WorkloadRef, tuple[Tally, ...]] = field(default_factory=dict)
    watching: dict[Counted, tuple[WorkloadRef, ...]] = field(default_factory=dict)
    wishes: dict[WorkloadRef, tuple[Wished, ...]] = field(default_factory=dict)
    daemons: tuple[Load, ...] = ()

    @classmethod
    def of(cls, loads: Iterable[Load], daemons: tuple[Load, ...] = ()) -> Self:
        """Of all workloads at once: each selector is held against those that carry what it asks for.

        `daemons` are counted, and keep others away; their own places are nobody's choice.
        """
        loads = tuple(loads)
        if not any(load.shape.constraints or load.shape.preferences for load in (*loads, *daemons)):
            return cls()
        making = _Making(loads, daemons)
        ruled, wishes = making.ruled(), making.wishes()
        watching: dict[Counted, list[WorkloadRef]] = defaultdict(list)
        for ref, rules in ruled.items():
            for rule in (*rules.spreads, *rules.apart, *rules.together):
                watching[rule.counted].append(ref)
        watched = {counted: tuple(dict.fromkeys(refs)) for counted, refs in watching.items()}
        return cls(ruled, making.tallies(), watched, wishes, daemons)

    def of_one(self, workload: WorkloadRef) -> Ruled:
        """What it has to keep to."""
        return self.ruled.get(workload, FREE) if self.ruled else FREE

    def tallies_of(self, workload: WorkloadRef) -> tuple[Tally, ...]:
        """What it counts for."""
        return self.tallies.get(workload, ()) if self.tallies else ()

    def counts_daemons(self, workload: WorkloadRef) -> bool:
        """Whether any rule that it has to keep to counts what runs on machines of itself."""
        known = {tally for one in self.daemons for tally in self.tallies.get(one.workload, ())}
        return bool(known) and any(rule.counted in known for rule in self.of_one(workload).all())

    def concerned(self, workloads: Iterable[WorkloadRef]) -> tuple[WorkloadRef, ...]:
        """Those whose own rules count any of these."""
        if not self.watching:
            return ()
        counted: list[Counted] = [*(workloads := tuple(workloads)), *(one for ref in workloads for one in self.tallies.get(ref, ()))]
        return tuple(dict.fromkeys(ref for one in counted for ref in self.watching.get(one, ())))


class _Making:
    """Workloads with the same labels are selected alike; tallies are numbered as they come. `labels`: which carry that value, or any."""

    def __init__(self, loads: tuple[Load, ...], daemons: tuple[Load, ...]) -> None:
        self.loads, self.daemons = loads, daemons
        self.alike: dict[Labels, list[WorkloadRef]] = defaultdict(list)
        for load in (*loads, *daemons):
            self.alike[load.labels].append(load.workload)
        self.labels: dict[tuple[str, str | None], list[Labels]] = defaultdict(list)
        for labels in self.alike:
            for key, value in labels:
                self.labels[key, value].append(labels)
                self.labels[key, None].append(labels)
        self.numbered: list[frozenset[WorkloadRef]] = []
        self.selected: dict[Selector, Tally] = {}

    def ruled(self) -> dict[WorkloadRef, Ruled]:
        """What each has to keep to, where there is anything."""
        own = {load.workload: [self._rule(load, one) for one in load.shape.constraints] for load in self.loads}
        theirs = {load.workload: [self._rule(load, one) for one in load.shape.constraints] for load in self.daemons}
        refused, shared = self._refused(own | theirs), dict[tuple[Rule, ...], Ruled]()
        every = ((ref, rules, refused.get(ref, [])) for ref, rules in own.items() if rules or ref in refused)
        return {ref: shared.get(key := (*rules, *others)) or shared.setdefault(key, _sorted(rules, others)) for ref, rules, others in every}

    def wishes(self) -> dict[WorkloadRef, tuple[Wished, ...]]:
        """Preferences, where there are any."""
        return {load.workload: self._wished(load) for load in self.loads if load.shape.preferences}

    def _wished(self, load: Load) -> tuple[Wished, ...]:
        heaviest = sorted(load.shape.preferences, key=lambda one: -one.weight)
        rules = (None if isinstance(one.wish, NodeAffinity) else self._rule(load, one.wish) for one in heaviest)
        return tuple(Wished(one.weight, one.wish, rule) for one, rule in zip(heaviest, rules, strict=True))

    def tallies(self) -> dict[WorkloadRef, tuple[Tally, ...]]:
        """What each counts for."""
        found: dict[WorkloadRef, list[Tally]] = defaultdict(list)
        for number, members in enumerate(self.numbered):
            for ref in members:
                found[ref].append(Tally(number))
        return {ref: tuple(some) for ref, some in found.items()}

    def _rule(self, load: Load, constraint: Constraint) -> Rule:
        selector = constraint.over if isinstance(constraint, TopologySpread) else constraint.to
        counted = load.workload if selector is None else self._selected(selector)
        own, topology = selector is None or selector.selects(load.labels), constraint.topology
        match constraint:
            case TopologySpread(max_skew=skew, min_domains=domains):
                return SpreadRule(topology, counted, own, skew, domains)
            case AntiAffinity():
                return ApartRule(topology, counted, own)
            case Affinity():
                return TogetherRule(topology, counted, own)

    def _selected(self, selector: Selector) -> Tally:
        found = self.selected.get(selector)
        if found is None:
            alike = (self.alike[labels] for labels in self._carrying(selector) if selector.selects(labels))
            found = self.selected[selector] = self._numbered(ref for refs in alike for ref in refs)
        return found

    def _carrying(self, selector: Selector) -> Iterable[Labels]:
        """The fewest labels among which all are that it selects, each of them once."""
        equal = [[(rule.key, value) for value in (rule.value, *rule.or_else)] for rule in selector.rules if rule.equal]
        if not equal:
            return self.alike.keys()
        fewest = min(equal, key=lambda keys: sum(len(self.labels.get(key, ())) for key in keys))
        return dict.fromkeys(labels for key in fewest for labels in self.labels.get(key, ()))

    def _numbered(self, members: Iterable[WorkloadRef]) -> Tally:
        self.numbered.append(frozenset(members))
        return Tally(len(self.numbered) - 1)

    def _refused(self, own: dict[WorkloadRef, list[Rule]]) -> dict[WorkloadRef, list[RefusedRule]]:
        """Whoever refuses the same over the same topology is one tally for those selected. Who refuses only itself knows already."""
        refusing: dict[tuple[str, Tally], list[WorkloadRef]] = defaultdict(list)
        for ref, rules in own.items():
            for rule in rules:
                if isinstance(rule, ApartRule) and isinstance(rule.counted, Tally):
                    refusing[rule.topology, rule.counted].append(ref)
        found: dict[WorkloadRef, list[RefusedRule]] = defaultdict(list)
        for (topology, counted), refs in refusing.items():
            refused = RefusedRule(topology, self._numbered(refs), own=False)
            for ref in self.numbered[counted.number]:
                found[ref].append(refused)
        return found


def _sorted(rules: list[Rule], refused: Iterable[RefusedRule]) -> Ruled:
    return Ruled(
        spreads=tuple(rule for rule in rules if isinstance(rule, SpreadRule)),
        apart=tuple(rule for rule in rules if isinstance(rule, ApartRule)),
        together=tuple(rule for rule in rules if isinstance(rule, TogetherRule)),
        refused=tuple(refused),
    )
