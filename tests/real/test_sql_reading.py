"""What real databases answer, and what is made of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, Unknown, averaged
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_sql.database import Database
from autoscaler_sql.metrics_reader import SqlReader
from autoscaler_sql.settings import SqlSettings
from tests.real.servers import MariaDb, Postgres
from tests.real.waiting import free_port

pytestmark = pytest.mark.real
SOON = Duration(10_000)
SITE = Site(name="orders", cluster=ClusterName("lab"), runtime=SystemRuntime())


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    found = Postgres()
    fill(f"postgresql+psycopg://{found.address}", "timestamptz", "CREATE SEQUENCE ids")
    yield f"postgresql://{found.address}"
    found.stop()


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    found = MariaDb()
    fill(f"mariadb+pymysql://{found.address}", "timestamp")
    yield f"mariadb://{found.address}"
    found.stop()


def fill(url: str, timestamp: str, *more: str) -> None:
    """Seven orders, one of them a percent sign, the last of them of now; and what was measured long ago."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for each in (
            f"CREATE TABLE orders (name text, at {timestamp})",
            "INSERT INTO orders VALUES ('100%%', current_timestamp)",
            *["INSERT INTO orders VALUES ('x', current_timestamp)"] * 6,
            *more,
        ):
            connection.exec_driver_sql(each)
    engine.dispose()


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("lab/web"), text=text)


def read(reader: SqlReader, text: str) -> Sample | Unknown:
    return averaged(reader.read((query(text),), SOON)[0])


GOOD = {
    "SELECT count(*) FROM orders": 7000,
    "SELECT count(*) FROM orders WHERE name LIKE '%0%' -- of those with a percent sign": 1000,
    "SELECT avg(12.3456)": 12_346,
    "WITH few AS (SELECT name FROM orders WHERE name = 'x') SELECT count(*) FROM few": 6000,
    "SELECT count(*), max(at) FROM orders": 7000,
}
BAD = [
    pytest.param("SELECT 1 WHERE 1 = 0", Code.MISSING, id="no row"),
    pytest.param("SELECT max(name) FROM orders WHERE 1 = 0", Code.MISSING, id="no value"),
    pytest.param("SELECT name FROM orders", Code.CONTRADICTORY, id="two rows"),
    pytest.param("SELECT max(name) FROM orders", Code.MALFORMED, id="a text"),
    pytest.param("SELECT 1 AS a, max(at) AS b, 3 AS c FROM orders", Code.MALFORMED, id="three columns"),
    pytest.param("SELECT -3", Code.NOT_A_NUMBER, id="below zero"),
    pytest.param("SELECT 1, max(at) - interval '2' minute FROM orders", Code.STALE, id="an old sample"),
    pytest.param("SELECT 1, max(at) + interval '2' minute FROM orders", Code.SKEWED, id="a sample of the future"),
    pytest.param("SELECT 1 FROM nowhere", Code.REFUSED, id="no such table"),
    pytest.param("SELEC 1", Code.REFUSED, id="a query nobody can read"),
    pytest.param("DELETE FROM orders", Code.REFUSED, id="a write"),
    pytest.param("SELECT 1) AS answer; DELETE FROM orders; SELECT (1", Code.REFUSED, id="a write that hides behind a question"),
    pytest.param("SELECT 1;", Code.REFUSED, id="an end in the midst"),
]


class RealDatabase(MetricsContract):
    """The same of each kind."""

    @pytest.fixture
    def reader(self) -> SqlReader:
        raise NotImplementedError

    @pytest.fixture
    def metrics(self, reader: SqlReader) -> Metrics:
        def break_down() -> None:
            # The server is shared by these tests: the reader is sent to where nobody listens.
            found = reader._database._settings
            elsewhere = SqlSettings(url=Url(f"{found.parts.scheme}://root@127.0.0.1:{free_port()}/nowhere"))
            reader._database = Database(elsewhere, SITE.runtime)

        return Metrics(reader=reader, good=tuple(map(query, GOOD)), values=tuple(GOOD.values()), break_down=break_down)

    @pytest.mark.parametrize(("text", "why"), BAD)
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, reader: SqlReader, text: str, why: Code) -> None:  # type: ignore[override]
        found = read(reader, text)
        assert isinstance(found, Unknown), found
        assert found.why is why, found
        assert isinstance(still := read(reader, "SELECT count(*) FROM orders"), Sample)
        assert still.milli == 7000


class TestRealPostgres(RealDatabase):
    @pytest.fixture
    def reader(self, postgres: str) -> SqlReader:
        return SqlReader(SqlSettings(url=Url(postgres), timeout=Duration(500)), SITE)

    def test_a_slow_query_is_late(self, reader: SqlReader) -> None:
        assert isinstance(found := read(reader, "SELECT count(*) FROM (SELECT pg_sleep(5)) AS slept"), Unknown)
        assert found.why is Code.LATE, found

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            pytest.param("SELECT 'NaN'::float", Code.NOT_A_NUMBER, id="not a number"),
            pytest.param("SELECT 'infinity'::float", Code.NOT_A_NUMBER, id="infinite"),
            pytest.param("SELECT 1e300::numeric", Code.NOT_A_NUMBER, id="beyond all bounds"),
            pytest.param("SELECT 1, 'infinity'::timestamptz", Code.MALFORMED, id="a time without end, which the driver cannot hold"),
            pytest.param("SELECT 1, localtimestamp", Code.MALFORMED, id="a time without a zone"),
            pytest.param("SELECT nextval('ids')", Code.REFUSED, id="a function that writes"),
            pytest.param("SELECT 1 FROM set_config('transaction_read_only', 'off', true)", Code.REFUSED, id="a way out of only reading"),
        ],
    )
    def test_what_only_postgresql_says(self, reader: SqlReader, text: str, why: Code) -> None:
        found = read(reader, text)
        assert isinstance(found, Unknown), found
        assert found.why is why, found


class TestRealMariaDb(RealDatabase):
    @pytest.fixture
    def reader(self, mariadb: str) -> SqlReader:
        return SqlReader(SqlSettings(url=Url(mariadb), timeout=Duration(500)), SITE)

    def test_a_slow_query_is_late(self, reader: SqlReader) -> None:
        assert isinstance(found := read(reader, "SELECT sleep(5)"), Unknown)
        assert found.why is Code.LATE, found
