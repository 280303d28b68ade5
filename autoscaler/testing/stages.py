"""A toy world, a journal in memory, and ticks over them: what tests of execution are played on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Journal, Lease
from autoscaler.execution import Hands, advance
from autoscaler.model.commitments import OPEN, StepRecord
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.quantities import Duration
from autoscaler.store import MemoryStore
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.scenes import EDGE, GENERAL, SHOP, a_plan, some_policies
from autoscaler.testing.toys import ToyWorld

TTL = Duration(60_000)


@dataclass
class ToyStage:
    """One toy world being worked on by one process at a time."""

    world: ToyWorld = field(default_factory=ToyWorld)
    runtime: VirtualRuntime = field(default_factory=VirtualRuntime)
    policies: ClusterPolicies = field(default_factory=some_policies)
    store: MemoryStore = field(init=False)
    lease: Lease = field(init=False)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.runtime)
        self.lease = self.store.leases.acquire(SHOP, "one", TTL)
        self.journal = self.store.journal(SHOP)

    @property
    def hands(self) -> Hands:
        """The world's own writers."""
        return Hands(orchestrator=self.world, pools={GENERAL: self.world}, traffic={EDGE: self.world})

    def adopt(self, *steps: PlannedStep, counts: tuple[int, int] | None = None) -> Plan:
        """Make these steps the plan; `counts` of web before and after."""
        plan = a_plan(*steps, counts=counts, made_at=self.runtime.now())
        self.store.journal(SHOP).adopt(plan, tuple(StepRecord(plan=plan.id, planned=one) for one in steps), self.lease)
        return plan

    def tick(self) -> dict[str, StepRecord]:
        """One pass, a second later; the records by step."""
        self.runtime.advance(Duration(1000))
        plan = self.store.journal(SHOP).commitments().plan
        assert plan is not None
        seen = self.world.observe(self.runtime.now())
        records = advance(plan, seen, self.journal, self.lease, self.hands, self.runtime, self.policies)
        return {one.planned.id: one for one in records}

    def until_done(self, most: int = 60, then: Callable[[], None] = lambda: None) -> dict[str, StepRecord]:
        """Ticks until no step is open; the lease is renewed before each."""
        for _ in range(most):
            self.lease = self.store.leases.acquire(SHOP, self.lease.holder, TTL)
            records = self.tick()
            if not any(one.status in OPEN for one in records.values()):
                return records
            then()
        raise AssertionError({name: (one.status.value, one.reasons) for name, one in records.items()})

    def restart(self, holder: str) -> None:
        """Another process takes over, once the lease ran out."""
        self.runtime.advance(TTL)
        self.lease = self.store.leases.acquire(SHOP, holder, TTL)
        self.runtime.advance(self.hands.call_timeout)
