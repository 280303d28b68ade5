"""The control of the gapless drain: the same load, the same files, but Swarm's own drain loses requests.

If this ever passes without a loss, the probe is too soft and the proof beside it proves nothing.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.real.probe import Probe
from tests.real.proxy import Follower, Proxy
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.waiting import until

pytestmark = [pytest.mark.real, pytest.mark.control]
RATE, REPLICAS, EVERY_S = 200, 6, 0.3


@contextmanager
def followed(proxy: Proxy, swarm: Swarm, service: str) -> Iterator[None]:
    """The proxy follows the service, as any service discovery would, until the end."""
    over = threading.Event()
    follower = Follower(proxy, service)

    def watch() -> None:
        while not over.wait(EVERY_S):
            follower.follow(swarm.running(service))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def all_off(placed: dict[str, list[str]], victim: str) -> bool:
    return victim not in placed and sum(len(tasks) for tasks in placed.values()) == REPLICAS


@pytest.mark.parametrize("run", [1, 2, 3])
@pytest.mark.parametrize("image", ["app-x:1", "app-y:1"], ids=["exits at once", "finishes what is in flight"])
def test_swarms_own_drain_loses_requests(swarm: Swarm, proxy: Proxy, report: Report, image: str, run: int) -> None:
    swarm.create("web", image, REPLICAS)
    victim = max(swarm.nodes())
    probe: Probe | None = None
    try:
        with followed(proxy, swarm, "web"):
            until(lambda: proxy.in_rotation("web") == REPLICAS, "all replicas are in rotation")
            probe = Probe(proxy.ports["web"], proxy.folder / "requests", RATE)
            time.sleep(4)
            on_it = swarm.placed("web")[victim]
            drained = time.monotonic()
            swarm.set_availability(victim, "drain")
            moved = until(lambda: all_off(swarm.placed("web"), victim), "all replicas run elsewhere")
            until(lambda: proxy.in_rotation("web") == REPLICAS, "all replicas are in rotation again")
            time.sleep(3)
            seen = probe.stop()
    finally:
        if probe is not None:
            probe.kill()
        swarm.remove("web")
    report(f"native drain, {image}, run {run}: {seen}; {len(on_it)} replicas moved in {moved:.1f} s")
    report.keep("native_drain", image=image, run=run, requests=len(seen.requests), failed=len(seen.failed), moved_ms=round(moved * 1000))
    assert on_it
    assert seen.in_flight(drained) > 0, "void: nothing was in flight"
    assert seen.rate(drained - 2, drained) >= RATE * 0.95, "void: the probe could not keep its rate"
    assert len(seen.failed) >= 1
