"""From a text's bytes to samples, each with its time. Pure."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.json_values import JsonNumber, Twice, load
from autoscaler_sources.moments import moment
from autoscaler_sources.wording import unknown

SHOWN = 40
EMPTY = (None, "")
"""What stands where a row has no sample of a column."""

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One row's cells by column, texts in CSV; and when they were taken."""

    at: Instant
    cells: Cells


def table(body: bytes, kind: Literal["csv", "jsonl"], time: str) -> tuple[Row, ...] | Unknown:
    """All rows of a file of text; MALFORMED names the line of one that cannot be read, for it may be the newest.

    A last line without its end is still being written: of `1234` it may hold `12`.
    """
    try:
        lines = body[: body.rfind(b"\n") + 1].decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        return Unknown(Code.MALFORMED, "the file is no UTF-8 text")
    rows: list[Row] = []
    for number, cells in _csv(lines) if kind == "csv" else _json(lines):
        row = cells if isinstance(cells, Unknown) else row_of(cells, time)
        if isinstance(row, Unknown):
            return unknown(row.why, f"line {number}: {row.detail}")
        rows.append(row)
    return tuple(rows)


def _csv(lines: list[str]) -> Iterator[tuple[int, Cells | Unknown]]:
    reader = csv.reader(lines, strict=True)
    try:
        head = next(reader, [])
        twice = {name: Twice() for name in head if head.count(name) > 1}
        for cells in reader:
            if len(cells) == len(head):
                yield reader.line_num, {**dict(zip(head, cells, strict=True)), **twice}
            elif cells:
                yield reader.line_num, unknown(Code.MALFORMED, f"{len(cells)} cells, where the first line has {len(head)}")
    except csv.Error as error:
        yield reader.line_num, unknown(Code.MALFORMED, str(error))


def _json(lines: list[str]) -> Iterator[tuple[int, Cells | Unknown]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found = load(line)
            yield number, found if isinstance(found, dict | Unknown) else Unknown(Code.MALFORMED, "this is no JSON object")


def row_of(cells: Cells, time: str) -> Row | Unknown:
    """The row, with its own time; MALFORMED or CONTRADICTORY without one."""
    match cells.get(time):
        case None:
            return unknown(Code.MALFORMED, f"there is no time {time[:SHOWN]!r}")
        case JsonNumber(text) | str(text):
            at = moment(text)
            return at if isinstance(at, Unknown) else Row(at, cells)
        case Twice():
            return unknown(Code.CONTRADICTORY, f"{time[:SHOWN]!r} is given twice")
        case _:
            return unknown(Code.MALFORMED, f"the time {time[:SHOWN]!r} is no time")
