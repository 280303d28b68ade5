"""A recorded load: times and values, from CSV or JSON lines, as anything exports them."""

import csv
import io
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from autoscaler.errors import UsageError
from autoscaler.model.quantities import Duration, Instant

LARGEST = 1e12
BEYOND_SECONDS = 10**11
"""Plain numbers above are milliseconds since 1970, those below seconds."""

HINT = "each row is a time (ISO 8601, or seconds since 1970) and a number, oldest first"


@dataclass(frozen=True, slots=True)
class Load:
    """Values at instants, oldest first; between two of them it goes straight from one to the other."""

    name: str
    times: tuple[Instant, ...]
    values: tuple[float, ...]

    @property
    def span(self) -> Duration:
        """From the first to the last."""
        return Duration(self.times[-1] - self.times[0])

    def at(self, every: Duration) -> list[float]:
        """The load at each `every` from the first instant up to the last."""
        found: list[float] = []
        place, last = 0, len(self.times) - 1
        for now in range(self.times[0], self.times[-1] + 1, every.ms):
            while place < last and self.times[place + 1] <= now:
                place += 1
            found.append(self._between(place, now))
        return found

    def typical(self) -> float:
        """The median of what is more than nothing; 0 where nothing is."""
        found = sorted(value for value in self.values if value)
        return found[len(found) // 2] if found else 0.0

    def between(self, start: Instant | None, end: Instant | None) -> "Load":
        """The part from `start` up to `end`; UsageError if fewer than two values are left."""
        first = 0 if start is None else bisect_right(self.times, start - 1)
        last = len(self.times) if end is None else bisect_right(self.times, end)
        if last - first < 2:  # noqa: PLR2004 - a line needs two points
            raise UsageError(f"{self.name} has fewer than two values then", hint="see --start and --end")
        return Load(self.name, self.times[first:last], self.values[first:last])

    def _between(self, place: int, now: int) -> float:
        if place + 1 >= len(self.times):
            return self.values[place]
        before, after = self.times[place], self.times[place + 1]
        return self.values[place] + (self.values[place + 1] - self.values[place]) * (now - before) / (after - before)


def read_load(name: str, data: bytes) -> Load:
    """The load in a file's bytes; UsageError names the row that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not text: {error.reason} at byte {error.start}", hint=HINT) from error
    rows = _json_rows(name, text) if text.lstrip().startswith("{") else _csv_rows(name, text)
    times: list[Instant] = []
    values: list[float] = []
    headed = False
    for number, (time, value) in rows:
        at, told = _time(time), _value(value)
        if at is None or told is None:
            if not times and not headed:
                headed = True
                continue  # a head
            raise UsageError(
                f"{name}: row {number}: {'no time' if at is None else 'no number'}: {(time if at is None else value)[:40]!r}", hint=HINT
            )
        if times and at <= times[-1]:
            raise UsageError(f"{name}: row {number}: {time!r} is not after the row before", hint=HINT)
        times.append(at)
        values.append(told)
    if len(times) < 2:  # noqa: PLR2004 - a line needs two points
        raise UsageError(f"{name}: fewer than two rows with a time and a number", hint=HINT)
    return Load(name, tuple(times), tuple(values))


Row = tuple[int, tuple[str, str]]


def _csv_rows(name: str, text: str) -> Iterator[Row]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            if not row:
                continue
            if len(row) < 2:  # noqa: PLR2004 - a time and a value
                raise UsageError(f"{name}: row {number} has one column", hint=HINT)
            yield number, (row[0].strip(), row[1].strip())
    except csv.Error as error:
        raise UsageError(f"{name}: not CSV: {error}", hint=HINT) from error


def _json_rows(name: str, text: str) -> Iterator[Row]:
    """Objects with two fields each, a line each: the first is the time, the second the value."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            time, value, *_ = row.values()
        except (ValueError, AttributeError, RecursionError) as error:
            raise UsageError(f"{name}: line {number} is no JSON object of a time and a value", hint=HINT) from error
        yield number, (str(time), str(value))


def _time(text: str) -> Instant | None:
    try:
        number = float(text)
    except ValueError:
        return _iso(text)
    if not isfinite(number) or number < 0 or number > LARGEST * 10:
        return None
    return Instant(round(number if number > BEYOND_SECONDS else number * 1000))


def _iso(text: str) -> Instant | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Instant(round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000))


def _value(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and 0 <= number <= LARGEST else None
