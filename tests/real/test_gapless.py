"""The proof: a real load triples and falls, replicas and machines follow, and no request fails on the way down."""

import time

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import BUSY, CPU_PER_REPLICA, QUIET, Service, traces, wait_settled, watched
from tests.real.probe import Probe
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.waiting import until

pytestmark = pytest.mark.real


@pytest.mark.parametrize("image", ["app-x:1", "app-y:1"], ids=["exits at once", "finishes what is in flight"])
def test_load_triples_and_falls_without_a_failed_request(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, report: Report, image: str
) -> None:
    swarm.create("web", image, 5, cpu=CPU_PER_REPLICA)
    probe: Probe | None = None
    try:
        service.start()
        until(lambda: proxy.in_rotation("web") == 5, "the first replicas are in rotation")
        with watched(proxy, swarm) as seen:
            probe = Probe(proxy.ports["web"], proxy.folder / "requests", QUIET)
            wait_settled(proxy, swarm, 5)
            time.sleep(4)
            tripled = time.monotonic()
            probe.set_rate(BUSY)
            wait_settled(proxy, swarm, 14)
            grown, nodes = time.monotonic(), len(swarm.placed("web"))
            time.sleep(3)
            fell = time.monotonic()
            probe.set_rate(QUIET)
            wait_settled(proxy, swarm, 5, nodes=2, seconds=240)
            shrunk = time.monotonic()
            time.sleep(3)
            found = probe.stop()
        stopped = service.stop()
    finally:
        if probe is not None:
            probe.kill()
        swarm.remove("web")
    first = seen.first(tripled, 6, 1)
    node = seen.first(tripled, 4, 2)
    report(
        f"{image}: {found}; first new replica in rotation after {first:.1f} s, a new machine ready after {node:.1f} s, "
        f"all grown after {grown - tripled:.1f} s on {nodes} machines, all shrunk to 2 machines after {shrunk - fell:.1f} s, "
        f"SIGTERM took {stopped:.1f} s"
    )
    assert found.failed == ()
    assert found.in_flight(fell + 10) > 0, "void: nothing was in flight while replicas stopped"
    assert nodes == 4
    assert seen.lowest(1) >= 5
    assert first <= 10
    assert node <= 30
    assert stopped <= 10
    assert traces(lab) == []
