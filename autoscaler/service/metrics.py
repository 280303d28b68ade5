"""What the service tells Prometheus. Names: `autoscaler_` first, base units, `_total` for counters.

Label values come from the policy file and closed enums only, never from a query or an error text, so their number is bounded.
"""

from collections import Counter as Tally

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from autoscaler.engine.tick import TickReport
from autoscaler.model.commitments import StepStatus
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Sample, Unknown

MILLI = 1000


class ServiceMetrics:
    """One registry for one process."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._build = self._gauge("build_info", "Always 1; the version is the label.", "version")
        self._build.labels(version).set(1)
        self._safe = self._gauge("safe_to_autoscale", "1 while nothing halts destructive steps.", "cluster")
        self._synced = self._gauge("state_synced", "1 while the cluster itself could be read.", "cluster")
        self._last = self._gauge("last_tick_timestamp_seconds", "When the last tick ended.", "cluster")
        self._duration = Histogram("autoscaler_tick_duration_seconds", "Whole ticks.", ["cluster"], registry=self.registry)
        self._ticks = Counter("autoscaler_ticks_total", "Ticks by result.", ["cluster", "result"], registry=self.registry)
        self._nodes = self._gauge("nodes", "Nodes by state and availability.", "cluster", "state", "availability")
        self._pool = self._gauge("pool_nodes", "Machines of a pool: wanted, min, max.", "cluster", "pool", "bound")
        self._replicas = self._gauge("workload_replicas", "Replicas: wanted, decided, healthy.", "cluster", "workload", "count")
        self._metric = self._gauge("metric_value", "The last value a policy read.", "cluster", "workload", "metric")
        self._unknown = self._gauge("metric_unknown", "1 while a policy's metric is unknown.", "cluster", "workload", "metric")
        self._price = self._gauge("price_per_hour", "Price of the pools now, in whole units of the currency.", "cluster", "currency")
        self._steps = self._gauge("steps", "Steps of the current plan by status.", "cluster", "status")
        self._withheld = self._gauge("withheld_steps", "Steps a guard holds back, by reason.", "cluster", "reason")
        self._unplaced = self._gauge("remarks", "What was not done, by reason.", "cluster", "reason")
        self._frozen = self._gauge("freezes", "Freezes in force.", "cluster")
        self.reload_failed = self._gauge("policy_reload_failed", "1 while the policy files on disk are broken and older ones are used.")

    def tick(self, report: TickReport, took: Duration, ended_ms: int) -> None:
        """Show one tick."""
        cluster = report.thought.policies.cluster
        result = type(report.problem).__name__ if report.problem else "ok"
        self._ticks.labels(cluster, result).inc()
        self._duration.labels(cluster).observe(took.ms / MILLI)
        self._last.labels(cluster).set(ended_ms / MILLI)
        state = report.thought.observation.state
        self._synced.labels(cluster).set(0 if isinstance(state, Unknown) else 1)
        if isinstance(state, ClusterState):
            self._cluster(report, state)
        self._pools(report)
        self._readings(report)
        self._plan(report)

    def failed(self, cluster: str, error: BaseException) -> None:
        """A tick that gave no report."""
        self._ticks.labels(cluster, type(error).__name__).inc()

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"autoscaler_{name}", text, labels, registry=self.registry)

    def _cluster(self, report: TickReport, state: ClusterState) -> None:
        cluster = report.thought.policies.cluster
        nodes: Tally[tuple[str, ...]] = Tally((node.state.value, node.availability.value) for node in state.nodes)
        self._replace(self._nodes, cluster, nodes)
        healthy = Tally(str(replica.workload) for replica in state.replicas if replica.healthy)
        decided = {decision.workload: decision.count for decision in report.thought.decisions}
        for workload in state.workloads:
            name = str(workload.ref)
            self._replicas.labels(cluster, name, "wanted").set(workload.wanted)
            self._replicas.labels(cluster, name, "healthy").set(healthy[name])
            self._replicas.labels(cluster, name, "decided").set(decided.get(workload.ref, workload.wanted))

    def _pools(self, report: TickReport) -> None:
        cluster = report.thought.policies.cluster
        for bound in report.thought.bounds:
            self._pool.labels(cluster, bound.pool, "min").set(bound.min)
            self._pool.labels(cluster, bound.pool, "max").set(bound.max)
        for view in report.thought.observation.pools:
            if not isinstance(view.state, Unknown):
                self._pool.labels(cluster, view.pool, "wanted").set(view.state.wanted)

    def _readings(self, report: TickReport) -> None:
        cluster = report.thought.policies.cluster
        for entry in report.thought.observation.metrics:
            labels = (cluster, str(entry.workload), entry.metric)
            self._unknown.labels(*labels).set(0 if isinstance(entry.reading, Sample) else 1)
            if isinstance(entry.reading, Sample):
                self._metric.labels(*labels).set(entry.reading.milli / MILLI)

    def _plan(self, report: TickReport) -> None:
        cluster, plan = report.thought.policies.cluster, report.thought.plan
        self._frozen.labels(cluster).set(len(report.thought.past.freezes))
        self._price.labels(cluster, plan.price_before.currency).set(plan.price_before.micro / 1_000_000)
        self._safe.labels(cluster).set(0 if report.problem or plan.withheld else 1)
        steps = Tally((record.status.value,) for record in report.commitments.records)
        self._replace(self._steps, cluster, Tally({(status.value,): steps[(status.value,)] for status in StepStatus}))
        self._replace(self._withheld, cluster, Tally((one.reasons[0].code.value,) for one in plan.withheld if one.reasons))
        self._replace(self._unplaced, cluster, Tally((one.reasons[0].code.value,) for one in plan.remarks if one.reasons))

    @staticmethod
    def _replace(gauge: Gauge, cluster: str, counts: Tally[tuple[str, ...]]) -> None:
        """Set these and zero what was shown before: a state that emptied must not keep its old number."""
        for metric in gauge.collect():
            for sample in metric.samples:
                if sample.labels["cluster"] == cluster:
                    gauge.labels(**sample.labels).set(0)
        for labels, count in counts.items():
            gauge.labels(cluster, *labels).set(count)
