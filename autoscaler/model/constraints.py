"""Where replicas may stand: on which nodes, and beside whom. In the words of Kubernetes, whoever the orchestrator is."""

from dataclasses import dataclass
from enum import StrEnum

Labels = tuple[tuple[str, str], ...]

NODE = "node"
"""The topology in which each node is a domain of its own. Any other is a label of nodes: those with the same value are one domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRule:
    """A node, or a workload, must (`equal`) or must not carry label `key` with `value` or one `or_else`; with any value if that is None."""

    key: str
    value: str | None
    equal: bool = True
    or_else: tuple[str, ...] = ()

    def kept_by(self, labels: Labels) -> bool:
        """Whether these labels keep to it."""
        held = next((value for key, value in labels if key == self.key), None)
        return (held is not None and (self.value is None or held == self.value or held in self.or_else)) is self.equal


def keeps_to(rules: tuple[LabelRule, ...], labels: Labels) -> bool:
    """Whether these labels keep to all of the rules."""
    return all(rule.kept_by(labels) for rule in rules)


class TaintEffect(StrEnum):
    """What a taint does to replicas that do not tolerate it: none comes, none comes if there is another place, none may stay."""

    NO_SCHEDULE = "no_schedule"
    PREFER_NO_SCHEDULE = "prefer_no_schedule"
    NO_EXECUTE = "no_execute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """A node keeps away whoever does not tolerate this."""

    key: str
    value: str = ""
    effect: TaintEffect = TaintEffect.NO_SCHEDULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """Taints that do not matter: of this key (of any, where it is empty), value (any, where None) and effects (any, where none is told)."""

    key: str = ""
    value: str | None = None
    effects: tuple[TaintEffect, ...] = ()

    def covers(self, taint: Taint) -> bool:
        """Whether that taint does not matter."""
        return self.key in ("", taint.key) and self.value in (None, taint.value) and (not self.effects or taint.effect in self.effects)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAffinity:
    """Nodes whose labels keep to all of `rules`."""

    rules: tuple[LabelRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Workloads whose labels keep to all of the rules. In a constraint None stands for the workload itself and no other."""

    rules: tuple[LabelRule, ...] = ()

    def selects(self, labels: Labels) -> bool:
        """Whether a workload with these labels is one of them."""
        return keeps_to(self.rules, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """Each replica in a domain where one of the selected stands; the first may go anywhere, where it is one of them itself."""

    to: Selector | None = None
    topology: str = NODE


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiAffinity:
    """Each replica in a domain where none of the selected stands, nor comes later."""

    to: Selector | None = None
    topology: str = NODE


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySpread:
    """No replica comes to a domain that would have more than `max_skew` of the selected above the one that has least.

    Domains are those of nodes the workload may stand on. While there are fewer than `min_domains`, one with none counts as well.
    """

    over: Selector | None = None
    topology: str = NODE
    max_skew: int = 1
    min_domains: int = 1


Constraint = Affinity | AntiAffinity | TopologySpread
"""What must hold beside others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What should hold, if it can be had for no more than the policy file says; the heavier first."""

    weight: int
    wish: NodeAffinity | Affinity | AntiAffinity | TopologySpread


def repelled(taints: tuple[Taint, ...], tolerations: tuple[Toleration, ...]) -> Taint | None:
    """The first taint that keeps a replica away for sure."""
    hard = (taint for taint in taints if taint.effect is not TaintEffect.PREFER_NO_SCHEDULE)
    return next((taint for taint in hard if not any(one.covers(taint) for one in tolerations)), None)
