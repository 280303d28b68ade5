"""A user's deploy in the middle of a drain: it goes its way, and what we take back afterwards is ours alone."""

from typing import Any

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, begin_cli, traces
from tests.real.proxy import Proxy
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real
NEW = "VERSION=2"
STACK: dict[str, Any] = {"Labels": {"com.docker.stack.namespace": "shop"}, "Mode": {"Replicated": {"Replicas": 5}}}
"""What a stack file says is said again by each deploy of it: labels (ours is not among them) and the count."""


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="of the image alone"),
        pytest.param(STACK, id="of the whole stack file"),
    ],
)
def test_a_deploy_in_mid_drain_survives(lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, fields: dict[str, Any]) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service):
        node = max(swarm.placed("web"))
        drain = begin_cli("drain", node, "--policies", service.policy, "--store", service.store, "--yes")
        until(lambda: len(swarm.running("web")) > 5, "replacements were started")
        swarm.deploy("web", NEW, fields)
        deployed = swarm.spec("web")
        counts = set()

        def rolled_out() -> bool:
            spec, over = swarm.spec("web"), not swarm.updating("web")
            counts.add(spec["Mode"]["Replicated"]["Replicas"])
            return over

        until(rolled_out, "the roll-out is over", 120)
        until(lambda: node not in swarm.placed("web"), f"{node} is empty", 120)
        until(lambda: len(swarm.running("web")) == 5 == proxy.in_rotation("web"), "as many as decided are in rotation", 120)
        answer = drain.communicate(timeout=60)[0]
        kept, placed = swarm.spec("web"), swarm.placed("web")
    assert drain.returncode == 0, answer
    assert node not in placed
    assert len(counts) == 1, "the count was changed in mid-update"
    assert kept["TaskTemplate"] == deployed["TaskTemplate"]
    assert NEW in kept["TaskTemplate"]["ContainerSpec"]["Env"]
    assert [trace for trace in traces(lab) if "Replicas" in trace] == []
