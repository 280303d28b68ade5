"""Numbers in words: each with its unit, the way a policy file writes it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from autoscaler.model.quantities import Cpu, Duration, Money, Number, Share

MI, GI = 2**20, 2**30
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, after which there is no date to write."""


def amount(number: int, unit: str) -> str:
    """One number of a reason, in a unit of `UNITS`; any other unit counts things."""
    if number < 0:
        return f"-{amount(-number, unit)}"
    return UNITS.get(unit, str)(number)


def with_unit(number: int, unit: str) -> str:
    """As `amount`, with the unit's word where it is one: `3 replicas in rotation`."""
    word = amount(number, unit)
    return f"{word} {unit}" if unit and unit not in UNITS else word


def memory(count: int) -> str:
    """Bytes to one decimal of Mi or Gi, rounded up: `1.5Gi`."""
    size, name = (GI, "Gi") if count >= GI else (MI, "Mi")
    whole, tenth = divmod(-(-count * 10 // size), 10)
    return f"{whole}.{tenth}{name}" if tenth else f"{whole}{name}"


def moment(at: int) -> str:
    """An instant, to the second, in UTC: `2026-03-29 01:00:00 UTC`."""
    return datetime.fromtimestamp(min(at // 1000, LAST_SECOND), tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def plural(count: int, word: str) -> str:
    """`1 machine`, `3 machines`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


UNITS: Mapping[str, Callable[[int], str]] = {
    "milli": lambda number: str(Number(number)),
    "%": lambda number: str(Share(number)),
    "ms": lambda number: str(Duration(number)),
    "bytes": memory,
    "cpu": lambda number: str(Cpu(number)),
    "instant": moment,
    "micro": lambda number: str(Money(number)),
}
"""Units whose numbers say what they are: thousandths (of a whole), milliseconds, bytes, cores, a moment, millionths of a dollar."""
