"""Rows of a Parquet file as the texts that CSV would have; bounded by what its footer tells, before any of it is unpacked.

Read by pyarrow (extra `parquet`), which nothing else here knows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from autoscaler.errors import SetupError

MAGIC = b"PAR1"
"""What every such file begins and ends with."""

CELL = 8
"""Bytes that a cell counts at least: a thousand million equal ones take a few, packed."""

BATCH = 8192
SHOWN = 120
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - with or without a zone, as the column has it


class Kind(Enum):
    """What a column holds, as far as that matters here; TWICE where two have one name."""

    TIME = "time"
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    OTHER = "other"
    TWICE = "twice"


READ = frozenset({Kind.TIME, Kind.NUMBER, Kind.TEXT, Kind.TRUTH})

Cell = str | bool | None
"""Numbers as they are written, times in ISO 8601, with Z where the column's times are instants."""


class UnreadableError(ValueError):
    """Why the bytes are no Parquet file that can be read, in a few words."""


class TooLargeError(UnreadableError):
    """It unpacks to more than it may."""


@dataclass(frozen=True, slots=True)
class Parquet:
    """An open file: its columns in their order, and rows of those that are wanted."""

    file: Any
    columns: tuple[tuple[str, Kind], ...]

    def rows(self, names: Sequence[str], most: int) -> Iterator[tuple[Cell, ...]]:
        """The cells of these columns, each of a kind in READ; TooLargeError, first of all, over `most` bytes unpacked."""
        with _told():
            told = self._count(len(names), most)
            for batch in self.file.iter_batches(batch_size=BATCH, columns=list(names), use_threads=False):
                told -= batch.num_rows
                yield from zip(*(_cells(batch.column(name)) for name in names), strict=True)
        if told:
            raise UnreadableError(f"its footer tells of {abs(told)} rows {'more' if told > 0 else 'less'} than there are")

    def _count(self, wanted: int, most: int) -> int:
        """How many rows there are. Sizes are those of all columns: of a single one's, the library ends the process if they are nonsense."""
        footer = self.file.metadata
        groups = [footer.row_group(each) for each in range(footer.num_row_groups)]
        rows, unpacked = sum(group.num_rows for group in groups), sum(group.total_byte_size for group in groups)
        if max(unpacked, rows * wanted * CELL) > most:
            raise TooLargeError(f"its {rows} rows unpack to more than {most} bytes")
        return int(rows)


def opened(data: bytes) -> Parquet:
    """The file in these bytes; SetupError without the extra, UnreadableError for what is no Parquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise SetupError("Parquet needs the extra `parquet`", hint="pip install 'poolkeeper[parquet]', or export CSV") from error
    with _told():
        kinds = _kinds(pq.ParquetFile(pa.BufferReader(data)).schema_arrow)
        # One long text that stands in a million rows is unpacked once.
        texts = [name for name, kind in kinds if kind is Kind.TEXT]
        options = {"read_dictionary": texts, "coerce_int96_timestamp_unit": "ms", "page_checksum_verification": True}
        return Parquet(pq.ParquetFile(pa.BufferReader(data), **options), kinds)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the library raises, in words of ours."""
    import pyarrow as pa

    try:
        yield
    except UnreadableError:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError, LookupError) as error:
        said = " ".join(str(error).split())[:SHOWN]
        raise UnreadableError(f"this is no Parquet that can be read: {said or type(error).__name__}") from error


def _kinds(schema: Any) -> tuple[tuple[str, Kind], ...]:  # noqa: ANN401 - pyarrow has no types
    found = Counter(schema.names)
    return tuple((field.name, _kind(field.type) if found[field.name] == 1 else Kind.TWICE) for field in schema)


def _kind(kind: Any) -> Kind:  # noqa: ANN401 - as above
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_string(inner) or types.is_large_string(inner) or types.is_null(inner):
        return Kind.TEXT
    if types.is_dictionary(kind):
        return Kind.OTHER
    if types.is_timestamp(kind) or types.is_date(kind):
        return Kind.TIME
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return Kind.NUMBER
    return Kind.TRUTH if types.is_boolean(kind) else Kind.OTHER


def _cells(array: Any) -> Sequence[Cell]:  # noqa: ANN401 - as above
    from pyarrow import types

    if types.is_dictionary(array.type):
        words = array.dictionary.to_pylist()
        return [None if place is None else words[place] for place in array.indices.to_pylist()]
    if _kind(array.type) is Kind.TIME:
        return _times(array)
    found: Sequence[Any] = array.to_pylist()
    return [each if each is None or isinstance(each, bool | str) else str(each) for each in found]


def _times(array: Any) -> list[Cell]:  # noqa: ANN401 - as above
    import pyarrow as pa
    from pyarrow.compute import CastOptions

    zoned = bool(getattr(array.type, "tz", None))
    target = pa.timestamp("ms", array.type.tz if zoned else None)
    whole = array.cast(options=CastOptions(target, allow_time_truncate=True)).cast(pa.int64())
    return [None if ms is None else _iso(ms, zoned=zoned) for ms in whole.to_pylist()]


def _iso(ms: int, *, zoned: bool) -> str:
    """What is beyond the calendar is told as it stands, for no reader takes that for a time."""
    try:
        at = EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return f"{ms} ms since 1970"
    return (at.replace(tzinfo=UTC) if zoned else at).isoformat()
