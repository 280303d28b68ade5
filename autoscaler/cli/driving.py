"""Carries a plan out from the command line: under a free lease tick by tick, else through the store by whoever holds it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType

from autoscaler.cli.telling import Teller
from autoscaler.cli.terminal import say, tell
from autoscaler.contracts.store import Lease, Request, Store
from autoscaler.engine.pinning import calm
from autoscaler.engine.tick import LEASE, Engine, TickReport
from autoscaler.errors import AutoscalerError, ProviderError, RefusedError, StalePlanError, UnavailableError
from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import LeaseKeeper, SystemRuntime, Wake

PACE = Duration(1000)
"""Between two looks at a plan under way."""


def leader(store: Store, cluster: ClusterName, runtime: SystemRuntime) -> Lease | None:
    """Who else holds the cluster's lease now."""
    lease = store.leases.current(cluster)
    return lease if lease is not None and runtime.now() < lease.until else None


@dataclass(slots=True, kw_only=True)
class Deadline:
    """When we stop watching."""

    runtime: SystemRuntime
    span: Duration
    began: int = field(init=False)

    def __post_init__(self) -> None:
        """The span begins now."""
        self.began = self.runtime.monotonic()

    def check(self) -> None:
        """UnavailableError once it is over."""
        if self.runtime.monotonic() - self.began > self.span.ms:
            raise UnavailableError(
                f"not done after {self.span}", hint="what is in flight is journalled: call it again, or see `autoscaler status`"
            )


@dataclass(slots=True, kw_only=True)
class Driver:
    """Ticks one engine until `done` says so; the lease is released between ticks only, never under a call in flight."""

    engine: Engine
    deadline: Deadline
    teller: Teller = field(default_factory=Teller)
    wake: Wake = field(default_factory=Wake)
    watch: Callable[[TickReport], None] = lambda _: None

    def drive(self, pinned: Plan | None, done: Callable[[TickReport], bool]) -> None:
        """StalePlanError once a step of the pinned plan failed and what was in flight is finished or undone."""
        failed = False
        with LeaseKeeper(self._renew, Duration(LEASE.ms // 3)), stopped_by_signals(self.wake):
            while True:
                report = self.engine.tick(None if failed else pinned)
                self.teller.tell(report.commitments)
                self.watch(report)
                self._check(report)
                if pinned and not failed and has_failed(report.commitments, pinned):
                    failed = True
                    self.engine.policies = calm(self.engine.policies)
                if not report.problem and not report.commitments.open and (failed or done(report)):
                    break
                self._rest()
            self._release()
        if failed:
            raise StalePlanError(
                "a step failed: what was in flight is finished or undone, the rest dropped",
                hint="`autoscaler explain plan` says why; then plan again",
            )

    def _check(self, report: TickReport) -> None:
        """Raise what stopped the tick from writing, unless another try may mend it."""
        if report.problem and not isinstance(report.problem.__cause__, ProviderError):
            self._release()
            raise report.problem

    def _rest(self) -> None:
        if self.wake.wait(PACE):
            self._release()
            raise KeyboardInterrupt
        try:
            self.deadline.check()
        except UnavailableError:
            self._release()
            raise

    def _renew(self) -> None:
        lease = self._lease()
        if lease:
            renew(self.engine.store, lease)

    def _release(self) -> None:
        lease = self._lease()
        if lease:
            self.engine.store.leases.release(lease)

    def _lease(self) -> Lease | None:
        lease = self.engine.store.leases.current(self.engine.policies.cluster)
        return lease if lease and lease.holder == self.engine.holder else None


def renew(store: Store, lease: Lease) -> None:
    """Hold it longer; what goes wrong is told, and found out again before the next write."""
    try:
        store.leases.renew(lease, LEASE)
    except AutoscalerError as error:
        tell(error)


def has_failed(commitments: Commitments, plan: Plan) -> bool:
    """Whether a step of the plan failed."""
    return any(record.plan == plan.id and record.status is StepStatus.FAILED for record in commitments.records)


def hand_over(store: Store, cluster: ClusterName, request: Request) -> None:
    """Ask the holder of the lease."""
    store.requests(cluster).submit(request)


def follow(
    store: Store, cluster: ClusterName, request: Request, deadline: Deadline, watch: Callable[[Commitments], None] = lambda _: None
) -> Request:
    """Watch through the store until the request was dealt with; withdrawn if nobody is left to do so, lest it is done on another day.

    `watch` is shown what is under way at each look.
    """
    teller, journal, requests = Teller(), store.journal(cluster), store.requests(cluster)
    while True:
        teller.tell(journal.commitments())
        found = requests.find(request.id)
        if found is not None and found.outcome:
            return found
        if leader(store, cluster, deadline.runtime) is None:
            requests.close(replace(request, outcome="withdrawn", exit_code=UnavailableError.exit_code))
            raise UnavailableError("the process that held the lease is gone: withdrawn", hint="call it again; the lease is free now")
        deadline.check()
        watch(journal.commitments())
        deadline.runtime.sleep(PACE)


def check_outcome(request: Request) -> None:
    """Raise the error that the answer stands for, if it is one."""
    if request.exit_code:
        known = {error.exit_code: error for error in (StalePlanError, RefusedError)}
        raise known.get(request.exit_code, AutoscalerError)(request.outcome, hint="`autoscaler explain plan` says why")


@contextmanager
def stopped_by_signals(wake: Wake) -> Iterator[None]:
    """The first SIGINT or SIGTERM ends the loop after the tick in flight; a second SIGINT ends it at once, lease and all."""

    def told(number: int, _: FrameType | None) -> None:
        say("stopping after the step in flight …" if number == signal.SIGINT else "told to stop: after the step in flight …")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    woken = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
