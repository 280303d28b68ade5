"""A whole engine in front of which stands a cloud's balancer: nobody ends who is sent requests, or may still have some."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from autoscaler_standins.faults import Fault, Kind
from tests.providers.standins.cloud_shop import IDLE, CloudShop

WEB = "web"
MOST = 150
"""Ticks: more than any time that passes here."""


@dataclass(frozen=True, slots=True)
class Front:
    """`sent_to`: addresses that are sent new requests; `draining`: those that may have some left. No API tells either."""

    shop: CloudShop
    sent_to: Callable[[], set[str]]
    draining: Callable[[], set[str]]

    def standing(self) -> set[str]:
        """Addresses of replicas that run."""
        return {unit.address for unit in self.shop.world.state.of(WEB) if unit.address}

    def until_quiet(self, replicas: int) -> list[int]:
        """How many were sent requests at each tick, until nothing has been open for a while and all are."""
        quiet, served = 0, list[int]()
        while quiet <= IDLE:
            busy = self.shop.tick(replicas=replicas).busy
            sent_to = self.sent_to()
            assert sent_to | self.draining() <= self.standing()
            quiet = 0 if busy or sent_to < self.standing() else quiet + 1
            served.append(len(sent_to))
            assert len(served) < MOST
        return served

    def roughly(self, operations: tuple[str, ...], throttled: tuple[str, int], seed: int, ticks: int = 40) -> None:
        """So many ticks in which replies are lost, calls throttled and lists old, while load comes and goes; then all is well."""
        code, status = throttled
        kinds = (
            Fault(operation="", kind=Kind.CUT),
            Fault(operation="", kind=Kind.REFUSE, code=code, status=status),
            Fault(operation="", kind=Kind.STALE),
        )
        dice = self.shop.runtime.rng(f"faults {seed}")
        for number in range(ticks):
            self.shop.standin.faults.add([replace(dice.choice(kinds), operation=dice.choice(operations)) for _ in range(2)])
            self.shop.tick(replicas=(2, 5, 3)[number // 8 % 3])
            assert self.sent_to() | self.draining() <= self.standing()
        self.shop.reset()
        assert self.until_quiet(3)[-1] == 3
        assert self.sent_to() == self.standing()

    def comes_and_goes(self) -> None:
        """Load rises and falls."""
        counts = [self.until_quiet(replicas) for replicas in (2, 5, 2)]
        assert [each[-1] for each in counts] == [2, 5, 2]
        assert min(counts[1] + counts[2]) == 2
