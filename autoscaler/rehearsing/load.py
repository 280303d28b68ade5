"""A recorded load: times and values, from CSV, JSON lines or Parquet, as anything exports them."""

import csv
import io
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

from autoscaler.errors import UsageError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.parquet import MAGIC, Kind, Parquet, TooLargeError, UnreadableError, opened

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 1e12
BEYOND_SECONDS = 10**11
"""Plain numbers above are milliseconds since 1970, those below seconds."""

UNPACKED = 256 * 2**20
"""Bytes that a Parquet file may hold once it is unpacked."""

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
            whole = " to ".join(_shown(at) for at in (self.times[0], self.times[-1]))
            raise UsageError(f"{self.name} has fewer than two values then", hint=f"see --start and --end; it goes from {whole}")
        return Load(self.name, self.times[first:last], self.values[first:last])

    def _between(self, place: int, now: int) -> float:
        if place + 1 >= len(self.times):
            return self.values[place]
        before, after = self.times[place], self.times[place + 1]
        return self.values[place] + (self.values[place + 1] - self.values[place]) * (now - before) / (after - before)


def read_load(name: str, data: bytes) -> Load:
    """The load in a file's bytes; UsageError names the row that is wrong."""
    return _load(name, _parquet_rows(name, data), headed=False) if data.startswith(MAGIC) else _text_load(name, data)


def _text_load(name: str, data: bytes) -> Load:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not text: {error.reason} at byte {error.start}", hint=HINT) from error
    if text.lstrip().startswith("{"):
        return _load(name, _json_rows(name, text), headed=False)
    return _load(name, _csv_rows(name, text), headed=True)


def _load(name: str, rows: "Iterator[Row]", *, headed: bool) -> Load:
    """`headed`: a first row with neither a time nor a number names the columns."""
    times: list[Instant] = []
    values: list[float] = []
    for number, (time, value) in rows:
        at, told = _time(time), _value(value)
        if at is None and told is None and headed:
            headed = False
            continue
        headed = False
        if at is None or told is None:
            wrong = f"no time: {time[:40]!r}" if at is None else f"no number: {value[:40]!r}"
            raise UsageError(f"{name}: row {number}: {wrong}", hint=HINT)
        if times and at <= times[-1]:
            raise UsageError(f"{name}: row {number}: {time[:40]!r} is not after the row before", hint=HINT)
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


def _parquet_rows(name: str, data: bytes) -> Iterator[Row]:
    """Of the column of times and the one of numbers; what is null is no number."""
    try:
        file = opened(data)
        for number, cells in enumerate(file.rows(_two_of(name, file), UNPACKED), start=1):
            time, value = ("" if each is None else str(each) for each in cells)
            yield number, (time, value)
    except TooLargeError as error:
        raise UsageError(f"{name}: {error}", hint="write a part of it, and no columns but a time and a number") from error
    except UnreadableError as error:
        raise UsageError(f"{name}: {error}", hint="export it again, or as CSV") from error


def _two_of(name: str, file: Parquet) -> tuple[str, str]:
    """The first column of times, or of all; and the first of numbers beside it. An index, as pandas writes it, is the last column."""
    flat = [(column, kind) for column, kind in file.columns if kind in (Kind.TIME, Kind.NUMBER, Kind.TEXT)]
    times = [column for column, kind in flat if kind is Kind.TIME] or [column for column, _ in flat]
    numbers = [column for column, kind in flat if kind is not Kind.TIME and column != times[0]]
    if not numbers:
        there = ", ".join(f"{column[:40]!r} ({kind.value})" for column, kind in file.columns[:10]) or "none"
        raise UsageError(f"{name}: there is no column of times beside one of numbers; there is: {there}", hint=HINT)
    return times[0], numbers[0]


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


def _shown(at: Instant) -> str:
    try:
        return (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="seconds")
    except OverflowError:
        return f"{at} ms since 1970"


def _value(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and 0 <= number <= LARGEST else None
