"""From a URL to a store that was looked over: made where there is none, refused where it is damaged or not ours."""

import os
import sqlite3
import stat
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, StoreError, UsageError
from autoscaler.model.refs import StoreId
from autoscaler.store.database import Database, store_error, told_as_store_error
from autoscaler.store.migrations import prepare
from autoscaler.store.sql_store import SqlStore

OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR
"""Plans and decisions tell a stranger where a cluster is weak."""


def open_sql(url: str, runtime: Runtime) -> SqlStore:
    """The store at `url`: a path, `sqlite:///path`, or a database URL."""
    path = sqlite_path(url)
    engine = _file(path) if path else _server(url)
    database = Database(engine, runtime)
    try:
        if path:
            _sound(database)
        return SqlStore(database, StoreId(prepare(database)))
    except BaseException:
        database.close()
        raise


def sqlite_path(url: str) -> Path | None:
    """The file a URL names; None for a database server's."""
    if "://" not in url:
        return Path(url).expanduser()
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite"):
        return None
    if not rest.startswith("/") or len(rest) == 1:
        raise UsageError(f"{url[:80]!r} names no file", hint="write a path, or sqlite:///relative.db, or sqlite:////absolute/path.db")
    return Path(rest[1:])


def _file(path: Path) -> Engine:
    try:
        # Made by us and not by SQLite, whose files anybody may read until somebody thinks of it; its log takes over these rights.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
        if path.stat().st_mode & ~OWNER_ONLY & 0o777:
            path.chmod(OWNER_ONLY)
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be written: {error.strerror}", hint="make its folder, and give this user the right to write there"
        ) from error
    return create_engine(f"sqlite:///{path}")


def _server(url: str) -> Engine:
    named = url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
    try:
        return create_engine(named, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(
            f"no store can be opened at a URL like {url.partition(':')[0]}:…", hint="write a path or postgresql://…"
        ) from error
    except ImportError as error:
        raise SetupError("the database driver is not installed", hint="pip install 'psycopg[binary]'") from error


def _sound(database: Database) -> None:
    """Refuse a damaged file before anything is added to it."""
    with told_as_store_error(), database.reading() as connection:
        try:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        except sqlite3.DatabaseError as error:
            raise store_error(error) from error
    if found != "ok":
        raise StoreError(
            f"the store's file is damaged: {str(found)[:200]}",
            hint="put a backup in its place, or move it away and run `autoscaler doctor --marks`",
        )
