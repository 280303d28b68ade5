"""The proof: a real load triples and falls, replicas and machines follow, and no request fails on the way down."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from autoscaler_lab.layout import LabSpec
from tests.real.gapless import BUSY, QUIET, Service, steps_of, traces, wait_settled
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
RPS = 'sum(rate(haproxy_frontend_http_requests_total{proxy="front-web"}[8s]))'
RISES = 5 * 45 * 1.1
"""From here on the policy of this test asks for more than five replicas."""
TICK_S = 2


def at(event: dict[str, object]) -> datetime:
    """When the service logged it."""
    return datetime.fromisoformat(str(event["timestamp"]))


@pytest.mark.parametrize(("image", "number"), [*ONCE, *AGAIN])
def test_load_triples_and_falls_without_a_failed_request(
    lab: LabSpec, swarm: Swarm, proxy: Proxy, prometheus: Prometheus, service: Service, report: Report, image: str, number: int
) -> None:
    with traffic(swarm, proxy, service, image=image) as run:
        before = run.seen.samples[-1][2]
        tripled = run.set_rate(BUSY)
        until(lambda: (prometheus.value(RPS) or 0) > RISES, "Prometheus sees more load than the replicas are for", 15)
        visible = datetime.now(UTC)
        wait_settled(proxy, swarm, 14)
        grown, nodes = time.monotonic() - tripled, len(swarm.placed("web"))
        fell = run.set_rate(QUIET)
        wait_settled(proxy, swarm, 5, nodes=2, seconds=240)
        shrunk = time.monotonic() - fell
        until(lambda: traces(lab) == [], "no mark of ours is left", 20)
    asked = next(one for one in steps_of(service, "SetReplicas", "sent") if at(one) > visible - timedelta(seconds=2))
    share = (at(asked) - visible).total_seconds()
    first, node = run.seen.first(tripled, 6, 1), run.seen.first(tripled, before + 1, 2)
    recorded, wrong = differing(service.record)
    report(
        f"{image}: {run.found}; our share {share:.1f} s, first new replica in rotation after {first:.1f} s, "
        f"a new machine ready after {node:.1f} s, "
        f"all grown after {grown:.1f} s on {nodes} machines, all shrunk to 2 machines after {shrunk:.1f} s, "
        f"SIGTERM took {service.took_to_stop:.1f} s, {recorded} recordings"
    )
    report.keep(
        "gapless",
        image=image,
        run=number,
        requests=len(run.found.requests),
        failed=len(run.found.failed),
        fewest_in_rotation=run.seen.lowest(1),
        our_share_ms=round(share * 1000),
        first_replica_ms=round(first * 1000),
        new_machine_ms=round(node * 1000),
        grown_ms=round(grown * 1000),
        shrunk_ms=round(shrunk * 1000),
    )
    run.check(5)
    assert nodes == 4
    assert len(steps_of(service, "GrowPool", "sent")) <= 2, "machines were started while others were closed"
    assert share <= TICK_S + 1
    assert first <= 10
    assert node <= 30
    assert 0 < service.took_to_stop <= 10
    assert recorded > 20
    assert wrong == [], "these give another decision or plan when thought through again"
