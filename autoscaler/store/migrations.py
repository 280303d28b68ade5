"""The schema and its versions: an older store is brought up to date in one transaction, a newer one is left alone."""

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select, text, update

from autoscaler.errors import StoreError
from autoscaler.store.database import Database
from autoscaler.store.tables import LOADS, META, METADATA, TICKS

Migration = Callable[[Connection], None]


def _lessons(connection: Connection) -> None:
    """Recommendations know how many replicas were ready, subjects what was learned of them."""
    connection.execute(text("ALTER TABLE runs ADD COLUMN ready BIGINT NOT NULL DEFAULT 0"))
    connection.execute(text("ALTER TABLE subjects ADD COLUMN lesson TEXT"))


def _notes(connection: Connection) -> None:
    """Subjects know what their rules asked to be told again."""
    connection.execute(text("ALTER TABLE subjects ADD COLUMN notes TEXT"))


def _forecasts(connection: Connection) -> None:
    """Subjects know what is foreseen for their rules, and the store remembers loads that nobody else does."""
    connection.execute(text("ALTER TABLE subjects ADD COLUMN forecasts TEXT"))
    LOADS.create(connection)


def _idle_plans(connection: Connection) -> None:
    """Ticks know what a plan said that had nothing to do; what they knew before was never read."""
    connection.execute(text("DROP TABLE ticks"))
    TICKS.create(connection)


def _clouds(connection: Connection) -> None:
    """Pools know what their cloud had none of, and which machines it is about to take."""
    connection.execute(text("ALTER TABLE subjects ADD COLUMN refusals TEXT"))
    connection.execute(text("ALTER TABLE subjects ADD COLUMN notices TEXT"))


def _arrivals(connection: Connection) -> None:
    """Pools know which of their machines have still to join."""
    connection.execute(text("ALTER TABLE subjects ADD COLUMN arrivals TEXT"))


MIGRATIONS: tuple[Migration, ...] = (_lessons, _notes, _forecasts, _idle_plans, _clouds, _arrivals)
"""From version n+1 to n+2, each tested from a store that the released version wrote."""


def prepare(database: Database, migrations: tuple[Migration, ...] = MIGRATIONS) -> str:
    """Make the tables where there are none, or bring them up to date; the store's id."""
    newest = len(migrations) + 1
    with database.writing() as connection:
        if not inspect(connection).has_table("meta"):
            _create(connection, database.new_id(), newest)
        rows = connection.execute(select(META.c.key, META.c.value))
        known = {str(key): str(value) for key, value in rows}
        version = known.get("schema", "")
        if not version.isdigit() or "store" not in known or not 1 <= int(version) <= newest:
            raise StoreError(
                f"the store's schema is {version or 'unknown'}, this version knows 1 to {newest}",
                hint="use the version of autoscaler that wrote it, or name another path",
            )
        for migrate in migrations[int(version) - 1 :]:
            migrate(connection)
        connection.execute(update(META).where(META.c.key == "schema").values(value=str(newest)))
        return known["store"]


def _create(connection: Connection, store: str, version: int) -> None:
    if inspect(connection).get_table_names():
        raise StoreError("this database holds tables of something else", hint="name a path or database of autoscaler's own")
    METADATA.create_all(connection)
    connection.execute(META.insert(), [{"key": "store", "value": store}, {"key": "schema", "value": str(version)}])
