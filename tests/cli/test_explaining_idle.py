"""`explain` while there is nothing to do: why a workload has no room, a node stays, a pool does not grow."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autoscaler.cli import driving
from autoscaler.cli.explain import _objects
from autoscaler.contracts.store import TickRecord
from autoscaler.model.codec import loads
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, NodeRef, PlanId, StepId, WorkloadRef
from autoscaler.model.steps import Evacuate, StartReplica, Step
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import open_store
from autoscaler.testing.stores import TTL, a_decision
from tests.cli.calling import Call
from tests.cli.shop import write_shop

FULL = ("nodes: {min: 1, max: 8}", "nodes: {min: 1, max: 1}")
"""A pool of one machine, which holds ten replicas, for twelve."""


def remember(plan: Plan) -> None:
    """A tick that planned it, as the service would keep it."""
    store = open_store("past.db", SystemRuntime())
    lease = store.leases.acquire(ClusterName("shop"), "one", TTL)
    store.records(lease.cluster).remember(TickRecord(at=plan.made_at, plan=plan, decisions=(a_decision(plan.made_at),)), lease)
    store.leases.release(lease)
    store.close()


@pytest.fixture(autouse=True)
def full(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """All that fit run, and a tick has said why no more do."""
    monkeypatch.setattr(driving, "PACE", Duration(50))
    policies = write_shop(tmp_path, least=12)
    policies.write_text(policies.read_text().replace(*FULL))
    assert call("apply", "--yes", "--store", "past.db").code == 0
    plan = loads(call("plan", "--output", "json").out, Plan, kind="plan")
    assert (plan.steps, call("plan", "--detailed-exitcode").code) == ((), 0)
    remember(plan)
    return plan


@pytest.mark.parametrize(
    ("subject", "why", "others"),
    [
        pytest.param(["web"], "shop/web (2): pool general is at its maximum of 1", "node:", id="a workload"),
        pytest.param(["node", "manager-1"], "node:manager-1: manager-1 runs the orchestrator itself", "shop/web", id="a node"),
        pytest.param(["pool", "general"], "pool:general/standard: pool general is at its maximum of 1", "node:", id="a pool"),
        pytest.param(["plan"], "Plan: nothing to do.", "Steps", id="the plan"),
    ],
)
def test_what_is_not_done_is_explained(call: Call, full: Plan, subject: list[str], why: str, others: str) -> None:
    explained = call("explain", *subject, "--store", "past.db")
    assert explained.code == 0, explained.err
    assert f"Plan {full.id} " in explained.out
    assert why in explained.out
    assert others not in explained.out.partition("Plan ")[2]


def test_what_was_done_last_stands_beside_it(call: Call, full: Plan) -> None:
    explained = call("explain", "web", "--store", "past.db").out
    assert f"Plan {full.id} for cluster shop" in explained
    assert "+ done        add 7 replicas to shop/web" in explained


def test_what_the_last_plan_is_silent_on_is_no_longer_so(call: Call, full: Plan) -> None:
    remember(replace(full, id=PlanId("p-later"), made_at=Instant(full.made_at + 1), remarks=()))
    assert "no plan speaks of node manager-1" in call("explain", "node", "manager-1", "--store", "past.db").err
    explained = call("explain", "pool", "general", "--store", "past.db").out
    assert "pool general  1 machine" in explained
    assert "is at its maximum" not in explained


def test_it_is_explained_by_its_id(call: Call, full: Plan) -> None:
    assert "(2): pool general is at its maximum of 1" in call("explain", "plan", full.id, "--store", "past.db").out


def test_of_an_earlier_time_it_was_not_known(call: Call, full: Plan) -> None:
    before = datetime.fromtimestamp((full.made_at - 1) / 1000, tz=UTC).isoformat()
    ran = call("explain", "plan", "--store", "past.db", "--at", before)
    assert f"Plan {full.id}" not in ran.out
    assert "add 7 replicas to shop/web" in ran.out


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(StartReplica(workload=WorkloadRef(ClusterName("shop"), "web"), node=NodeRef("n2", "1")), id="its one workload"),
        pytest.param(Evacuate(workloads=(WorkloadRef(ClusterName("shop"), "web"),), node=NodeRef("n2", "1")), id="one of several"),
    ],
)
def test_a_step_speaks_of_every_object_it_names(step: Step) -> None:
    assert {"n1", "n2", "shop/web"} <= _objects(PlannedStep(id=StepId("p-1.1"), step=step, operation="close n1"))
