"""Two nodes drained at once by their operator, under traffic."""

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, begin_cli
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real


def test_two_nodes_drained_at_once_are_emptied_without_a_failed_request(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, report: Report
) -> None:
    first, second = (lab.engine(index).name for index in (2, 3))
    service.keep_nodes()
    with traffic(swarm, proxy, service) as run:
        drains = [begin_cli("drain", node, "--policies", service.policy, "--store", service.store, "--yes") for node in (first, second)]
        took = until(lambda: not {first, second} & set(swarm.placed("web")), "both are empty", 120)
        answers = [drain.communicate(timeout=120)[0] for drain in drains]
        until(lambda: len(swarm.running("web")) == 5 == proxy.in_rotation("web"), "the surge is gone")
        placed = swarm.placed("web")
    report(f"two nodes drained at once in {took:.1f} s: {run.found}")
    run.check(5)
    assert [drain.returncode for drain in drains] == [0, 0], answers
    assert not {first, second} & set(placed)
