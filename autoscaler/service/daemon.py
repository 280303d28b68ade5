"""`autoscaler run`: ticks of every cluster at their interval and in a hurry, until SIGTERM."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from autoscaler.config import Configuration, Plugins, load
from autoscaler.contracts.store import Store
from autoscaler.engine.tick import LEASE, Engine
from autoscaler.errors import AutoscalerError, PolicyError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.service.http import server
from autoscaler.service.logs import logger
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.service.recorder import Recorder
from autoscaler.service.runner import Runner
from autoscaler.service.runtime import LeaseKeeper, SystemRuntime, Wake, background

SETTLE = Duration(1000)
"""While steps are in flight the next tick comes this soon after the last: a drain is a dozen observations, not a dozen intervals."""

GRACE = Duration(9000)
"""How long a tick in flight may go on after SIGTERM."""


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
    # Memory store: what must outlive the process is in our own store. Daemon threads: a hung call must not keep us from ending.
    scheduler: BackgroundScheduler = field(default_factory=lambda: BackgroundScheduler(daemon=True, timezone=UTC))

    def serve(self) -> None:
        """Run until `stop` is rung; leases are released on the way out."""
        self.started = self.runtime.now()
        with ExitStack() as stack:
            http = server(self.configuration.service.listen, self.metrics.registry, self.alive, self.ready)
            stack.callback(http.shutdown)
            background(http.serve_forever, "http")
            stack.enter_context(LeaseKeeper(self.renew, Duration(LEASE.ms // 3)))
            self.apply(self.configuration)
            self.scheduler.start()
            logger().info("serving", listen=self.configuration.service.listen, clusters=list(self.runners))
            while not self.stop.wait(Duration(2000)):
                self.reload()
            self.end()

    def apply(self, configuration: Configuration) -> None:
        """Open every cluster anew and schedule its ticks."""
        self.configuration = configuration
        for cluster in configuration.clusters:
            engine = Engine(
                policies=cluster.policies,
                eyes=eyes(cluster, self.plugins, self.runtime),
                hands=hands(cluster, self.runtime),
                store=self.store,
                runtime=self.runtime,
                holder=self.holder,
            )
            self.runners[cluster.name] = Runner(
                engine=engine,
                metrics=self.metrics,
                interval=configuration.service.interval,
                recorder=Recorder(self.record, configuration.files) if self.record else None,
            )
        for gone in set(self.runners) - {cluster.name for cluster in configuration.clusters}:
            del self.runners[gone]
            self.scheduler.remove_job(gone)
        for name in self.runners:
            self._schedule(name)

    def fire(self, name: str) -> None:
        """One tick of one cluster; sooner than its interval again while steps are in flight."""
        runner = self.runners.get(name)
        report = runner.tick() if runner else None
        if runner and report and report.busy:
            self.scheduler.modify_job(name, next_run_time=self._in(min(SETTLE, self._real(runner.interval))))

    def reload(self) -> None:
        """Take changed files; broken ones are told and the last good ones kept."""
        if not self.paths:
            return
        try:
            found = load(self.paths, self.plugins)
            if found.digest != self.configuration.digest:
                self.apply(found)
                logger().info("reloaded", digest=found.digest)
            problem = ""
        except PolicyError as error:
            problem = str(error)
        if problem != self.reload_problem:
            logger().warning("reload_failed" if problem else "reload_mended", problem=problem)
        self.reload_problem = problem
        self.metrics.reload_failed.set(1 if problem else 0)

    def renew(self) -> None:
        """Keep the leases of the clusters we tick; a lost one is the next tick's business."""
        for name, runner in tuple(self.runners.items()):
            try:
                lease = self.store.leases.current(runner.engine.policies.cluster)
                if lease and lease.holder == self.holder:
                    self.store.leases.renew(lease, LEASE)
            except AutoscalerError as error:
                logger(cluster=name).warning("lease", problem=str(error))

    def alive(self) -> str:
        """What is wrong with this process, or nothing."""
        late = [name for name, runner in tuple(self.runners.items()) if runner.stuck(self.runtime, self.started)]
        return f"no tick for too long: {', '.join(late)}" if late else ""

    def ready(self) -> str:
        """What keeps it from doing its work, or nothing."""
        blind = [name for name, runner in tuple(self.runners.items()) if not runner.synced]
        if blind:
            return f"cannot read: {', '.join(blind)}"
        return f"policy files are broken, older ones are in force: {self.reload_problem}" if self.reload_problem else ""

    def end(self) -> None:
        """Let the ticks in flight end, then give the leases back."""
        for job in self.scheduler.get_jobs():
            job.remove()
        background(lambda: self.scheduler.shutdown(wait=True), "shutdown").join(GRACE.ms / 1000)
        for runner in self.runners.values():
            lease = self.store.leases.current(runner.engine.policies.cluster)
            if lease and lease.holder == self.holder:
                self.store.leases.release(lease)
        logger().info("stopped")

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


def on_signals(wake: Wake) -> None:
    """SIGTERM and SIGINT ring `wake`; only the main thread may ask for this."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: wake.ring())
