"""One run under traffic: a service that is watched, a probe that never pauses, and what may be said of it in the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.real.gapless import CPU_PER_REPLICA, QUIET, Service, Watch, wait_settled, watched
from tests.real.probe import Probe, Summary
from tests.real.proxy import Proxy
from tests.real.swarm import Swarm
from tests.real.waiting import until

HELD = 0.95
"""A probe that sent a smaller share of what it was told to send proves nothing."""
AFTER_S = 2
"""Seconds of traffic before and after what is tested."""


@dataclass
class Run:
    """The load as ordered, and what was seen. `found` is there once the run is over."""

    probe: Probe
    seen: Watch
    orders: list[tuple[float, int]] = field(default_factory=list)
    found: Summary = field(default_factory=lambda: Summary(()))

    def set_rate(self, rate: int) -> float:
        """So many requests per second from now on; returns now."""
        self.probe.set_rate(rate)
        self.orders.append((time.monotonic(), rate))
        return self.orders[-1][0]

    def finish(self) -> None:
        """Let everything in flight come to its end."""
        time.sleep(AFTER_S)
        self.orders.append((time.monotonic(), 0))
        self.found = self.probe.stop()

    def figures(self) -> dict[str, int]:
        """What is kept of every run."""
        found = self.found
        return {"requests": len(found.requests), "failed": len(found.failed), "fewest_in_rotation": self.seen.lowest(1)}

    def check(self, floor: int) -> None:
        """Nothing failed and the floor held; void unless the rate was held, and something was in flight at each stop of a replica."""
        spans = zip(self.orders, self.orders[1:], strict=False)
        slow = [(rate, self.found.rate(since, ends)) for (since, rate), (ends, _) in spans if ends - since > 1]
        assert all(real >= HELD * rate for rate, real in slow), f"void: the probe could not keep its rate (ordered, sent): {slow}"
        assert all(self.found.in_flight(at) for at in self.seen.drops(3)), "void: nothing was in flight when a replica stopped"
        assert self.found.failed == ()
        assert self.seen.lowest(1) >= floor, f"only {self.seen.lowest(1)} in rotation, floor {floor}"


@contextmanager
def traffic(
    swarm: Swarm,
    proxy: Proxy,
    service: Service,
    *,
    image: str = "app-x:1",
    replicas: int = 5,
    rate: int = QUIET,
    well: int = 0,
    placement: dict[str, object] | None = None,
) -> Iterator[Run]:
    """`web` under load with our service at work; all of it is ended, and the service removed.

    Until a test says `service.least`, the policy's minimum is `replicas`: before the first requests there is no load to keep them for.
    `well`: only replicas in the first so many slots ever get healthy; 0 is all. `placement`: hard rules of the service's own.
    """
    swarm.create("web", image, replicas, cpu=CPU_PER_REPLICA, well=well, placement=placement)
    probe: Probe | None = None
    service.least(replicas)
    try:
        service.start()
        until(lambda: proxy.in_rotation("web") == replicas, "the first replicas are in rotation")
        with watched(proxy, swarm) as seen:
            probe = Probe(proxy.ports["web"], proxy.folder / "requests", rate)
            run = Run(probe, seen, [(time.monotonic() + 1, rate)])
            time.sleep(AFTER_S)
            wait_settled(proxy, swarm, replicas)
            yield run
            run.finish()
    finally:
        if probe is not None:
            probe.kill()
        service.end()
        swarm.remove("web")
