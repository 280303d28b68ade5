"""What every check can see: the truth, what we were told to keep, who acts, and what was planned."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import RequestKind, Store
from autoscaler.engine.tick import TickReport
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Availability
from autoscaler.planning.standing import touches
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import rotation
from autoscaler.simulation.world.core import Core, Happening
from autoscaler.simulation.world.state import Cause, Service, Unit
from autoscaler.simulation.world.world import World


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of safety that was broken: its number, when, and how."""

    rule: int
    at: int
    text: str

    def __str__(self) -> str:
        return f"rule {self.rule} at {self.at}: {self.text}"


@dataclass(slots=True, kw_only=True)
class Watch:
    """One run, as the checks see it.

    `holder`: the process that acts now. `store` is the true one, not the fragile one. `lies`: metrics (and whose) that told untruths
    since the tick began.
    """

    world: World
    policies: ClusterPolicies
    runtime: VirtualRuntime
    store: Store
    holder: str = ""
    lies: set[tuple[str, str]] = field(default_factory=set)
    found: list[Violation] = field(default_factory=list)

    @property
    def core(self) -> Core:
        """The truth."""
        return self.world.core

    def blame(self, rule: int, text: str) -> None:
        """Rule `rule` was broken."""
        self.found.append(Violation(rule, self.core.state.now, text))

    def plan(self) -> Plan | None:
        """What is being carried out."""
        return self.store.journal(self.policies.cluster).commitments().plan

    def availability(self, path: str) -> Availability:
        """What the workload must be left."""
        return self.policies.availability_of(self.core.ref(path))

    def available(self, path: str) -> frozenset[str]:
        """Replicas that truly serve: healthy, and READY where they stand in a rotation."""
        healthy = (unit for unit in self.core.state.of(path) if unit.healthy)
        if self.availability(path).traffic is None:
            return frozenset(unit.id for unit in healthy)
        return frozenset(unit.id for unit in healthy if rotation.ready(self.core, unit))

    def drains(self) -> frozenset[str]:
        """Nodes somebody wants empty still."""
        pending = self.store.requests(self.policies.cluster).pending()
        return frozenset(one.subject for one in pending if one.kind is RequestKind.DRAIN)

    def decided(self, path: str, count: int) -> int:
        """The count the current plan leads to, or `count` when it says nothing of it."""
        plan = self.plan()
        return dict(plan.goal.replicas).get(self.core.ref(path), count) if plan else count


class Check:
    """Watches one rule. Each method may be left as it is."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def began(self) -> None:
        """A tick begins."""

    def happened(self, happenings: list[Happening]) -> None:
        """An instant in which something happened is over."""

    def ticked(self, report: TickReport) -> None:
        """A tick came to its end."""

    def ended(self) -> None:
        """Faults stopped long ago, and all is quiet."""


def base_count(service: Service) -> int:
    """The count without our surge: what it was before, where a mark of ours says so and nobody changed the count since."""
    before = (int(mark.was) for mark in service.marks if mark.field == "replicas" and mark.ours == str(service.wanted))
    return next(before, service.wanted)


def ours(happenings: Iterable[Happening]) -> list[Happening]:
    """What happened because of us."""
    return [one for one in happenings if one.cause is Cause.OURS]


def live(units: Iterable[Unit]) -> list[Unit]:
    """Those meant to run."""
    return [unit for unit in units if unit.live]


def told(plan: Plan) -> frozenset[str]:
    """Workloads and nodes of which the plan says why something is not done."""
    remarks = (remark.subject for remark in plan.remarks)
    workloads = (str(ref) for one in plan.withheld for ref in touches(one.step))
    nodes = (f"node:{one.step.operation.removeprefix('close ')}" for one in plan.withheld if one.step.operation.startswith("close "))
    return frozenset((*remarks, *workloads, *nodes))
