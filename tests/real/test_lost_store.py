"""The store deleted in the middle of a drain: the marks on the cluster say what to take back."""

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, run_cli, traces, wait_settled
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real


def test_doctor_mends_a_drain_whose_store_is_gone(lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, report: Report) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service) as run:
        asked = ("--policies", service.policy, "--store", service.store, "--yes")
        node = max(swarm.placed("web"))
        assert run_cli("drain", node, *asked, "--no-follow").returncode == 0
        until(lambda: len(swarm.running("web")) > 5, "replacements were started")
        service.kill()
        assert traces(lab), "void: nothing was under way"
        for file in service.store.parent.glob(f"{service.store.name}*"):
            file.unlink()
        refused = run_cli("doctor", "--marks", "--remove", *asked)
        mended = run_cli("doctor", "--marks", "--remove", "--take-over", *asked, seconds=120)
        left = traces(lab)
        service.start()
        wait_settled(proxy, swarm, 5)
    report(f"store lost in mid-drain: {run.found}")
    assert refused.returncode == 4, refused.stderr
    assert mended.returncode == 0, mended.stderr
    assert left == []
    run.check(5)
    assert traces(lab) == []
    assert service.events("tick_refused") == []
