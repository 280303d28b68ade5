"""From a file's rows to the newest value of one column. Pure."""

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_file.tables import EMPTY, Row
from autoscaler_sources.json_values import counted
from autoscaler_sources.numbers import Value
from autoscaler_sources.query_words import SHOWN, split
from autoscaler_sources.wording import unknown


def column(query: str) -> str | Unknown:
    """The one name a query is; REFUSED says at which character it goes wrong."""
    match split(query):
        case Unknown() as found:
            return found
        case [(name, _)]:
            return name
        case [_, (word, at), *_]:
            return unknown(Code.REFUSED, f'{word[:SHOWN]!r} at character {at} is too much; write a column, as in depth or "queue depth"')
        case _:
            return unknown(Code.REFUSED, 'the query is empty; write a column, as in depth or "queue depth"')


def newest(rows: tuple[Row, ...], name: str, now: Instant) -> Value | Unknown:
    """The newest value of a column that is not later than `now`; a row without one has no sample of it."""
    past = [row for row in rows if row.at <= now and row.cells.get(name) not in EMPTY]
    if not past:
        return _missing(rows, name)
    at = max(row.at for row in past)
    found = {counted(row.cells[name], texts=True) for row in past if row.at == at}
    if len(found) > 1:
        return unknown(Code.CONTRADICTORY, f"{name[:SHOWN]!r} has two values at one time")
    (milli,) = found
    return milli if isinstance(milli, Unknown) else Value(milli, at)


def _missing(rows: tuple[Row, ...], name: str) -> Unknown:
    if any(name in row.cells for row in rows):
        return unknown(Code.MISSING, f"{name[:SHOWN]!r} has no value that is not later than now")
    names = sorted({key for row in rows[-1:] for key in row.cells})
    return unknown(Code.MISSING, f"there is no column {name[:SHOWN]!r}; there are {', '.join(names)}" if names else "the file has no row")
