"""One container's use of cpu and memory, from two readings of its engine's counters."""

from dataclasses import dataclass
from datetime import datetime

from autoscaler_docker.fields import EPOCH, Json, number, table, text

OLDEST = 300_000_000
YOUNGEST = 500_000
"""Microseconds between two readings: longer is another time of day, shorter is noise."""


@dataclass(frozen=True, slots=True)
class Counters:
    """`cpu`: nanoseconds of processor time since it started. `at`: microseconds, by the engine's clock. `memory`: bytes in use."""

    cpu: int
    at: int
    memory: int


def counters(stats: Json) -> Counters | None:
    """What one reading says; None for a container that has stopped or whose counters are not kept, whose zeros mean nothing."""
    at, usage = text(stats, "read"), number(stats, "memory_stats", "usage")
    cpu = number(stats, "cpu_stats", "cpu_usage", "total_usage")
    if not usage or not cpu or at.startswith("0001-"):
        return None
    micros = int((datetime.fromisoformat(at) - EPOCH).total_seconds() * 1_000_000)
    return Counters(cpu, micros, max(0, usage - _cache(table(stats, "memory_stats", "stats"))))


def apart(earlier: Counters | None, later: Counters) -> bool:
    """Whether the two tell a rate: of one life, and neither too near nor too far from each other."""
    return earlier is not None and later.cpu >= earlier.cpu and YOUNGEST <= later.at - earlier.at <= OLDEST


def milli_cores(earlier: Counters | None, later: Counters) -> int | None:
    """Processor time per time between the two, in thousandths of a core; None when they tell no rate."""
    if earlier is None or not apart(earlier, later):
        return None
    return (later.cpu - earlier.cpu) // (later.at - earlier.at)  # nanoseconds per microsecond


def _cache(stats: Json) -> int:
    # What the kernel would drop at once for anyone is not in use; version 1 of cgroups calls it by another name.
    return number(stats, "total_inactive_file") or number(stats, "inactive_file")
