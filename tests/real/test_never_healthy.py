"""A replacement that never gets healthy: whoever serves goes on serving, and it is said why."""

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, begin_cli, run_cli
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real


def test_the_old_one_stays_while_its_replacement_is_sick(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, report: Report
) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service, well=5) as run:
        node = max(swarm.placed("web"))
        before = swarm.placed("web")
        asked = ("--policies", service.policy, "--store", service.store)
        drain = begin_cli("drain", node, *asked, "--yes")

        def told() -> bool:
            return "keeps failing to start" in run_cli("explain", "shop/web", *asked).stdout

        took = until(told, "explain says that the replacement does not get healthy", 150, pause=2)
        said = run_cli("explain", "shop/web", *asked).stdout
        drain.terminate()
        drain.communicate(timeout=30)
        after = swarm.placed("web")
    report(f"replacement never healthy, said after {took:.1f} s: {run.found}")
    run.check(5)
    assert set(before[node]) <= set(after[node]), "a replica that served was stopped"
    assert f"close {node}" in said
