"""Asks one database: only reading, bounded in time, and no secret in any error."""

import math
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import LONGEST, Unknown
from autoscaler_sources.wording import unknown
from autoscaler_sql.answers import Row, refused
from autoscaler_sql.dialects import CONNECT_S, Dialect, one_row
from autoscaler_sql.settings import SqlSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

AT_ONCE = 2
"""Connections: those of a database are dear."""

KEPT_S = 300
HINT = "is it running, and reachable from here? see `url` and `password` of the source"
SERVERS_NUMBERS = range(1000, 2000), range(3000, 6000)
"""Of MySQL and MariaDB; between them are those of the driver, when a connection is lost or cannot be made."""

Answer = tuple[list[Row], Instant]
"""At most two rows, and our time in the middle between question and answer."""


class Database:
    """Connects at the first question and keeps a few connections."""

    def __init__(self, settings: SqlSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._engine: Engine | None = None

    def ask(self, query: str, within: Duration) -> Answer | Unknown:
        """The rows; Unknown for a query that is refused or takes too long, UnavailableError when nobody answers."""
        from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError

        span = min(within.ms, self._settings.timeout.ms)
        try:
            with self.open().connect() as connection:
                return self._asked(connection, query, span)
        except DBAPIError as error:
            state = _state(error)
            if isinstance(error, DataError) and not state:
                return unknown(Code.MALFORMED, self._words(error.orig or error))
            if error.connection_invalidated or not state:
                raise self._unavailable(error.orig or error) from error
            return refused(state, self._words(error.orig or error))
        except SQLAlchemyError as error:
            raise self._unavailable(error) from error
        except OSError as error:
            raise SetupError(
                f"the file of authorities {self._settings.ca} cannot be read: {error}", hint="see `ca` of the source"
            ) from error

    def _asked(self, connection: "Connection", query: str, span: int) -> Answer:
        dialect = self._settings.dialect
        connection = connection.execution_options(**dict(dialect.options))
        for each in dialect.prepare:
            connection.exec_driver_sql(each.format(ms=span, s=span / 1000))
        began = self._runtime.now()
        rows: list[Row] = [tuple(row) for row in connection.exec_driver_sql(one_row(query, dialect), (2,))]
        return rows, Instant((began + self._runtime.now()) // 2)

    def _unavailable(self, error: BaseException) -> UnavailableError:
        words = " ".join(self._words(error).split())[:LONGEST]
        return UnavailableError(f"{self._settings.shown} does not answer: {words}", hint=HINT)

    def _words(self, error: BaseException) -> str:
        """The driver's words. No driver repeats the password, and should one begin to, it is cut out."""
        words, password = str(error), self._settings.password
        return words.replace(password.reveal(), "…") if password else words

    def open(self) -> "Engine":
        """The connections, none made yet; the password is read anew for each."""
        from sqlalchemy import URL, create_engine, event

        if self._engine is None:
            one, dialect = self._settings, self._settings.dialect
            url = URL.create(dialect.driver, username=one.user, host=one.parts.hostname, port=one.parts.port, database=one.database)
            try:
                made = create_engine(
                    url,
                    pool_size=AT_ONCE,
                    max_overflow=AT_ONCE,
                    pool_timeout=CONNECT_S,
                    pool_pre_ping=True,
                    pool_recycle=KEPT_S,
                    connect_args=_connect(one, dialect),
                )
            except ImportError as error:
                raise SetupError("the database's driver is not installed", hint=f"pip install 'poolkeeper[{dialect.extra}]'") from error
            if one.password:
                event.listen(made, "do_connect", _with_password(one))
            weakref.finalize(self, made.dispose)
            self._engine = made
        return self._engine


def _connect(settings: SqlSettings, dialect: Dialect) -> dict[str, object]:
    """What the driver is told beside the address."""
    told = dict(dialect.connect)
    if dialect.reads_in_time:
        told |= dict.fromkeys(("read_timeout", "write_timeout"), math.ceil(settings.timeout.ms / 1000) + 1)
    if settings.ca:
        told |= {**dict(dialect.verified), dialect.ca_field: settings.ca}
    return told


def _with_password(settings: SqlSettings) -> Callable[..., None]:
    def add(_dialect: object, _record: object, _positional: object, named: dict[str, object]) -> None:
        named["password"] = settings.password.reveal() if settings.password else None

    return add


def _state(error: "DBAPIError") -> str:
    """The number that MySQL and MariaDB give, PostgreSQL's SQLSTATE; empty where it was the driver who gave up."""
    match error.orig:
        case BaseException(args=(int(number), *_)):
            return str(number) if any(number in each for each in SERVERS_NUMBERS) else ""
        case _:
            return getattr(error.orig, "sqlstate", None) or ""
