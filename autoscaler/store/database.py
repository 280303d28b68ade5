"""One database, as the rest of the store uses it: transactions, the clock, and every failure as a StoreError.

What SQLite and PostgreSQL do differently stands here and nowhere else: how a writer excludes other writers, and whose clock is right.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, StoreError
from autoscaler.model.codec import FormatError
from autoscaler.model.quantities import Instant

BUSY_MS = 5000
"""How long a writer waits for another one: longer than any transaction of ours."""

HINTS = (
    ("disk is full", "free some space; nothing is done until the journal can be written"),
    ("readonly", "give this user the right to write the store's file and its folder"),
    ("malformed", "the file is damaged: put a backup in its place, or move it away and run `autoscaler doctor --marks`"),
    ("not a database", "the file is damaged or not ours: put a backup in its place, or name another path"),
    ("locked", "another process holds the store for long: see which, and end it"),
    ("unable to open", "make the folder, and give this user the right to write there"),
)


class Database:
    """An engine and its two kinds of transaction."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        self._engine = engine
        self._runtime = runtime
        self._sqlite = engine.dialect.name == "sqlite"
        if self._sqlite:
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent look; blocks nobody."""
        with told_as_store_error(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """All or nothing; one writer at a time from the first statement on, so that what is checked still holds when it commits."""
        with told_as_store_error(), self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with writer.begin():
                yield writer

    def clock(self, connection: Connection) -> Instant:
        """The store's own time, which leases go by: the server's; of a file, which has none, the Runtime's."""
        if self._sqlite:
            return self._runtime.now()
        return Instant(connection.execute(text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")).scalar_one())

    @property
    def runtime(self) -> Runtime:
        """Our own clocks, beside the store's."""
        return self._runtime

    def new_id(self) -> str:
        """A name nobody else has."""
        return self._runtime.new_id()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


@contextmanager
def told_as_store_error() -> Generator[None]:
    """Whatever the database says, as one of ours; rolled back by then."""
    try:
        yield
    except SQLAlchemyError as error:
        raise store_error(error) from error
    except FormatError as error:
        raise StoreError(f"the store holds something unreadable: {error}", hint=error.hint) from error


def store_error(error: Exception) -> AutoscalerError:
    """The error with the hint its text asks for."""
    words = str(getattr(error, "orig", None) or error)
    hint = next((hint for sign, hint in HINTS if sign in words.lower()), "see what the database says; nothing was written")
    return StoreError(f"the store does not answer: {words[:200]}", hint=hint)


def _set_up_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - a connection of whichever driver
    """Write-ahead log, so that readers and the one writer do not wait for each other; on disk before a commit returns."""
    connection.isolation_level = None  # the driver's own BEGIN comes too late to keep other writers out
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_MS}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
