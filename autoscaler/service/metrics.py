"""What the service tells Prometheus. Names: `autoscaler_` first, base units, `_total` for counters.

Label values come from the policy file, from what it governs and from closed lists, never from a query or an error text, so their number is
bounded; what is gone from the files or the cluster is gone here.
"""

from collections import Counter as Tally

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from autoscaler.engine.tick import TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.model.commitments import OPEN, StepStatus
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Duration, since
from autoscaler.model.samples import Sample, Unknown, averaged
from autoscaler.model.steps import Step
from autoscaler.model.workloads import surge_of
from autoscaler.planning.drafts import destructive

MILLI = 1000

Values = dict[tuple[str, ...], float]
"""By the labels after `cluster`."""


class ServiceMetrics:
    """One registry for one process."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._families: list[tuple[Gauge | Counter | Histogram, tuple[str, ...]]] = []
        self._build = self._gauge("build_info", "Always 1; the version is the label.", "version")
        self._build.labels(version).set(1)
        self._safe = self._gauge("safe_to_autoscale", "1 while nothing halts destructive steps.", "cluster")
        self._synced = self._gauge("state_synced", "1 while the cluster itself could be read.", "cluster")
        self._last = self._gauge("last_tick_timestamp_seconds", "When the last tick ended.", "cluster")
        self._duration = self._histogram("tick_duration_seconds", "Whole ticks.", "cluster")
        self._phases = self._histogram("phase_duration_seconds", "Parts of ticks.", "cluster", "phase")
        self._ticks = self._counter("ticks", "Ticks by result.", "cluster", "result")
        self._ended = self._counter("steps_ended", "Steps by kind and how they ended.", "cluster", "kind", "status")
        self._misses = self._counter("unknown_readings", "Metrics that could not be read, by reason.", "cluster", "reason")
        self._nodes = self._gauge("nodes", "Nodes by state and availability.", "cluster", "state", "availability")
        self._pool = self._gauge("pool_nodes", "Machines of a pool: wanted, needed, min, max.", "cluster", "pool", "bound")
        self._failing = self._gauge("pool_failed_launches", "Launches that failed of late.", "cluster", "pool")
        self._sold_out = self._gauge("pool_sold_out_offerings", "Offerings that are not asked for for a while.", "cluster", "pool")
        self._closing = self._gauge("closing_nodes", "Nodes that are being emptied and given back.", "cluster")
        self._replicas = self._gauge("workload_replicas", "Replicas: wanted, decided, healthy, floor.", "cluster", "workload", "count")
        self._metric = self._gauge("metric_value", "The last value a policy read.", "cluster", "workload", "metric")
        self._age = self._gauge("metric_age_seconds", "How old that value was.", "cluster", "workload", "metric")
        self._unknown = self._gauge("metric_unknown", "1 while a policy's metric is unknown.", "cluster", "workload", "metric")
        self._price = self._gauge("price_per_hour", "Price of the pools now, in whole units of the currency.", "cluster", "currency")
        self._steps = self._gauge("steps", "Steps of the current plan by status.", "cluster", "status")
        self._withheld = self._gauge("withheld_steps", "Steps a guard holds back.", "cluster", "direction", "reason")
        self._remarks = self._gauge("remarks", "What was not done, by reason.", "cluster", "reason")
        self._frozen = self._gauge("freezes", "Freezes in force.", "cluster")
        self.reload_failed = self._gauge("policy_reload_failed", "1 while the policy files on disk are broken and older ones are used.")

    def tick(self, report: TickReport, took: Duration, ended_ms: int) -> None:
        """Show one tick."""
        cluster = report.thought.policies.cluster
        blind = isinstance(report.thought.observation.state, Unknown)
        result = type(report.problem).__name__ if report.problem else "blind" if blind else "ok"
        self._ticks.labels(cluster, result).inc()
        self._duration.labels(cluster).observe(took.ms / MILLI)
        for phase, span in report.phases:
            self._phases.labels(cluster, phase).observe(span.ms / MILLI)
        self._last.labels(cluster).set(ended_ms / MILLI)
        state = report.thought.observation.state
        self._synced.labels(cluster).set(0 if isinstance(state, Unknown) else 1)
        if isinstance(state, ClusterState):
            self._cluster(report, state)
        self._pools(report)
        self._readings(report)
        self._plan(report)
        self._steps_of(report)

    def failed(self, cluster: str, error: Exception) -> None:
        """A tick that gave no report. A bug counts as one whatever its class is called."""
        self._ticks.labels(cluster, type(error).__name__ if isinstance(error, AutoscalerError) else "bug").inc()
        self._synced.labels(cluster).set(0)

    def forget(self, cluster: str) -> None:
        """The cluster is no longer in the policy files."""
        for family, names in self._families:
            for values in {tuple(labels[name] for name in names) for labels in _series(family) if labels.get("cluster") == cluster}:
                family.remove(*values)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        made = Gauge(f"autoscaler_{name}", text, labels, registry=self.registry)
        self._families.append((made, labels))
        return made

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        made = Counter(f"autoscaler_{name}_total", text, labels, registry=self.registry)
        self._families.append((made, labels))
        return made

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        made = Histogram(f"autoscaler_{name}", text, labels, registry=self.registry)
        self._families.append((made, labels))
        return made

    def _cluster(self, report: TickReport, state: ClusterState) -> None:
        cluster = report.thought.policies.cluster
        nodes: Tally[tuple[str, ...]] = Tally((node.state.value, node.availability.value) for node in state.nodes)
        self._count(self._nodes, cluster, nodes)
        healthy = Tally(replica.workload for replica in state.replicas if replica.healthy)
        decided = {decision.workload: decision.count for decision in report.thought.decisions}
        found: Values = {}
        policies = report.thought.policies
        for workload in state.workloads:
            if policies.of(workload.ref):  # others come and go as they like, and nobody bounds their names
                ref, name = workload.ref, str(workload.ref)
                found[name, "wanted"], found[name, "healthy"] = workload.wanted, healthy[ref]
                found[name, "decided"] = aim = decided.get(ref, workload.wanted)
                found[name, "floor"] = policies.availability_of(ref).least(workload.wanted - surge_of(workload), aim)
        self._show(self._replicas, cluster, found)

    def _pools(self, report: TickReport) -> None:
        cluster, at = report.thought.policies.cluster, report.thought.observation.at
        states = [view.state for view in report.thought.observation.pools if not isinstance(view.state, Unknown)]
        found: Values = {(pool, "needed"): count for pool, count in report.thought.plan.needed}
        for bound in report.thought.bounds:
            found[bound.pool, "min"], found[bound.pool, "max"] = bound.min, bound.max
        found |= {(state.pool, "wanted"): state.wanted for state in states}
        self._show(self._pool, cluster, found)
        self._show(self._failing, cluster, {(state.pool,): state.failed_launches for state in states})
        sold_out: Values = {(state.pool,): sum(one.sold_out_until > at for one in state.offerings) for state in states}
        self._show(self._sold_out, cluster, sold_out)

    def _readings(self, report: TickReport) -> None:
        cluster, entries = report.thought.policies.cluster, report.thought.observation.metrics
        readings = {(str(one.workload), str(one.metric)): averaged(one.reading) for one in entries}
        self._show(self._unknown, cluster, {key: 0 if isinstance(one, Sample) else 1 for key, one in readings.items()})
        known = {key: one for key, one in readings.items() if isinstance(one, Sample)}
        self._show(self._metric, cluster, {key: one.milli / MILLI for key, one in known.items()})
        self._show(self._age, cluster, {key: since(one.at, report.thought.observation.at).ms / MILLI for key, one in known.items()})
        for one in readings.values():
            if isinstance(one, Unknown):
                self._misses.labels(cluster, one.why.value).inc()

    def _plan(self, report: TickReport) -> None:
        cluster, plan = report.thought.policies.cluster, report.thought.plan
        self._frozen.labels(cluster).set(len(report.thought.past.freezes))
        self._show(self._price, cluster, {(plan.price_before.currency,): plan.price_before.micro / 1_000_000})
        blind = isinstance(report.thought.observation.state, Unknown)
        self._safe.labels(cluster).set(0 if blind or report.problem or plan.withheld else 1)
        steps = Tally((record.status.value,) for record in report.commitments.records)
        self._show(self._steps, cluster, {(status.value,): steps[(status.value,)] for status in StepStatus})
        held = [(one, one.reasons[0].code.value) for one in plan.withheld if one.reasons]
        self._count(self._withheld, cluster, Tally((_direction(one.step.step), why) for one, why in held))
        self._count(self._remarks, cluster, Tally((one.reasons[0].code.value,) for one in plan.remarks if one.reasons))

    def _steps_of(self, report: TickReport) -> None:
        """What ended since the last tick: evictions are steps of the kind Evacuate."""
        cluster, records = report.thought.policies.cluster, report.commitments.records
        before = {record.planned.id: record.status for record in report.thought.past.commitments.records}
        for record in records:
            if record.status not in OPEN and before.get(record.planned.id) is not record.status:
                self._ended.labels(cluster, type(record.planned.step).__name__, record.status.value).inc()
        closing = {one.planned.operation for one in report.commitments.open if one.planned.operation.startswith("close ")}
        self._closing.labels(cluster).set(len(closing))

    @staticmethod
    def _show(gauge: Gauge, cluster: str, values: Values) -> None:
        """These and no others: what is gone must not keep its last value, nor a place for ever."""
        for labels in _series(gauge):
            _, *rest = labels.values()
            if labels["cluster"] == cluster and tuple(rest) not in values:
                gauge.remove(*labels.values())
        for rest_of, value in values.items():
            gauge.labels(cluster, *rest_of).set(value)

    @staticmethod
    def _count(gauge: Gauge, cluster: str, counts: Tally[tuple[str, ...]]) -> None:
        """Labels from a closed list: those that were shown before stay, at zero, so that an alert sees them end."""
        for labels in _series(gauge):
            if labels["cluster"] == cluster:
                gauge.labels(**labels).set(0)
        for rest, count in counts.items():
            gauge.labels(cluster, *rest).set(count)


def _direction(step: Step) -> str:
    return "down" if destructive(step) else "up"


def _series(family: Gauge | Counter | Histogram) -> list[dict[str, str]]:
    """The labels of each of its series, in the order they were declared."""
    return [sample.labels for metric in family.collect() for sample in metric.samples]
