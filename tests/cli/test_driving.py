"""Carrying a plan out from the command line: when it ends, how, and in whose hands it leaves the lease."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from autoscaler.cli import driving
from autoscaler.cli.driving import Deadline, Driver, follow, hand_over, leader
from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.pinning import calm
from autoscaler.engine.tick import LEASE, Engine, TickReport
from autoscaler.errors import AutoscalerError, ConflictError, RefusedError, StalePlanError, UnavailableError
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Bounds, Mode
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, NodeRef, PolicyName, WorkloadRef
from autoscaler.model.steps import Fence
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import MemoryStore
from autoscaler.testing.scenes import a_plan, planned

SHOP = ClusterName("shop")
ME = "me"
STEP = planned("1", Fence(node=NodeRef("n1", "boot")), operation="close n1")
PLAN = a_plan(STEP, made_at=Instant(0))
POLICY = Policy(name=PolicyName("web"), workload=WorkloadRef(SHOP, "web"), bounds=Bounds(min=1, max=2), rules=())
POLICIES = ClusterPolicies(cluster=SHOP, policies=(POLICY,))


def at(status: StepStatus) -> Commitments:
    return Commitments(plan=PLAN, records=(StepRecord(plan=PLAN.id, planned=STEP, status=status),))


Scene = Callable[[], Commitments] | Commitments | AutoscalerError


@dataclass
class ScriptedEngine:
    """Ticks through `scenes`; keeps what it was asked to do."""

    scenes: list[Scene]
    store: Store
    holder: str = ME
    policies: ClusterPolicies = POLICIES
    pins: list[Plan | None] = field(default_factory=list)
    modes: list[Mode] = field(default_factory=list)

    def tick(self, pinned: Plan | None = None) -> TickReport:
        """The next scene."""
        self.store.leases.acquire(SHOP, self.holder, LEASE)
        self.pins.append(pinned)
        self.modes.append(self.policies.policies[0].mode)
        scene = self.scenes.pop(0)
        if isinstance(scene, AutoscalerError):
            return TickReport(thought=cast("object", None), commitments=at(StepStatus.WAITING), problem=scene)  # type: ignore[arg-type]
        found = scene() if callable(scene) else scene
        return TickReport(thought=cast("object", None), commitments=found)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "PACE", Duration(1))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(SystemRuntime())


def drive(store: Store, *scenes: Scene, span: str = "5s") -> ScriptedEngine:
    engine = ScriptedEngine(list(scenes), store)
    driver = Driver(engine=cast("Engine", engine), deadline=Deadline(runtime=SystemRuntime(), span=Duration.parse(span)))
    driver.drive(PLAN, lambda report: not report.commitments.open)
    return engine


def free(store: Store) -> bool:
    return leader(store, SHOP, SystemRuntime()) is None


def refusal(cause: BaseException | None) -> RefusedError:
    error = RefusedError("no", hint="ask")
    error.__cause__ = cause
    return error


def test_ends_when_no_step_is_open_and_gives_the_lease_back(store: MemoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    engine = drive(store, at(StepStatus.WAITING), at(StepStatus.SENT), at(StepStatus.SENT), at(StepStatus.DONE))
    assert engine.pins == [PLAN] * 4
    assert free(store)
    told = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in told] == ["at", "done"]


def test_a_failed_step_is_a_diverged_world(store: MemoryStore) -> None:
    engine = ScriptedEngine([at(StepStatus.SENT), at(StepStatus.FAILED)], store)
    driver = Driver(engine=cast("Engine", engine), deadline=Deadline(runtime=SystemRuntime(), span=Duration(5000)))
    with pytest.raises(StalePlanError):
        driver.drive(PLAN, lambda _: True)
    assert free(store)


def test_after_a_failure_nobody_wants_another_count(store: MemoryStore) -> None:
    two = Commitments(plan=PLAN, records=(*at(StepStatus.FAILED).records, *at(StepStatus.SENT).records))
    engine = ScriptedEngine([two, at(StepStatus.SENT), at(StepStatus.UNDONE)], store)
    driver = Driver(engine=cast("Engine", engine), deadline=Deadline(runtime=SystemRuntime(), span=Duration(5000)))
    with pytest.raises(StalePlanError):
        driver.drive(PLAN, lambda _: True)
    assert engine.pins == [PLAN, None, None]
    assert engine.modes == [Mode.ACTIVE, Mode.OFF, Mode.OFF]


def test_calm_policies_keep_their_promises() -> None:
    assert calm(POLICIES).policies[0].availability == POLICY.availability


def test_what_another_try_may_mend_is_tried_again(store: MemoryStore) -> None:
    engine = drive(store, refusal(ConflictError("changed", hint="read")), at(StepStatus.DONE))
    assert len(engine.pins) == 2


def test_a_refusal_ends_it_and_gives_the_lease_back(store: MemoryStore) -> None:
    with pytest.raises(RefusedError):
        drive(store, refusal(None))
    assert free(store)


def test_the_deadline_ends_it_and_gives_the_lease_back(store: MemoryStore) -> None:
    with pytest.raises(UnavailableError, match="not done after"):
        drive(store, *[at(StepStatus.SENT)] * 1000, span="20ms")
    assert free(store)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_after_the_tick_in_flight(store: MemoryStore, number: signal.Signals) -> None:
    ended: list[bool] = []

    def told_to_stop() -> Commitments:
        os.kill(os.getpid(), number)
        ended.append(True)
        return at(StepStatus.SENT)

    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        drive(store, told_to_stop, at(StepStatus.DONE))
    assert ended == [True]
    assert free(store)
    assert signal.getsignal(number) is before


def test_a_second_interrupt_ends_it_at_once_and_keeps_the_lease(store: MemoryStore) -> None:
    def told_twice() -> Commitments:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt):
        drive(store, told_twice)
    assert not free(store), "a call may be in flight: nobody else may begin before the lease runs out"


class ActingRuntime(SystemRuntime):
    """While we sleep, others act."""

    def __init__(self, acts: Iterator[Callable[[], None]]) -> None:
        super().__init__()
        self.acts = acts
        self.passed = 0

    def sleep(self, span: Duration) -> None:
        """The next act, if there is one."""
        self.passed += span.ms
        next(self.acts, lambda: None)()

    def now(self) -> Instant:
        return Instant(super().now() + self.passed)

    def monotonic(self) -> int:
        return super().monotonic() + self.passed


REQUEST = Request(id="r", kind=RequestKind.APPLY, subject="p", who="ann", at=Instant(0), plan=PLAN)


def followed(store: Store, *acts: Callable[[], None], span: str = "1h") -> Request:
    store.leases.acquire(SHOP, "service", LEASE)
    hand_over(store, SHOP, REQUEST)
    runtime = ActingRuntime(iter(acts))
    return follow(store, SHOP, REQUEST, Deadline(runtime=runtime, span=Duration.parse(span)))


def test_follows_until_the_request_is_answered(store: MemoryStore) -> None:
    answer = Request(id="r", kind=RequestKind.APPLY, subject="p", who="ann", at=Instant(0), outcome="applied")
    assert followed(store, lambda: None, lambda: store.requests(SHOP).close(answer)) == answer


def test_a_holder_that_went_away_is_told_and_the_request_withdrawn(store: MemoryStore) -> None:
    lease = store.leases.acquire(SHOP, "service", LEASE)
    with pytest.raises(UnavailableError, match="is gone"):
        followed(store, lambda: store.leases.release(lease))
    assert store.requests(SHOP).pending() == (), "nobody must do it on another day"


def test_following_ends_with_its_time(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "PACE", Duration(10_000))
    with pytest.raises(UnavailableError, match="not done after 15s"):
        followed(store, span="15s")
