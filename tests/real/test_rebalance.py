"""A machine that joins gets its share of the replicas when it is asked for, under traffic."""

import pytest

from tests.real.gapless import Service, run_cli
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real

ONLY_WORKERS: dict[str, object] = {"Constraints": ["node.role==worker"], "MaxReplicas": 4}
"""Hard rules of its own: not on the manager, and no more than four on each."""

REPLICAS, RATE = 6, 250


def test_a_machine_that_joins_gets_its_share_without_a_failed_request(swarm: Swarm, proxy: Proxy, service: Service, report: Report) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service, replicas=REPLICAS, rate=RATE, placement=ONLY_WORKERS) as run:
        before = placed(swarm)
        service.edit("nodes: {min: 1", f"nodes: {{min: {len(before) + 1}")
        until(lambda: ready(swarm) == len(before) + 2, "one more machine is there, beside the manager", 120)
        empty = placed(swarm)
        again = run_cli("rebalance", "--policies", service.policy, "--store", service.store, "--yes", seconds=180)
        until(lambda: len(swarm.running("web")) == REPLICAS == proxy.in_rotation("web"), "the surge is gone")
        after = placed(swarm)
    report(f"rebalanced from {before} to {after}: {run.found}")
    run.check(REPLICAS)
    assert again.returncode == 0, again.stderr
    assert empty == before, "void: it was not empty"
    assert sorted(after.values()) == [2, 2, 2]


def placed(swarm: Swarm) -> dict[str, int]:
    """How many of `web` stand where."""
    return {node: len(tasks) for node, tasks in swarm.placed("web").items()}


def ready(swarm: Swarm) -> int:
    """How many nodes answer."""
    return sum(state == "ready" for state in swarm.nodes().values())
