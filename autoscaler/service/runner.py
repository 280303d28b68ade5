"""One cluster's ticks, told: the engine does, this says what was done."""

from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest

from autoscaler.contracts.runtime import Runtime
from autoscaler.engine.forecasts import Foresight, Made
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.model.commitments import StepRecord
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import Forecast
from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.model.samples import Unknown
from autoscaler.service.logs import logger
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.service.recorder import Recorder
from autoscaler.service.unread import unread

UNREAD = "unread "
"""Before the part, among what was told."""

LATE = 3
"""Missed intervals after which a cluster's ticks count as stuck."""


@dataclass(slots=True, kw_only=True)
class Runner:
    """Fires the engine, never raises, and remembers only what /healthz and /readyz ask."""

    engine: Engine
    metrics: ServiceMetrics
    interval: Duration
    recorder: Recorder | None = None
    last: Instant | None = None
    synced: bool = False
    problem: str = "not read yet"
    report: TickReport | None = None
    told: dict[str, object] = field(default_factory=dict)
    foresight: Foresight = field(init=False)

    def __post_init__(self) -> None:
        engine = self.engine
        self.foresight = Foresight(eyes=engine.eyes, store=engine.store, holder=engine.holder)

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        return self.engine.policies.cluster

    def tick(self) -> TickReport | None:
        """One tick; None when it gave no report. One broken cluster never stops the others."""
        try:
            return self._tick()
        except AutoscalerError as error:
            self._failed(error)
            self._once("problem", str(error), "tick_refused", problem=str(error), hint=error.hint)
        except Exception as error:  # noqa: BLE001 - a bug in one cluster's tick must not end the service: it is logged, counted, retried
            self._failed(error)
            logger(cluster=self.cluster).exception("tick_failed")
        return None

    def carry_on(self, earlier: "Runner") -> None:
        """Remember what the cluster's runner knew before its policies changed."""
        self.last, self.synced, self.problem = earlier.last, earlier.synced, earlier.problem
        self.report, self.told = earlier.report, earlier.told

    def _tick(self) -> TickReport:
        runtime = self.engine.runtime
        began = runtime.monotonic()
        report = self.engine.tick()
        self.last, self.report = runtime.now(), report
        state, missing = report.thought.observation.state, unread(report)
        self.synced, self.problem = not isinstance(state, Unknown), missing.get("cluster", "")
        self.metrics.tick(report, Duration(runtime.monotonic() - began), self.last)
        self._tell(report)
        self._tell_unread(missing)
        self._keep(report)
        return report

    def foresee(self) -> None:
        """Make the forecasts that are due, beside the ticks; never raises, so that a broken past stops nobody else's."""
        if self.report is None:
            return
        try:
            for one in self.foresight.run(self.report.thought.policies):
                self._tell_foreseen(one)
        except AutoscalerError as error:
            self._once("forecasts", str(error), "forecasts_refused", problem=str(error), hint=error.hint)
        except Exception:  # noqa: BLE001 - as of a tick: it is logged, and tried again
            logger(cluster=self.cluster).exception("forecasts_failed")

    def asked(self) -> set[str]:
        """What commands handed over and nobody has answered; nothing while the store cannot be read: the next tick will say so."""
        try:
            return {one.id for one in self.engine.store.requests(self.engine.policies.cluster).pending()}
        except AutoscalerError:
            return set()

    def stuck(self, runtime: Runtime, started: Instant) -> bool:
        """Whether ticks stopped coming."""
        quiet = since(self.last or started, runtime.now())
        return quiet.ms > LATE * self.interval.ms + self.engine.deadline.ms

    def _failed(self, error: Exception) -> None:
        """It came and did not end well: no reason to think that ticks stopped coming."""
        self.synced, self.problem = False, f"{type(error).__name__}: {error}"[:200]
        self.last = self.engine.runtime.now()
        self.metrics.failed(self.cluster, error)

    def _tell(self, report: TickReport) -> None:
        plan = report.thought.plan
        log = logger(cluster=self.cluster)
        for decision, number in zip_longest(report.thought.decisions, report.decided, fillvalue=None):
            if decision and decision.count != decision.current:
                self._once(str(decision.workload), decision.count, "decided", decision=number or "", plan=plan.id, **_decided(decision))
        if plan.steps:
            self._once("plan", plan.id, "planned", plan=plan.id, steps=len(plan.steps), withheld=len(plan.withheld))
        before = {record.planned.id: record.status for record in report.thought.past.commitments.records}
        for record in report.commitments.records:
            if before.get(record.planned.id) is not record.status and record.began_at is not None:
                log.info("step", **_step(record))
        problem = report.problem
        self._once("problem", str(problem or ""), "problem" if problem else "recovered", problem=str(problem or ""))

    def _tell_unread(self, found: dict[str, str]) -> None:
        known = {key.removeprefix(UNREAD) for key in self.told if key.startswith(UNREAD)}
        for part in sorted(known | set(found)):
            problem = found.get(part, "")
            self._once(f"{UNREAD}{part}", problem, "unread" if problem else "read_again", part=part, problem=problem)

    def _tell_foreseen(self, one: Made) -> None:
        """When a forecast is first made, is followed or not followed any more, or cannot be made."""
        told = partial(self._once, f"forecast {one.subject} {one.rule}")
        if one.problem:
            told(str(one.problem), "not_foreseen", workload=one.subject, rule=one.rule, problem=str(one.problem), hint=one.problem.hint)
        elif one.forecast:
            told(one.forecast.better, "foreseen", workload=one.subject, rule=one.rule, **_verdict(one.forecast))
        else:
            told("too little", "not_foreseen", workload=one.subject, rule=one.rule, problem="fewer than two seasons of past are known")

    def _keep(self, report: TickReport) -> None:
        """Record the tick; a full disk is told and stops nothing else."""
        if self.recorder is None:
            return
        try:
            self.recorder.write(report)
        except AutoscalerError as error:
            self._once("record", str(error), "not_recorded", problem=str(error), hint=error.hint)

    def _once(self, key: str, value: object, event: str, **fields: object) -> None:
        """Say it when it changes, not every tick."""
        if self.told.get(key, "") == value:
            return
        self.told[key] = value
        logger(cluster=self.cluster).info(event, **fields)


def _verdict(forecast: Forecast) -> dict[str, object]:
    shares = {"short": forecast.short, "plain_short": forecast.plain_short, "cost": forecast.cost, "coverage": forecast.coverage}
    return {"followed": forecast.better, **{name: str(share) for name, share in shares.items()}}


def _decided(decision: Decision) -> dict[str, object]:
    codes = [reason.code.value for vote in decision.votes for reason in vote.vote.reasons]
    return {"workload": str(decision.workload), "from": decision.current, "to": decision.count, "reasons": codes}


def _step(record: StepRecord) -> dict[str, object]:
    return {
        "plan": record.plan,
        "step": record.planned.id,
        "kind": type(record.planned.step).__name__,
        "operation": record.planned.operation,
        "status": record.status.value,
        "reasons": [reason.code.value for reason in record.reasons],
    }
