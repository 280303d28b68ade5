"""Where replicas of a world may stand, as its settings say it, and as its orchestrator knows it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from autoscaler.config.markers import FILLED, Least
from autoscaler.model.constraints import (
    NODE,
    Affinity,
    AntiAffinity,
    Constraint,
    LabelRule,
    Labels,
    NodeAffinity,
    Preference,
    Selector,
    TopologySpread,
)

Name = Annotated[str, FILLED]
AtLeastOne = Annotated[int, Least(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """In no domain where a workload with the labels `from` stands; without any, none of its own."""

    topology: Name = NODE
    from_: Labels = ()

    @property
    def rule(self) -> AntiAffinity:
        """As its orchestrator knows it."""
        return AntiAffinity(to=_selector(self.from_), topology=self.topology)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """In a domain where a workload with the labels `with` stands; without any, one of its own."""

    topology: Name = NODE
    with_: Labels = ()

    @property
    def rule(self) -> Affinity:
        """As its orchestrator knows it."""
        return Affinity(to=_selector(self.with_), topology=self.topology)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Workloads with the labels `over` (without any, its own replicas) differ by at most `max_skew` between domains."""

    topology: Name = NODE
    over: Labels = ()
    max_skew: AtLeastOne = 1
    min_domains: AtLeastOne = 1

    @property
    def rule(self) -> TopologySpread:
        """As its orchestrator knows it."""
        over = _selector(self.over)
        return TopologySpread(over=over, topology=self.topology, max_skew=self.max_skew, min_domains=self.min_domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Nodes with all labels of `only_on` and none of `never_on`."""

    only_on: Labels = ()
    never_on: Labels = ()

    @property
    def rules(self) -> tuple[LabelRule, ...]:
        """As its orchestrator knows it."""
        wanted = tuple(LabelRule(key=key, value=value) for key, value in sorted(self.only_on))
        return wanted + tuple(LabelRule(key=key, value=value, equal=False) for key, value in sorted(self.never_on))

    def holds(self, labels: Labels) -> bool:
        """Whether a node with these labels is one of them."""
        return all(pair in labels for pair in self.only_on) and not any(pair in labels for pair in self.never_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What should be, if it can be: on certain nodes, apart, together or spread."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("nodes", "apart", "together", "spread")

    weight: AtLeastOne = 1
    nodes: Term | None = None
    apart: Apart | None = None
    together: Together | None = None
    spread: Spread | None = None

    @property
    def preference(self) -> Preference:
        """As its orchestrator knows it."""
        beside = self.apart or self.together or self.spread
        wish = beside.rule if beside else NodeAffinity(rules=(self.nodes or Term()).rules)
        return Preference(weight=self.weight, wish=wish)


def rules(apart: tuple[Apart, ...], together: tuple[Together, ...], spread: tuple[Spread, ...]) -> tuple[Constraint, ...]:
    """All that must hold beside others, as its orchestrator knows it."""
    return (*(one.rule for one in apart), *(one.rule for one in together), *(one.rule for one in spread))


def _selector(labels: Labels) -> Selector | None:
    return Selector(rules=tuple(LabelRule(key=key, value=value) for key, value in sorted(labels))) if labels else None
