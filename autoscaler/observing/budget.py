"""How often we may ask one outside world: a token bucket each, so that a fault of ours never becomes a flood of theirs."""

from dataclasses import dataclass, field, replace
from typing import Self

from autoscaler.errors import UnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """`tokens` in thousandths of a call, as of `at` on the monotonic clock."""

    tokens: int
    at: int

    def taken(self, now: int, *, burst: int, per_second: int) -> Self | None:
        """The bucket with one call taken out; None when it holds none."""
        # Thousandths per millisecond are calls per second.
        filled = min(burst * 1000, self.tokens + max(0, now - self.at) * per_second)
        return replace(self, tokens=filled - 1000, at=now) if filled >= 1000 else None  # noqa: PLR2004 - one call


@dataclass(slots=True, kw_only=True)
class Budget:
    """The buckets of all worlds. Two threads may now and then take the same token: it bounds a flood, it does not count."""

    burst: int = 60
    per_second: int = 10
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def take(self, world: str, now: int) -> None:
        """One call to `world`; UnavailableError when too many were made of late."""
        bucket = self.buckets.get(world, Bucket(tokens=self.burst * 1000, at=now))
        taken = bucket.taken(now, burst=self.burst, per_second=self.per_second)
        if taken is None:
            raise UnavailableError(f"{world} was asked too often", hint="lengthen the interval, or see why calls are repeated")
        self.buckets[world] = taken
