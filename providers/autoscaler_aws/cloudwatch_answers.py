"""From the pages of GetMetricData to one value, or to the reason there is none. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import instant
from autoscaler_sources.numbers import Value, number

LONGEST = 200
COMPLETE = "Complete"
MEANING = {
    "PartialData": (Code.CONTRADICTORY, "a part of the data is missing"),
    "InternalError": (Code.UNAVAILABLE, "CloudWatch failed inside"),
    "Forbidden": (Code.REFUSED, "not ours to read"),
}
ODD = Unknown(Code.MALFORMED, "the answer is not as CloudWatch's are")


@dataclass(frozen=True, slots=True)
class Part:
    """What one page holds of one metric. `points`: the beginning of each period, in milliseconds, and its value."""

    status: str
    words: str
    points: tuple[tuple[Instant, float], ...]


Page = Mapping[str, Part | Unknown]
"""By the id of a question."""


def page(results: object, messages: object = ()) -> Page:
    """One page's results; what has another shape than the API's is Unknown under its id, or left out where it has none."""
    found: dict[str, Part | Unknown] = {}
    for one in results if isinstance(results, list) else ():
        name = one.get("Id") if isinstance(one, dict) else None
        if isinstance(name, str):
            twice = Unknown(Code.CONTRADICTORY, "the answer holds this metric twice")
            found[name] = twice if name in found else _part(one, messages)
    return found


def _part(result: Mapping[str, object], messages: object) -> Part | Unknown:
    times, values = result.get("Timestamps", []), result.get("Values", [])
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        return ODD
    points = tuple(
        (instant(at), value)
        for at, value in zip(times, values, strict=True)
        if isinstance(at, datetime) and isinstance(value, int | float) and not isinstance(value, bool)
    )
    words = "; ".join(filter(None, (told(result.get("Messages")), told(messages))))
    return Part(str(result.get("StatusCode", COMPLETE)), words, points) if len(points) == len(times) else ODD


def told(messages: object) -> str:
    """AWS's remarks as one text."""
    found = (one.get("Value") for one in messages if isinstance(one, dict)) if isinstance(messages, list) else ()
    return "; ".join(one for one in found if isinstance(one, str))[:LONGEST]


def newest(pages: Sequence[Page], name: str, period: Duration, over: Instant) -> Value | Unknown:
    """The value of the last period that had ended at `over`, by the source's own clock; its time is its period's end.

    A metric may go on over several pages: its status is then that of the last.
    """
    points: list[tuple[Instant, float]] = []
    last: Part | None = None
    for part in (one[name] for one in pages if name in one):
        if isinstance(part, Unknown):
            return part
        points += part.points
        last = part
    if last is None:
        return Unknown(Code.MISSING, "the answer does not hold this metric")
    if last.status != COMPLETE:
        why, words = MEANING.get(last.status, (Code.MALFORMED, f"the status is {last.status[:40]}"))
        return Unknown(why, f"{words}: {last.words}"[:LONGEST].rstrip(": "))
    return _last([(Instant(at + period.ms), value) for at, value in points if at + period.ms <= over], last.words)


def _last(points: list[tuple[Instant, float]], words: str) -> Value | Unknown:
    if not points:
        return Unknown(Code.MISSING, f"no period that is over has a datapoint. {words}"[:LONGEST].rstrip())
    at = max(moment for moment, _ in points)
    values = {repr(value) for moment, value in points if moment == at}
    if len(values) > 1:
        return Unknown(Code.CONTRADICTORY, "the answer holds two values of one time")
    found = number(next(iter(values)))
    return found if isinstance(found, Unknown) else Value(found, at)


def unfinished(pages: Sequence[Page], name: str) -> bool:
    """Whether pages not read would have more of it."""
    parts = [one[name] for one in pages if name in one]
    return not parts or (isinstance(parts[-1], Part) and parts[-1].status != COMPLETE)
