"""Prometheus killed while the load falls: what cannot be seen lowers no count, and it is said."""

import time

import pytest

from tests.real.gapless import QUIET, RPS, Service, run_cli
from tests.real.prom import Prometheus
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

pytestmark = pytest.mark.real
SEEN = QUIET * 0.95
BLIND_S = 30
"""More than the query's window, the age limit and the stabilisation together."""


def test_without_metrics_nothing_is_scaled_down(
    swarm: Swarm, proxy: Proxy, prometheus: Prometheus, service: Service, report: Report
) -> None:
    service.keep_nodes()
    with traffic(swarm, proxy, service) as run:
        until(lambda: (prometheus.value(RPS) or 0) > SEEN, "the load is seen to be as high as it is", 30)
        service.least(2)
        prometheus.stop()
        run.set_rate(20)
        time.sleep(BLIND_S)
        asked = ("--policies", service.policy, "--store", service.store)
        left = len(swarm.running("web"))
        decided = run_cli("decide", service.policy, "--store", service.store)
        explained = run_cli("explain", "shop/web", *asked)
    report(f"{BLIND_S} s without Prometheus: {run.found}")
    run.check(5)
    assert left == 5
    for answer in (decided, explained):
        assert "did not answer" in answer.stdout, answer.stdout + answer.stderr
