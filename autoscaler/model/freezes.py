"""The red button: objects nobody may change for a while."""

from dataclasses import dataclass

from autoscaler.model.quantities import Instant

EVERYTHING = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """`subject`: `all`, `shop/web`, `pool:general` or `node:n1`. `until` None: until resumed."""

    subject: str
    who: str
    why: str
    at: Instant
    until: Instant | None = None

    def holds(self, now: Instant) -> bool:
        """Whether the freeze is in force at `now`."""
        return self.until is None or now < self.until
