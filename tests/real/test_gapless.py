"""The proof: a real load triples and falls, replicas and machines follow, and no request fails on the way down."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import BUSY, QUIET, RPS, Service, steps_of, traces, wait_grown, wait_settled
from tests.real.prom import Prometheus
from tests.real.proxy import Proxy
from tests.real.replaying import differing
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.traffic import traffic
from tests.real.waiting import until

IDS = {"app-x:1": "exits at once", "app-y:1": "finishes what is in flight"}
ONCE = [pytest.param(image, 1, id=name, marks=pytest.mark.real) for image, name in IDS.items()]
AGAIN = [pytest.param(image, run, id=f"{name}, run {run}", marks=pytest.mark.long) for image, name in IDS.items() for run in (1, 2, 3)]
RISES = 5 * 45 * 1.1
"""From here on the policy of this test asks for more than five replicas."""
TICK_S = 2


def at(event: dict[str, object]) -> datetime:
    """When the service logged it."""
    return datetime.fromisoformat(str(event["timestamp"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds: ours, from what Prometheus shows to the first call; the others from the load's change to its effect."""

    our_share: float
    first_replica: float
    new_machine: float
    grown: float
    shrunk: float
    stopped: float

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {seconds:.1f} s" for name, seconds in asdict(self).items())

    def in_ms(self) -> dict[str, int]:
        """As they are kept."""
        return {f"{name}_ms": round(seconds * 1000) for name, seconds in asdict(self).items()}


def share(service: Service, visible: datetime) -> float:
    """Seconds from then to the first call for more replicas; it may have been sent in the tick just before."""
    asked = (at(one) for one in steps_of(service, "SetReplicas", "sent"))
    return (next(one for one in asked if one > visible - timedelta(seconds=TICK_S)) - visible).total_seconds()


@pytest.mark.parametrize(("image", "number"), [*ONCE, *AGAIN])
def test_load_triples_and_falls_without_a_failed_request(
    lab: LabSpec,
    swarm: Swarm,
    proxy: Proxy,
    prometheus: Prometheus,
    service: Service,
    report: Report,
    request: pytest.FixtureRequest,
    image: str,
    number: int,
) -> None:
    with traffic(swarm, proxy, service, image=image) as run:
        before = run.seen.samples[-1][2]
        tripled = run.set_rate(BUSY)
        until(lambda: (prometheus.value(RPS) or 0) > RISES, "Prometheus sees more load than the replicas are for", 15)
        visible = datetime.now(UTC)
        wait_grown(proxy)
        service.least(2)
        grown, nodes = time.monotonic(), len(swarm.placed("web"))
        fell = run.set_rate(QUIET)
        wait_settled(proxy, swarm, 5, nodes=2, seconds=240)
        shrunk = time.monotonic()
        until(lambda: traces(lab) == [], "no mark of ours is left", 20)
    times = Times(
        our_share=share(service, visible),
        first_replica=run.seen.first(tripled, 6, 1),
        new_machine=run.seen.first(tripled, before + 1, 2),
        grown=grown - tripled,
        shrunk=shrunk - fell,
        stopped=service.took_to_stop,
    )
    report(f"gapless, {image}: {run.found}; never fewer than {run.seen.lowest(1)} in rotation; {times}")
    report.keep("gapless", image=image, run=number, **run.figures(), **times.in_ms())
    run.check(5)
    assert nodes == 4
    assert len(steps_of(service, "GrowPool", "sent")) <= 2, "machines were started while others were closed"
    assert 0 < times.stopped <= 10
    if request.node.get_closest_marker("long"):
        # Not in the lane of every change: on a shared machine these measure the neighbours. They are always printed.
        assert times.our_share <= TICK_S + 1
        assert times.first_replica <= 10
        assert times.new_machine <= 30
    recorded, wrong = differing(service.record)
    assert recorded > 20
    assert wrong == [], "these give another decision or plan when thought through again"
