"""A store in a file: who may read it, what is refused, and what a failure leaves behind."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.schema import CreateTable

from autoscaler.contracts.store import Load, Store, TickRecord
from autoscaler.errors import LostLeaseError, RefusedError, StoreError, UsageError
from autoscaler.model.history import Recommendation
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import MetricName
from autoscaler.store import MemoryStore, open_store
from autoscaler.store.database import Database
from autoscaler.store.migrations import MIGRATIONS, prepare
from autoscaler.store.opening import open_sql, sqlite_path
from autoscaler.store.tables import METADATA
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.stores import SHOP, TTL, a_decision, a_plan, records_of

RUNTIME = VirtualRuntime()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def opened(path: Path) -> Callable[[], Store]:
    return lambda: open_store(str(path), RUNTIME)


def test_only_its_owner_may_read_it_and_its_log(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    store.leases.acquire(SHOP, "one", TTL)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    store.close()
    assert modes == {"state.sqlite": 0o600, "state.sqlite-wal": 0o600, "state.sqlite-shm": 0o600}


def test_rights_too_wide_are_narrowed(path: Path, opened: Callable[[], Store]) -> None:
    opened().close()
    path.chmod(0o644)
    opened().close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_outlives_the_process_and_keeps_its_name(opened: Callable[[], Store]) -> None:
    first = opened()
    plan = a_plan("p")
    first.journal(SHOP).adopt(plan, records_of(plan), first.leases.acquire(SHOP, "one", TTL))
    first.close()
    second = opened()
    assert second.id == first.id
    assert second.journal(SHOP).commitments().records == records_of(plan)
    second.close()


def test_two_processes_share_one_lease(opened: Callable[[], Store]) -> None:
    one, two = opened(), opened()
    one.leases.acquire(SHOP, "one", TTL)
    with pytest.raises(RefusedError, match="one leads shop"):
        two.leases.acquire(SHOP, "two", TTL)
    one.close()
    two.close()


def test_a_paused_process_writes_nothing_when_it_wakes(path: Path) -> None:
    runtime = VirtualRuntime()
    one, two = open_store(str(path), runtime), open_store(str(path), runtime)
    plan, old = a_plan("p"), one.leases.acquire(SHOP, "one", TTL)
    one.journal(SHOP).adopt(plan, records_of(plan), old)
    runtime.advance(Duration(2 * TTL.ms))
    two.leases.acquire(SHOP, "two", TTL)
    with pytest.raises(LostLeaseError):
        one.journal(SHOP).write(records_of(plan)[0], old)
    one.close()
    two.close()


def _overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:12_288] = bytes(range(256)) * 32
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"not a database at all" * 400), id="something else"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), id="cut short"),
        pytest.param(_overwrite, id="overwritten in the middle"),
    ],
)
def test_a_damaged_file_is_refused_with_a_hint_and_left_as_it_is(
    path: Path, opened: Callable[[], Store], spoil: Callable[[Path], object]
) -> None:
    opened().close()
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        opened()
    assert "backup" in caught.value.hint
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused_and_untouched(path: Path, opened: Callable[[], Store]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="something else"):
        opened()
    with sqlite3.connect(path) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["theirs"]
    connection.close()


@pytest.mark.parametrize("version", ["8", "x"])
def test_a_schema_we_do_not_know_is_refused(path: Path, opened: Callable[[], Store], version: str) -> None:
    opened().close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (version,))
    connection.close()
    with pytest.raises(StoreError, match="schema"):
        opened()


WITHOUT_ARRIVALS = ("ALTER TABLE subjects DROP COLUMN arrivals",)
WITHOUT_CLOUDS = (*WITHOUT_ARRIVALS, "ALTER TABLE subjects DROP COLUMN refusals", "ALTER TABLE subjects DROP COLUMN notices")
WITHOUT_IDLE_PLANS = (
    *WITHOUT_CLOUDS,
    "DROP TABLE ticks",
    "CREATE TABLE ticks (cluster TEXT, first BIGINT, last BIGINT, times INTEGER, plan TEXT, problems TEXT, PRIMARY KEY (cluster, first))",
    "INSERT INTO ticks VALUES ('shop', 1, 1, 1, '', '')",
)
WITHOUT_FORECASTS = (*WITHOUT_IDLE_PLANS, "ALTER TABLE subjects DROP COLUMN forecasts", "DROP TABLE loads")
WITHOUT_NOTES = (*WITHOUT_FORECASTS, "ALTER TABLE subjects DROP COLUMN notes")
WITHOUT_LESSONS = (*WITHOUT_NOTES, "ALTER TABLE runs DROP COLUMN ready", "ALTER TABLE subjects DROP COLUMN lesson")


@pytest.mark.parametrize(
    ("version", "lacking"),
    [
        pytest.param("1", WITHOUT_LESSONS, id="from before lessons were learned"),
        pytest.param("2", WITHOUT_NOTES, id="from before rules left notes"),
        pytest.param("3", WITHOUT_FORECASTS, id="from before loads were foreseen"),
        pytest.param("4", WITHOUT_IDLE_PLANS, id="from before plans with nothing to do were kept"),
        pytest.param("5", WITHOUT_CLOUDS, id="from before clouds were heard"),
        pytest.param("6", WITHOUT_ARRIVALS, id="from before machines were waited for"),
    ],
)
def test_an_older_store_is_brought_up_to_date(path: Path, opened: Callable[[], Store], version: str, lacking: tuple[str, ...]) -> None:
    opened().close()
    with sqlite3.connect(path) as connection:
        for statement in lacking:
            connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (version,))
    connection.close()
    store = opened()
    lease = store.leases.acquire(SHOP, "one", TTL)
    told, load = Recommendation(Instant(1000), 3, 2), Load(subject="shop/web", metric=MetricName("rps"), at=Instant(1000), milli=7500)
    store.records(SHOP).remember(TickRecord(at=told.at, recommendations=(("shop/web", told),), loads=(load,)), lease)
    assert store.records(SHOP).histories(Instant(0)).of("shop/web").recommendations == (told,)
    assert store.series(SHOP).read("shop/web", load.metric, Instant(0)) == ((Instant(0), 7.5),)
    store.close()


def test_an_older_schema_is_brought_up_to_date_once(path: Path, opened: Callable[[], Store]) -> None:
    opened().close()
    database = _database(path)
    ran: list[str] = []
    newest = (lambda connection: ran.append(str(connection.execute(text("SELECT 'two'")).scalar())),)
    migrations = (*MIGRATIONS, *newest)
    assert prepare(database, migrations) == prepare(database, migrations)
    assert ran == ["two"]
    database.close()
    with pytest.raises(StoreError, match="schema is 8"):
        opened()


def test_a_failing_migration_leaves_the_store_as_it_was(path: Path, opened: Callable[[], Store]) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (x)"))
        connection.execute(text("oops"))

    opened().close()
    database = _database(path)
    with pytest.raises(StoreError):
        prepare(database, (*MIGRATIONS, half))
    database.close()
    opened().close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    connection.close()


def test_a_full_disk_is_a_store_error_and_nothing_is_half_written(path: Path) -> None:
    store = open_sql(str(path), RUNTIME)
    lease = store.leases.acquire(SHOP, "one", TTL)
    with store._database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    # The limit is a connection's own, and the pool has one: the next write meets a disk without a free page.
    with store._database._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    plan = a_plan("p", steps=2000)
    with pytest.raises(StoreError) as caught:
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
    assert "space" in caught.value.hint
    assert store.journal(SHOP).commitments().plan is None
    store.close()


def test_a_record_changed_by_hand_is_a_store_error(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    plan = a_plan("p")
    store.journal(SHOP).adopt(plan, records_of(plan), store.leases.acquire(SHOP, "one", TTL))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE steps SET body = '{}'")
    connection.close()
    with pytest.raises(StoreError, match="unreadable"):
        store.journal(SHOP).commitments()
    store.close()


def test_a_folder_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(str(tmp_path / "nowhere" / "state.sqlite"), RUNTIME)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        pytest.param("a/b.db", Path("a/b.db"), id="a path"),
        pytest.param("sqlite:///b.db", Path("b.db"), id="a relative one"),
        pytest.param("sqlite:////var/b.db", Path("/var/b.db"), id="an absolute one"),
        pytest.param("postgresql://host/db", None, id="a server"),
    ],
)
def test_which_file_a_url_names(url: str, found: Path | None) -> None:
    assert sqlite_path(url) == found


@pytest.mark.parametrize("url", ["sqlite://b.db", "mongodb://host/db", "sqlite:///"])
def test_a_url_of_nothing_we_know_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError):
        open_store(url, RUNTIME)


def test_sqlite_without_a_path_is_a_store_in_memory() -> None:
    assert isinstance(open_store("sqlite://", RUNTIME), MemoryStore)


def test_the_schema_names_nothing_only_sqlite_has() -> None:
    """One URL away from PostgreSQL: every table can be made there."""
    for table in METADATA.sorted_tables:
        assert "CREATE TABLE" in str(
            CreateTable(table).compile(
                dialect=PGDialect()  # type: ignore[no-untyped-call] # SQLAlchemy types it not
            )
        )


def _database(path: Path) -> Database:
    return Database(create_engine(f"sqlite:///{path}"), RUNTIME)


def test_a_decision_of_the_store_is_what_was_decided(opened: Callable[[], Store]) -> None:
    store = opened()
    decision = a_decision(1000)
    lease = store.leases.acquire(SHOP, "one", TTL)
    store.records(SHOP).remember(TickRecord(at=decision.at, decisions=(decision,)), lease)
    assert store.records(SHOP).decisions(None)[0].decision == decision
    store.close()
