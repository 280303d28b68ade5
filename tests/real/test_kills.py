"""SIGKILL in the middle of a scale-down, again and again: it goes on where it was, and nobody outside notices."""

import time

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import BUSY, CPU_PER_REPLICA, QUIET, Service, traces, wait_settled, watched
from tests.real.probe import Probe
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.waiting import until


def _kill_at_steps(service: Service, kills: int, seconds: float) -> int:
    """Kill after every second step that begins or ends, and start again; how often it was done."""
    done, seen, ends = 0, len(service.events("step")), time.monotonic() + seconds
    while done < kills and time.monotonic() < ends:
        now = len(service.events("step"))
        if now >= seen + 2:
            service.kill()
            done, seen = done + 1, now
            service.start()
        time.sleep(0.05)
    return done


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(5, id="five times", marks=pytest.mark.real),
        pytest.param(20, id="twenty times", marks=pytest.mark.long),
    ],
)
def test_a_scale_down_killed_on_the_way_converges_without_a_failed_request(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, service: Service, report: Report, kills: int
) -> None:
    swarm.create("web", "app-x:1", 5, cpu=CPU_PER_REPLICA)
    probe: Probe | None = None
    try:
        service.start()
        until(lambda: proxy.in_rotation("web") == 5, "the first replicas are in rotation")
        with watched(proxy, swarm) as seen:
            probe = Probe(proxy.ports["web"], proxy.folder / "requests", BUSY)
            wait_settled(proxy, swarm, 14)
            probe.set_rate(QUIET)
            killed = _kill_at_steps(service, kills, 240)
            wait_settled(proxy, swarm, 5, nodes=2, seconds=240)
            time.sleep(3)
            found = probe.stop()
        service.stop()
    finally:
        if probe is not None:
            probe.kill()
        swarm.remove("web")
    report(f"killed {killed} times in a scale-down: {found}; never fewer than {seen.lowest(1)} in rotation")
    assert found.failed == ()
    assert killed == kills
    assert seen.lowest(1) >= 5
    assert traces(lab) == []
