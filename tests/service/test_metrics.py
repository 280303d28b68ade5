"""/metrics: names as Prometheus wants them, and no more series than the files and the cluster account for."""

import re
from dataclasses import replace

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from autoscaler.engine.tick import TickReport
from autoscaler.errors import RefusedError
from autoscaler.model.commitments import StepStatus
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import NodeRef, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Evacuate, Fence
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.testing.scenes import WEB, a_record, an_intent, commitments, planned
from tests.service.conftest import POLICIES, Served, until

N1 = NodeRef("n1", "1")
EVACUATE = planned("p.1", Evacuate(node=N1, workloads=(WEB,), at_once=1), operation="close n1")
FENCE = planned("p.2", Fence(node=N1), operation="close n1")
CREATED = "_created"  # the client library's own


@pytest.fixture
def report(served: Served) -> TickReport:
    daemon = served.start()
    until(lambda: daemon.runners["shop"].report, "a report")
    served.stop()
    found = daemon.runners["shop"].report
    assert found is not None
    return found


def series(metrics: ServiceMetrics) -> set[str]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#") and CREATED not in line}


def lint(text: str) -> list[str]:
    """What promtool would say, as far as it is about names and help."""
    found = []
    for family in text_string_to_metric_families(text):
        if family.name.endswith(CREATED):
            continue
        if not re.fullmatch(r"autoscaler_[a-z]+(_[a-z]+)*", family.name):
            found.append(f"{family.name}: no name of ours")
        if not family.documentation.endswith("."):
            found.append(f"{family.name}: no sentence says what it is")
        samples = {sample.name for sample in family.samples}
        if family.type == "counter" and not all(name.endswith(("_total", CREATED)) for name in samples):
            found.append(f"{family.name}: a counter without _total")
        if family.type == "gauge" and family.name.endswith(("_total", "_count", "_sum", "_bucket")):
            found.append(f"{family.name}: a gauge that reads like a counter")
        if re.search(r"_(ms|millis|milliseconds|minutes|mb|kb|percent)(_|$)", family.name):
            found.append(f"{family.name}: not in base units")
        found += [f"{family.name}: label {label}" for one in family.samples for label in one.labels if not re.fullmatch(r"[a-z]+", label)]
    return found


def test_what_the_service_shows_lints(served: Served) -> None:
    daemon = served.start()
    until(lambda: "autoscaler_steps" in served.get("/metrics")[1], "a whole tick")
    text = served.get("/metrics")[1]
    assert lint(text) == []
    assert len(list(text_string_to_metric_families(text))) > 15
    assert daemon.alive() == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("# HELP shop_x A.\n# TYPE shop_x gauge\nshop_x 1\n", "no name of ours", id="a foreign name"),
        pytest.param("# HELP autoscaler_x a\n# TYPE autoscaler_x gauge\nautoscaler_x 1\n", "no sentence", id="no help"),
        pytest.param("# HELP autoscaler_x_ms A.\n# TYPE autoscaler_x_ms gauge\nautoscaler_x_ms 1\n", "base units", id="milliseconds"),
    ],
)
def test_the_lint_finds_faults(text: str, complaint: str) -> None:
    assert complaint in " ".join(lint(text))


def test_a_thousand_ticks_of_the_same_cluster_make_no_more_series(report: TickReport) -> None:
    metrics = ServiceMetrics("0")
    metrics.tick(report, Duration(5), 1)
    before = series(metrics)
    for number in range(1000):
        metrics.tick(report, Duration(number), number)
        metrics.failed("shop", RefusedError(f"holder {number}", hint="wait"))
        metrics.failed("shop", type(f"Odd{number}", (Exception,), {})(f"{number}"))
    grown = series(metrics) - before
    assert {line.split("{")[0] for line in grown} == {"autoscaler_ticks_total"}
    assert len(grown) == 2


def test_workloads_that_no_policy_governs_have_no_series(report: TickReport) -> None:
    metrics = ServiceMetrics("0")
    metrics.tick(report, Duration(5), 1)
    assert {line for line in series(metrics) if "workload=" in line and 'workload="shop/web"' not in line} == set()


def test_a_workload_that_is_gone_is_gone_here(report: TickReport) -> None:
    metrics = ServiceMetrics("0")
    metrics.tick(report, Duration(5), 1)
    assert any("workload_replicas" in line for line in series(metrics))
    state = report.thought.observation.state
    assert isinstance(state, ClusterState)
    left = tuple(one for one in state.workloads if one.ref != WorkloadRef.parse("shop/web"))
    observation = replace(report.thought.observation, state=replace(state, workloads=left), metrics=())
    metrics.tick(replace(report, thought=replace(report.thought, observation=observation)), Duration(5), 2)
    assert not any("shop/web" in line for line in series(metrics))


def test_a_state_that_emptied_reads_zero(report: TickReport) -> None:
    metrics = ServiceMetrics("0")
    metrics.tick(report, Duration(5), 1)
    state = report.thought.observation.state
    assert isinstance(state, ClusterState)
    observation = replace(report.thought.observation, state=replace(state, nodes=()))
    metrics.tick(replace(report, thought=replace(report.thought, observation=observation)), Duration(5), 2)
    nodes = [line for line in generate_latest(metrics.registry).decode().splitlines() if line.startswith("autoscaler_nodes{")]
    assert nodes
    assert all(line.endswith(" 0.0") for line in nodes)


def test_the_page_names_what_operators_ask_for(served: Served) -> None:
    served.write(POLICIES)
    served.start()
    until(lambda: "autoscaler_steps" in served.get("/metrics")[1], "a whole tick")
    text = served.get("/metrics")[1]
    cluster = ("safe_to_autoscale", "state_synced", "nodes", "price_per_hour", "freezes", "closing_nodes", "phase_duration_seconds")
    pools = ("pool_nodes", "pool_failed_launches", "pool_sold_out_offerings")
    for name in (*cluster, *pools, "metric_value", "metric_unknown", "metric_age_seconds", "steps_ended_total", "unknown_readings_total"):
        assert f"autoscaler_{name}" in text


def test_what_ended_is_counted_once_and_by_what_it_was(report: TickReport) -> None:
    """An operator asks how many evictions failed, not how many steps a plan has."""
    sent = commitments(a_record(EVACUATE, StepStatus.SENT, an_intent()), a_record(FENCE, StepStatus.DONE))
    ended = replace(sent, records=(replace(sent.records[0], status=StepStatus.FAILED), sent.records[1]))
    began = replace(report, thought=replace(report.thought, past=replace(report.thought.past, commitments=sent)))
    metrics = ServiceMetrics("0")
    metrics.tick(replace(began, commitments=sent), Duration(5), 1)
    assert value(metrics, "closing_nodes") == 1
    metrics.tick(replace(began, commitments=ended), Duration(5), 2)
    counted = {key: value(metrics, "steps_ended_total", kind=key, status="failed") for key in ("Evacuate", "Fence")}
    assert counted == {"Evacuate": 1, "Fence": None}
    assert value(metrics, "closing_nodes") == 0


def test_each_missing_metric_says_why(report: TickReport) -> None:
    entries = report.thought.observation.metrics
    assert entries
    lost = tuple(replace(one, reading=Unknown(Code.MISSING)) for one in entries)
    observation = replace(report.thought.observation, metrics=lost)
    metrics = ServiceMetrics("0")
    metrics.tick(replace(report, thought=replace(report.thought, observation=observation)), Duration(5), 1)
    assert value(metrics, "unknown_readings_total", reason="missing") == len(lost)


def value(metrics: ServiceMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"autoscaler_{name}", {"cluster": "shop", **labels})
