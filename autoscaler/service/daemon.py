"""`autoscaler run`: ticks of every cluster at their interval and in a hurry, until SIGTERM."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from autoscaler.config import Configuration, Plugins, load
from autoscaler.config.configuration import ClusterConfig
from autoscaler.contracts.store import Store
from autoscaler.engine.tick import LEASE, Engine
from autoscaler.errors import AutoscalerError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.service.compiling import compile_ahead
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.service.http import server
from autoscaler.service.logs import logger
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.service.recorder import Recorder
from autoscaler.service.runner import Runner
from autoscaler.service.runtime import LeaseKeeper, SystemRuntime, Wake, background
from autoscaler.service.threads import TickThreads
from autoscaler.service.watching import Stamp, stamp

SETTLE = Duration(1000)
"""While steps are in flight the next tick comes this soon after the last: a drain is a dozen observations, not a dozen intervals."""

GRACE = Duration(8000)
"""How long a tick in flight may go on after SIGTERM."""

GLANCE = Duration(2000)
"""How often the policy files, and what commands handed over, are looked at."""

FORESEE = Duration(600_000)
"""How often it is looked which forecasts are due: they are good for an hour."""

ALL_FORECASTS = "the forecasts of all"
"""The job's name, which no cluster can have."""

FIRST_LOOK = Duration(30_000)
"""After the start: by then every cluster has been seen, and its policies by label are known."""


@dataclass(slots=True, kw_only=True)
class Daemon:
    """The process: one runner per cluster, one scheduler that only fires them.

    `paths` empty: the configuration given is all there is, and nothing is reloaded. `pace`: how many times faster than real time
    `runtime` runs, for demonstrations; intervals are that much shorter.
    """

    paths: Sequence[Path]
    plugins: Plugins
    store: Store
    holder: str
    configuration: Configuration
    runtime: SystemRuntime = field(default_factory=SystemRuntime)
    metrics: ServiceMetrics
    record: Path | None = None
    pace: int = 1
    stop: Wake = field(default_factory=Wake)
    runners: dict[str, Runner] = field(default_factory=dict)
    reload_problem: str = ""
    started: Instant = Instant(0)
    listens: str = ""
    seen: Stamp | None = None
    ticking: set[str] = field(default_factory=set)
    heard: dict[str, set[str]] = field(default_factory=dict)
    ending: bool = False
    # Memory store: what must outlive the process is in our own store.
    scheduler: BackgroundScheduler = field(
        default_factory=lambda: BackgroundScheduler(daemon=True, timezone=UTC, executors={"default": TickThreads()})
    )

    def serve(self) -> None:
        """Run until `stop` is rung; leases are released on the way out."""
        self.started = self.runtime.now()
        with ExitStack() as stack:
            http = server(self.configuration.service.listen, self.metrics.registry, self.alive, self.ready)
            stack.callback(http.server_close)
            self.apply(self.configuration)
            background(http.serve_forever, "http")
            stack.callback(http.shutdown)
            stack.enter_context(LeaseKeeper(self.renew, self._real(Duration(LEASE.ms // 3))))
            self._schedule_forecasts()
            self.scheduler.start()
            if any(cluster.policies.pools for cluster in self.configuration.clusters):
                stack.callback(compile_ahead())
            self.listens = http.listens
            logger().info("serving", listen=self.listens, clusters=list(self.runners))
            while not self.stop.wait(GLANCE):
                self.reload()
                self.hurry()
            self.end()

    def apply(self, configuration: Configuration) -> None:
        """Open every cluster anew and schedule its ticks; when one cannot be opened, all stays as it was and the error is raised."""
        fresh = {cluster.name: self._runner(cluster, configuration) for cluster in configuration.clusters}
        for gone in set(self.runners) - set(fresh):
            del self.runners[gone]
            self.scheduler.remove_job(gone)
            self.metrics.forget(gone)
        for cluster, runner in fresh.items():
            if cluster in self.runners:
                runner.carry_on(self.runners[cluster])
            self.runners[cluster] = runner
        self.configuration = configuration
        for name in self.runners:
            self._schedule(name)

    def _runner(self, cluster: ClusterConfig, configuration: Configuration) -> Runner:
        engine = Engine(
            policies=cluster.policies,
            eyes=eyes(cluster, self.plugins, self.runtime),
            hands=hands(cluster, self.runtime),
            store=self.store,
            runtime=self.runtime,
            holder=self.holder,
        )
        return Runner(
            engine=engine,
            metrics=self.metrics,
            interval=configuration.service.interval,
            recorder=Recorder(self.record, configuration.files) if self.record else None,
        )

    def fire(self, name: str) -> None:
        """One tick of one cluster; sooner than its interval again while steps are in flight."""
        runner = self.runners.get(name)
        if runner is None or self.ending:
            return
        self.ticking.add(name)
        try:
            report = runner.tick()
        finally:
            self.ticking.discard(name)
        if report and report.busy and not report.problem:
            with suppress(JobLookupError):  # we are ending, or the cluster is no longer in the files
                self.scheduler.modify_job(name, next_run_time=self._in(min(SETTLE, self._real(runner.interval))))

    def foresee(self) -> None:
        """Make the forecasts that are due, one after the other in this one thread, however the ticks go."""
        for runner in tuple(self.runners.values()):
            if not self.ending:
                runner.foresee()

    def hurry(self) -> None:
        """Tick at once where a command handed something over: whoever asked waits for it. What a tick in progress missed is seen again."""
        for name, runner in tuple(self.runners.items()):
            asked = runner.asked()
            if asked - self.heard.get(name, set()) and name not in self.ticking:
                self.heard[name] = asked
                with suppress(JobLookupError):
                    self.scheduler.modify_job(name, next_run_time=self._in(Duration(0)))

    def reload(self) -> None:
        """Take changed files; broken ones are told and the last good ones kept."""
        now = stamp(self.paths)
        if not self.paths or (now == self.seen and not self.reload_problem):
            return
        self.seen, problem = now, ""
        try:
            self._take(load(self.paths, self.plugins))
        except AutoscalerError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything while it is opened: told, and the old runners stay
            problem = f"{type(error).__name__}: {error}"
        if problem != self.reload_problem:
            logger().warning("reload_failed" if problem else "reload_mended", problem=problem)
        self.reload_problem = problem
        self.metrics.reload_failed.set(1 if problem else 0)

    def _take(self, found: Configuration) -> None:
        if found.digest == self.configuration.digest:
            return
        before = self.configuration.service
        self.apply(found)
        logger().info("reloaded", digest=found.digest)
        if (before.listen, before.store) != (found.service.listen, found.service.store):
            logger().warning("restart_needed", problem="service.listen and service.store are read at the start only")

    def renew(self) -> None:
        """Keep the leases of the clusters we tick; a lost one is the next tick's business."""
        for name, runner in tuple(self.runners.items()):
            try:
                lease = self.store.leases.current(runner.engine.policies.cluster)
                if lease and lease.holder == self.holder:
                    self.store.leases.renew(lease, LEASE)
            except Exception as error:  # noqa: BLE001 - this thread must outlive whatever befalls the store
                logger(cluster=name).warning("lease", problem=str(error))

    def alive(self) -> str:
        """What is wrong with this process, or nothing."""
        late = [name for name, runner in tuple(self.runners.items()) if runner.stuck(self.runtime, self.started)]
        return f"no tick for too long: {', '.join(late)}" if late else ""

    def ready(self) -> str:
        """What keeps it from doing its work, or nothing."""
        blind = [f"{name} ({runner.problem})" for name, runner in tuple(self.runners.items()) if not runner.synced]
        problems = [f"cannot read: {', '.join(blind)}"] if blind else []
        if self.reload_problem:
            problems.append(f"policy files are broken, older ones are in force: {self.reload_problem}")
        return "\n".join(problems)

    def end(self) -> None:
        """Let the ticks in flight end, then give the leases back; that of a tick that does not end runs out by itself."""
        self.ending = True
        self.scheduler.shutdown(wait=False)
        clock = SystemRuntime()
        late = clock.monotonic() + GRACE.ms
        while self.ticking and clock.monotonic() < late:
            clock.sleep(Duration(20))
        for name, runner in self.runners.items():
            if name in self.ticking:
                logger(cluster=name).warning("left_in_flight", problem="a call did not end: what it did is read back by whoever comes next")
            else:
                self._release(runner)
        logger().info("stopped")

    def _release(self, runner: Runner) -> None:
        try:
            lease = self.store.leases.current(runner.engine.policies.cluster)
            if lease and lease.holder == self.holder:
                self.store.leases.release(lease)
        except AutoscalerError as error:
            logger(cluster=runner.cluster).warning("lease", problem=str(error))

    def _real(self, span: Duration) -> Duration:
        return Duration(max(1, span.ms // self.pace))

    def _in(self, span: Duration) -> datetime:
        return datetime.fromtimestamp((SystemRuntime().now() + span.ms) / 1000, UTC)

    def _schedule(self, name: str) -> None:
        seconds = self._real(self.configuration.service.interval).ms / 1000
        self.scheduler.add_job(
            self.fire,
            "interval",
            args=[name],
            id=name,
            seconds=seconds,
            next_run_time=self._in(Duration(0)),
            max_instances=1,
            coalesce=True,
            # The default of 1 s skips runs silently on a busy machine.
            misfire_grace_time=max(1, int(seconds)),
            replace_existing=True,
        )

    def _schedule_forecasts(self) -> None:
        """A job of its own: reading and fitting a month of past would hold up ticks."""
        every = self._real(FORESEE).ms / 1000
        first = self._in(self._real(FIRST_LOOK))
        grace = max(1, int(every))
        self.scheduler.add_job(
            self.foresee,
            "interval",
            id=ALL_FORECASTS,
            seconds=every,
            next_run_time=first,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=grace,
        )


def on_signals(wake: Wake) -> None:
    """SIGTERM and SIGINT ring `wake`; only the main thread may ask for this."""
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _heard)


def _heard(*_: object) -> None:
    """The wakeup byte has rung already; without a handler the signal would end the process."""
