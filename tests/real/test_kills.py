"""SIGKILL in the middle of a scale-down, again and again: it goes on where it was, and nobody outside notices."""

import time

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import BUSY, QUIET, Service, traces, wait_grown, wait_settled
from tests.real.proxy import Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until


def _kill_at_steps(service: Service, kills: int, *, patient: bool) -> int:
    """Kill after every second step that begins or ends, and start again; how often it was done.

    The next process waits until the lease of the one before has run out. Unless `patient`, that is waited for after the first kill only.
    """
    done, seen, ends = 0, len(service.events("step")), time.monotonic() + (80 * kills if patient else 240)
    while done < kills and time.monotonic() < ends:
        now = len(service.events("step"))
        if now >= seen + 2:
            service.kill()
            done, seen = done + 1, now
            if done > 1 and not patient:
                service.end_lease()
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
    with traffic(swarm, proxy, service) as run:
        run.set_rate(BUSY)
        wait_grown(proxy)
        service.least(2)
        fell = run.set_rate(QUIET)
        killed = _kill_at_steps(service, kills, patient=kills > 5)
        wait_settled(proxy, swarm, 5, nodes=2, seconds=240)
        until(lambda: traces(lab) == [], "no surge, pause or mark is left", 20)
        shrunk = time.monotonic() - fell
    lost = [name for name, state in swarm.nodes().items() if state != "ready"]
    report(f"killed {killed} times in a scale-down of {shrunk:.0f} s: {run.found}; never fewer than {run.seen.lowest(1)} in rotation")
    report.keep("kills", killed=killed, **run.figures(), shrunk_ms=round(shrunk * 1000))
    run.check(5)
    assert killed == kills
    assert lost == []
