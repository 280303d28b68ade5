"""Reads columns, the file once for all of them."""

import os
import stat

from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_file.answers import column, newest
from autoscaler_file.packed import packed
from autoscaler_file.settings import FileSettings
from autoscaler_file.tables import Row, table
from autoscaler_sources.asking import ask_each
from autoscaler_sources.freshness import fresh

Rows = tuple[Row, ...]


class FileReader:
    """One file, read anew each time."""

    def __init__(self, settings: FileSettings, site: Site) -> None:
        self._settings = settings
        self._site = site

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """The newest sample of each column that is not later than now by our clock, which may be one of a simulation."""
        now = self._site.runtime.now()
        path = self._settings.path
        rows = ask_each(self._site, [path] if queries else [], deadline, self._rows).get(path, ())
        return tuple(rows if isinstance(rows, Unknown) else _reading(query, rows, now) for query in queries)

    def _rows(self, path: str, within: Duration) -> Rows | Unknown:
        del within  # a file is read or not; what hangs, as on a lost network drive, ends with the deadline of all
        body = self._body(path)
        return body if isinstance(body, Unknown) else rows_of(body, self._settings)

    def _body(self, path: str) -> bytes | Unknown:
        try:
            body = _begin_of(path, self._settings.max_size.bytes + 1)
        except PermissionError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}", hint="let this process read it") from error
        except OSError as error:
            raise UnavailableError(f"{path} cannot be read: {error.strerror}", hint="is it there? see `path` of the source") from error
        if len(body) > self._settings.max_size.bytes:
            return Unknown(Code.TOO_LARGE, f"the file is larger than {self._settings.max_size}")
        return body


def rows_of(body: bytes, settings: FileSettings) -> Rows | Unknown:
    """A file's rows, as its format has them."""
    if settings.kind == "parquet":
        return packed(body, settings.time, settings.max_size.bytes)
    return table(body, settings.kind, settings.time)


def _begin_of(path: str, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait for its other end
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SetupError(f"{path} is no regular file", hint="see `path` of the source")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(most)
    finally:
        os.close(descriptor)


def _reading(query: MetricQuery, rows: Rows, now: Instant) -> Reading:
    name = column(query.text)
    found = name if isinstance(name, Unknown) else newest(rows, name, now)
    return found if isinstance(found, Unknown) else fresh(found, clock=None, now=now, stale_after=query.stale_after)
