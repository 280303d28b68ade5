"""From the bytes of a Parquet file to samples, each with its time."""

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler.parquet import READ, Kind, Parquet, TooLargeError, UnreadableError, opened
from autoscaler_file.tables import Cells, Row, row_of
from autoscaler_sources.json_values import Twice
from autoscaler_sources.wording import unknown


def packed(body: bytes, time: str, most: int) -> tuple[Row, ...] | Unknown:
    """All rows; TOO_LARGE when they unpack to more than `most` bytes; MALFORMED names the row without a time, for it may be the newest."""
    try:
        return _rows(opened(body), time, most)
    except TooLargeError as error:
        return unknown(Code.TOO_LARGE, str(error))
    except UnreadableError as error:
        return unknown(Code.MALFORMED, str(error))


def _rows(file: Parquet, time: str, most: int) -> tuple[Row, ...] | Unknown:
    names = [name for name, kind in file.columns if kind in READ]
    rest: Cells = {name: Twice() if kind is Kind.TWICE else kind for name, kind in file.columns if kind not in READ}
    if time not in names and isinstance(wrong := row_of(rest, time), Unknown):
        return wrong
    rows: list[Row] = []
    for number, cells in enumerate(file.rows(names, most), start=1):
        row = row_of({**dict(zip(names, cells, strict=True)), **rest}, time)
        if isinstance(row, Unknown):
            return unknown(row.why, f"row {number}: {row.detail}")
        rows.append(row)
    return tuple(rows)
