"""From the rows of an answer to a value at its own time, or to the reason there is none. Pure."""

from datetime import UTC, datetime
from decimal import Decimal

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import instant, moment
from autoscaler_sources.numbers import Value, count
from autoscaler_sources.wording import unknown

Row = tuple[object, ...]

TIMED = 3
"""Columns of a row that has a time of its own; the last one is the server's clock."""

BY_STATE = {"57014": Code.LATE, "1969": Code.LATE, "3024": Code.LATE}
"""SQLSTATE of PostgreSQL, or number of MySQL and MariaDB, of a query that took too long."""

BUSY = ("40", "53", "55", "57", "58", "XX")
"""Classes of SQLSTATE that speak of the server, not of the query."""

BUSY_NUMBERS = ("1040", "1053", "1205", "1213", "1290")
"""The same of MySQL and MariaDB: too many connections, ending, locks, restricted by an option."""


def value(rows: list[Row], *, naive_is_utc: bool) -> Value | Unknown:
    """The one value a query gives. `naive_is_utc`: a time without a zone is taken for one."""
    if not rows:
        return Unknown(Code.MISSING, "the query gives no row")
    if len(rows) > 1:
        return Unknown(Code.CONTRADICTORY, "the query gives more than one row where one is meant; sum or average them")
    *columns, _ = rows[0]
    match columns:
        case [cell]:
            found = _count(cell)
            return found if isinstance(found, Unknown) else Value(found)
        case [cell, time]:
            found, at = _count(cell), _moment(time, naive_is_utc=naive_is_utc)
            if isinstance(found, Unknown):
                return found
            return at if isinstance(at, Unknown) else Value(found, at)
        case _:
            return unknown(Code.MALFORMED, f"the query gives {len(columns)} columns; a number, or a number and its time are meant")


def clock(rows: list[Row]) -> Instant | None:
    """What the server's clock showed."""
    found = _moment(rows[0][-1], naive_is_utc=False) if rows and rows[0] else None
    return None if isinstance(found, Unknown) else found


def refused(state: str, words: str) -> Unknown:
    """Why a query has no answer, by the server's own code for it."""
    busy = state.startswith(BUSY) if len(state) == len("57014") else state in BUSY_NUMBERS
    return unknown(BY_STATE.get(state, Code.UNAVAILABLE if busy else Code.REFUSED), words)


def _count(cell: object) -> int | Unknown:
    match cell:
        case None:
            return Unknown(Code.MISSING, "the value is NULL")
        case int() | float() | Decimal() if not isinstance(cell, bool):
            return count(_text(cell))
        case _:
            return unknown(Code.MALFORMED, f"the value is a {type(cell).__name__}, not a number; cast it")


def _moment(cell: object, *, naive_is_utc: bool) -> Instant | Unknown:
    match cell:
        case None:
            return Unknown(Code.MISSING, "the value's time is NULL")
        case int() | float() | Decimal() if not isinstance(cell, bool):
            return moment(_text(cell))
        case datetime() if cell.tzinfo:
            return instant(cell)
        case datetime() if naive_is_utc:
            return instant(cell.replace(tzinfo=UTC))
        case datetime():
            return Unknown(Code.MALFORMED, "the value's time has no zone; make it a timestamptz, as in `at AT TIME ZONE 'UTC'`")
        case _:
            return unknown(Code.MALFORMED, f"the value's time is a {type(cell).__name__}, not a timestamp; cast it")


def _text(cell: float | Decimal) -> str:
    # Of an int through Decimal: Python refuses to print very long ones.
    return str(Decimal(cell) if isinstance(cell, int) else cell)
