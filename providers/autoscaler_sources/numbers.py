"""From a number's text to milli-units. NaN, infinities, negative zero and what is beyond all bounds are unknown. Pure."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.wording import unknown

LARGEST = Decimal(10**12)
SHOWN = 40
PLAIN = re.compile(r"[+-]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,9})?")
"""Stricter than Decimal, which also reads `1_000`, blanks around a number, and the digits of other scripts."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number in milli-units, at its own time by the source's clock; None when it was counted as it was asked for."""

    milli: int
    at: Instant | None = None


def decimal(text: str) -> Decimal | Unknown:
    """The number, between -10^12 and 10^12; NOT_A_NUMBER for everything else."""
    if not PLAIN.fullmatch(text):
        return unknown(Code.NOT_A_NUMBER, text[:SHOWN] or "an empty text")
    try:
        found = Decimal(text)
    except InvalidOperation:
        return unknown(Code.NOT_A_NUMBER, text[:SHOWN])
    if found.is_signed() and found.is_zero():
        return unknown(Code.NOT_A_NUMBER, text[:SHOWN])
    if found.copy_abs() > LARGEST:  # abs() would round first, and raise on 1e9999999
        return unknown(Code.NOT_A_NUMBER, f"{text[:SHOWN]} is beyond all bounds")
    return found


def number(text: str) -> int | Unknown:
    """The number in milli-units, rounded half to even."""
    found = decimal(text)
    return found if isinstance(found, Unknown) else int((found * 1000).to_integral_value(ROUND_HALF_EVEN))


def count(text: str) -> int | Unknown:
    """As `number`, of what is counted: below zero it is no count."""
    found = number(text)
    if not isinstance(found, Unknown) and text.startswith("-"):
        return unknown(Code.NOT_A_NUMBER, f"{text[:SHOWN]} is below zero; a count never is")
    return found
