"""The bed itself: the app, the probe, the proxy and the metrics do what the proofs on top of them rely on."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.probe import Probe
from tests.real.prom import Prometheus
from tests.real.proxy import Follower, Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.waiting import until

pytestmark = pytest.mark.real
RATES = (200, 600)


@pytest.fixture
def web(swarm: Swarm, proxy: Proxy) -> Iterator[dict[str, tuple[str, int]]]:
    """Six replicas, all of them in rotation."""
    swarm.create("web", "app-y:1", 6)
    until(lambda: len(swarm.running("web")) == 6, "six replicas run")
    running = swarm.running("web")
    Follower(proxy, "web").follow(running)
    until(lambda: proxy.in_rotation("web") == 6, "six replicas are in rotation")
    yield running
    swarm.remove("web")


@pytest.fixture
def prometheus(proxy: Proxy, web: dict[str, tuple[str, int]], tmp_path: Path) -> Iterator[Prometheus]:
    address, port = next(iter(web.values()))
    targets = {"haproxy": f"127.0.0.1:{proxy.exporter}", "app": f"{address}:{port}"}
    found = Prometheus(tmp_path, targets)
    yield found
    found.stop()


def test_the_load_triples_without_a_loss_and_prometheus_sees_it(
    proxy: Proxy, prometheus: Prometheus, tmp_path: Path, report: Report
) -> None:
    probe = Probe(proxy.ports["web"], tmp_path / "requests", RATES[0])
    try:
        time.sleep(6)
        tripled = time.monotonic()
        probe.set_rate(RATES[1])
        until(lambda: (prometheus.value(PER_SECOND) or 0) > RATES[1] * 0.9, "Prometheus sees the new load", 15)
        seen_after = time.monotonic() - tripled
        time.sleep(2)
        end = time.monotonic()
        in_flight = prometheus.value("in_flight")
        seen = probe.stop()
    finally:
        probe.kill()
    report(f"probe: {seen}; three times the load is in Prometheus after {seen_after:.1f} s")
    assert not seen.failed
    assert seen.rate(tripled - 4, tripled) == pytest.approx(RATES[0], rel=0.05)
    assert seen.rate(tripled + 1, end) == pytest.approx(RATES[1], rel=0.05)
    assert 0.45 <= seen.fresh_share() <= 0.65  # new connections, and the kept ones' first use
    assert seen.in_flight(end) > RATES[1] / 2
    assert in_flight
    assert in_flight > 10


PER_SECOND = 'sum(rate(haproxy_backend_http_requests_total{proxy="web"}[4s]))'


def test_every_replica_is_reached_at_its_nodes_address(lab: LabSpec, web: dict[str, tuple[str, int]]) -> None:
    addresses = {address for address, _ in web.values()}
    assert addresses == {lab.engine(index).address for index in (1, 2, 3)}
    for address, port in web.values():
        with urllib.request.urlopen(f"http://{address}:{port}/health", timeout=2) as answer:
            assert answer.status == 200


def test_reservations_decide_how_many_fit(swarm: Swarm) -> None:
    swarm.create("big", "app-x:1", 4, memory=min(swarm.sizes())[1] // 2 + 1)
    until(lambda: len(swarm.running("big")) == 3, "one replica on each node")
    time.sleep(2)
    assert sorted(len(tasks) for tasks in swarm.placed("big").values()) == [1, 1, 1]
    swarm.remove("big")
