"""Integers with a unit, one type each, and the one text form of each.

A quantity has a `PATTERN`, which the policy file's JSON Schema repeats, and a
`parse` that raises `PolicyError` with what to write instead.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, NewType, Self

from autoscaler.errors import PolicyError

Instant = NewType("Instant", int)
"""Wall time in milliseconds since 1970-01-01 UTC."""

LONGEST = 12
"""Digits a number may have: more is a slip of the keyboard, and keeps every product below 2**63."""


def _refuse(kind: str, text: str, hint: str) -> PolicyError:
    return PolicyError(f"{text[:40]!r} is not a {kind}", hint=hint)


def _milli(whole: str, fraction: str) -> int:
    return int(whole) * 1000 + int(fraction.ljust(3, "0")[:3] or 0)


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time in milliseconds: `1h30m` is 5,400,000."""

    PATTERN: ClassVar[str] = r"(?=[0-9])([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?"
    HINT: ClassVar[str] = "write 15s, 5m, 1h30m or 1d"
    UNITS: ClassVar[tuple[int, ...]] = (86_400_000, 3_600_000, 60_000, 1000, 1)

    ms: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `15s`, `5m`, `1h30m`, `1d`, `250ms`."""
        found = re.fullmatch(cls.PATTERN, text)
        if not found:
            raise _refuse("duration", text, cls.HINT)
        parts = (int(re.sub("[a-z]", "", part or "0")) for part in found.groups())
        return cls(sum(part * unit for part, unit in zip(parts, cls.UNITS, strict=True)))

    def __str__(self) -> str:
        if self.ms < 0:
            return f"-{type(self)(-self.ms)}"
        rest, words = self.ms, ""
        for unit, name in zip(self.UNITS, ("d", "h", "m", "s", "ms"), strict=True):
            count, rest = divmod(rest, unit)
            words += f"{count}{name}" if count else ""
        return words or "0s"


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """Part of a whole in milli-units: 60% is 600. Sums are exact; no NaN."""

    PATTERN: ClassVar[str] = r"[0-9]{1,6}(\.[0-9])?%"
    HINT: ClassVar[str] = "write 60% or 2.5%"

    milli: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `60%` or `2.5%`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise _refuse("share", text, cls.HINT)
        whole, _, tenth = text[:-1].partition(".")
        return cls(int(whole) * 10 + int(tenth or 0))

    def of(self, count: int) -> int:
        """This share of `count`, rounded up."""
        return -(-count * self.milli // 1000)

    def __str__(self) -> str:
        whole, tenth = divmod(abs(self.milli), 10)
        return f"{'-' if self.milli < 0 else ''}{whole}{f'.{tenth}' if tenth else ''}%"


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A plain number in milli-units: `0.25` is 250. Metric values and targets."""

    PATTERN: ClassVar[str] = rf"[0-9]{{1,{LONGEST}}}(\.[0-9]{{1,3}})?"
    HINT: ClassVar[str] = "write 200 or 0.25 (three decimals at most)"

    milli: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `200` or `0.25`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise _refuse("number", text, cls.HINT)
        whole, _, fraction = text.partition(".")
        return cls(_milli(whole, fraction))

    def __str__(self) -> str:
        whole, rest = divmod(abs(self.milli), 1000)
        return f"{'-' if self.milli < 0 else ''}{whole}{f'.{rest:03d}'.rstrip('0') if rest else ''}"


@dataclass(frozen=True, slots=True, order=True)
class Cpu:
    """Processor time in thousandths of a core: `500m` and `0.5` are both 500."""

    PATTERN: ClassVar[str] = r"[0-9]{1,9}m|[0-9]{1,6}(\.[0-9]{1,3})?"
    HINT: ClassVar[str] = "write 500m or 0.5"

    milli: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `500m` or `0.5`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise _refuse("cpu quantity", text, cls.HINT)
        if text.endswith("m"):
            return cls(int(text[:-1]))
        whole, _, fraction = text.partition(".")
        return cls(_milli(whole, fraction))

    def __str__(self) -> str:
        return f"{self.milli}m" if self.milli % 1000 else str(self.milli // 1000)


@dataclass(frozen=True, slots=True, order=True)
class Memory:
    """Bytes, written with a binary unit: `256Mi` is 268,435,456. Bare numbers are refused."""

    PATTERN: ClassVar[str] = r"[0-9]{1,9}(Ki|Mi|Gi|Ti)"
    HINT: ClassVar[str] = "write 256Mi or 1Gi"
    UNITS: ClassVar[dict[str, int]] = {"Ti": 2**40, "Gi": 2**30, "Mi": 2**20, "Ki": 2**10}

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `256Mi`, `1Gi`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise _refuse("memory quantity", text, cls.HINT)
        return cls(int(text[:-2]) * cls.UNITS[text[-2:]])

    def __str__(self) -> str:
        for unit, size in self.UNITS.items():
            if self.bytes and self.bytes % size == 0:
                return f"{self.bytes // size}{unit}"
        return f"{-(-self.bytes // 1024)}Ki"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in millionths of its currency: `0.096 USD` is 96,000."""

    PATTERN: ClassVar[str] = r"[0-9]{1,9}(\.[0-9]{1,6})? [A-Z]{3}"
    HINT: ClassVar[str] = "write 0.096 USD"

    micro: int
    currency: str = "USD"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `0.096 USD`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise _refuse("price", text, cls.HINT)
        amount, _, currency = text.partition(" ")
        whole, _, fraction = amount.partition(".")
        return cls(int(whole) * 1_000_000 + int(fraction.ljust(6, "0") or 0), currency)

    def __str__(self) -> str:
        whole, rest = divmod(abs(self.micro), 1_000_000)
        cents = f"{rest:06d}".rstrip("0").ljust(2, "0")
        return f"{'-' if self.micro < 0 else ''}{whole}.{cents} {self.currency}"


def later(at: Instant, by: Duration) -> Instant:
    """The instant `by` after `at`."""
    return Instant(at + by.ms)


def since(then: Instant, now: Instant) -> Duration:
    """The time from `then` to `now`; never negative, for clocks step back."""
    return Duration(max(0, now - then))
