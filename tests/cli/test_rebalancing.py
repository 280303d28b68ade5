"""A node that comes back empty gets its share again, when it is asked for."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autoscaler.cli import driving
from autoscaler.model.quantities import Duration
from tests.cli.calling import Call
from tests.cli.test_applying import service, until_led, value

POLICIES = """\
apiVersion: autoscaler/v1
clusters:
  shop:
    simulated:
      state: world.json
      speed: 60
      nodes: [{name: manager-1, manager: true, cpu: 500m}, {name: n1}, {name: n2}, {name: n3}]
      workloads:
        - {name: web, replicas: 9, cpu: 300m, traffic: true, load: {base: 90}}
        - {name: cron, replicas: 6, cpu: 100m}
traffic: {edge: {simulated: {}}}
policies:
  web:
    workload: shop/web
    replicas: {min: 9, max: 9}
    rules: [{fixed: {count: 9}}]
    availability: {floor: 100%, surge: 3, traffic: edge}
  cron:
    workload: shop/cron
    replicas: {min: 6, max: 6}
    rules: [{fixed: {count: 6}}]
    availability: {floor: 100%, surge: 2}
    mode: recommend
"""


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(driving, "PACE", Duration(20))
    path = tmp_path / "autoscaler.yaml"
    path.write_text(POLICIES)
    return path


@pytest.fixture
def _came_back(shop: Path, call: Call) -> None:
    """Node n3 was emptied for somebody, and is open again."""
    shop.write_text(POLICIES.replace("mode: recommend", "mode: active"))
    assert call("drain", "n3", "--yes", "--timeout", "60s").code == 0
    assert call("drain", "n3", "--cancel", "--timeout", "60s").code == 0
    shop.write_text(POLICIES)
    assert counts(call, "web")["n3"] == 0


def counts(call: Call, workload: str) -> Counter[str]:
    """How many of it run on each node."""
    state: Any = value(call, "observe")["state"]
    names = {one["ref"]["id"]: one["name"] for one in state["nodes"]}
    here = (one for one in state["replicas"] if one["workload"]["path"] == workload and one["state"] == "running")
    return Counter(names[one["node"]["id"]] for one in here)


@pytest.mark.usefixtures("_came_back")
def test_it_is_planned_then_done_and_then_there_is_nothing_left(call: Call) -> None:
    planned: Any = value(call, "plan", "--rebalance", "10")
    assert {one["code"] for step in planned["steps"] for one in step.get("reasons", ())} == {"uneven"}
    assert {(one["target"], one["expected"]) for one in planned["moves"]} == {("n3", True)}
    ran = call("rebalance", "--yes", "--timeout", "60s")
    assert ran.code == 0, ran.err
    after = [counts(call, "web")[node] for node in ("n1", "n2", "n3")]
    assert max(after) - min(after) <= 1
    assert call("rebalance", "--yes", "--timeout", "60s").err.splitlines()[-1] == "nothing to do"
    assert "to shop/web (9 seen), for a while" in call("explain", "plan").out


@pytest.mark.usefixtures("_came_back")
def test_a_node_that_was_emptied_is_open_by_the_time_its_drain_is_called_off(call: Call) -> None:
    state: Any = value(call, "observe")["state"]
    assert {one["name"]: one["availability"] for one in state["nodes"]}["n3"] == "open"


@pytest.mark.usefixtures("_came_back")
def test_what_may_not_move_is_left_and_named(call: Call) -> None:
    ran = call("rebalance", "cron", "--yes")
    assert ran.err.splitlines()[-1] == "nothing to do"
    assert "shop/cron" in ran.out


@pytest.mark.usefixtures("_came_back")
def test_no_more_moves_than_allowed(call: Call) -> None:
    assert call("rebalance", "--moves", "1", "--yes", "--timeout", "60s").code == 0
    assert counts(call, "web")["n3"] == 1


@pytest.mark.usefixtures("_came_back")
def test_a_service_that_leads_is_handed_the_plan(call: Call, tmp_path: Path) -> None:
    with service(tmp_path):
        until_led(call)
        ran = call("rebalance", "--yes", "--timeout", "90s")
    assert ran.code == 0, ran.err
    assert "handing the plan over" in ran.err
    assert counts(call, "web")["n3"] > 1


BOUND = """\
apiVersion: autoscaler/v1
clusters:
  shop:
    simulated:
      state: bound.json
      speed: 60
      bound: true
      nodes: [{name: manager-1, manager: true, cpu: 500m}, {name: n1}, {name: n2}]
      workloads: [{name: web, replicas: 4, cpu: 700m, traffic: true, load: {base: 90}}]
traffic: {edge: {simulated: {}}}
policies:
  web:
    workload: shop/web
    replicas: {min: 4, max: 4}
    rules: [{fixed: {count: 4}}]
    availability: {floor: 100%, surge: 1, traffic: edge}
"""


def test_where_we_place_each_replica_it_is_searched_planned_on_a_recording_and_done(shop: Path, call: Call) -> None:
    shop.write_text(BOUND)
    assert call("drain", "n2", "--yes", "--timeout", "60s").code == 0
    assert call("drain", "n2", "--cancel", "--timeout", "60s").code == 0
    assert counts(call, "web") == {"n1": 4}
    assert call("plan", "--rebalance", "10", "--record", "now.json").code == 0
    planned: Any = value(call, "plan", "--from", "now.json", "--rebalance", "10")
    assert {one["code"] for step in planned["steps"] for one in step.get("reasons", ())} == {"evens_load"}
    assert [(one["source"]["name"], one["target"], one["expected"]) for one in planned["moves"]] == [("n1", "n2", False)] * 2
    ran = call("rebalance", "--yes", "--timeout", "120s")
    assert ran.code == 0, ran.err
    assert counts(call, "web") == {"n1": 2, "n2": 2}
    assert call("rebalance", "--yes", "--timeout", "60s").err.splitlines()[-1] == "nothing to do"
