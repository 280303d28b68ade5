"""Parquet files for tests, as their bytes."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

NOON = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = pa.timestamp("ms", tz="UTC")


def written(*columns: tuple[str, Sequence[Any] | pa.Array], **options: Any) -> bytes:  # noqa: ANN401 - pyarrow's own
    """A file of these columns, in this order; two may have one name."""
    made = pa.Table.from_arrays([pa.array(values) for _, values in columns], names=[name for name, _ in columns])
    with io.BytesIO() as file:
        pq.write_table(made, file, **options)
        return file.getvalue()


def seconds(*values: float) -> pa.Array:
    """Instants, each so many seconds after the year 2026 began."""
    return pa.array([round((NOON.timestamp() + value) * 1000) for value in values], INSTANTS)
