"""Asks one source several things at once, and tells what fails as a whole from what fails alone."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, PolicyError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Unknown

AT_ONCE = 8
"""Calls in flight: hundreds end within a tick's deadline, and no cloud feels eight."""

MARGIN = Duration(100)
"""A call ends that much before its deadline, so that its own reason is told."""

LONGEST = 200
FARTHEST = Duration(7 * 86_400_000)

Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")
Meant = TypeVar("Meant")
Ask = Callable[[Asked, Duration], Found | Unknown]
"""One call: what is asked, and the time it may take."""


def understood(read: Callable[[str], Meant], text: str) -> Meant | Unknown:
    """A query text's meaning; one that has none is its author's to mend, and stops no other."""
    try:
        return read(text)
    except PolicyError as error:
        return Unknown(Code.REFUSED, f"{error}: {error.hint}"[:LONGEST])


def look_back(queries: Sequence[MetricQuery]) -> Duration:
    """How far back a value may lie to be fresh for one of them: a week at most, which every cloud still has."""
    return min(FARTHEST, max((query.stale_after for query in queries), default=Duration(0)))


def ask_all(site: Site, things: Sequence[Asked], ask: Ask[Asked, Found], deadline: Duration) -> dict[Asked, Found | Unknown]:
    """What was found of each, a few at a time; raises when the source failed as a whole, and goes on no further once it did."""
    ends, left = site.runtime.monotonic() + deadline.ms, list(things)
    found: dict[Asked, Found | Unknown] = {}
    broken: AutoscalerError | None = None
    while left and not broken:
        group, left = left[:AT_ONCE], left[AT_ONCE:]
        for thing, answer in zip(group, _ask_group(site, group, ask, Duration(ends - site.runtime.monotonic())), strict=True):
            if isinstance(answer, AutoscalerError):
                broken = broken or answer
            else:
                found[thing] = answer
    if broken and (not found or isinstance(broken, SetupError)):
        raise broken
    return {thing: Unknown(Code.UNAVAILABLE, "the source stopped answering before this query") for thing in things} | found


def _ask_group(site: Site, group: Sequence[Asked], ask: Ask[Asked, Found], left: Duration) -> Sequence[Found | Unknown | AutoscalerError]:
    within = Duration(left.ms - MARGIN.ms)
    if within.ms <= 0:
        return [Unknown(Code.LATE, "no time was left to ask") for _ in group]
    return site.runtime.gather([Call(site.name, partial(ask, thing, within)) for thing in group], left)
