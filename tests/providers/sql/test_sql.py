"""From rows to values, and what databases are told."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import (
    binary,
    booleans,
    datetimes,
    decimals,
    floats,
    integers,
    lists,
    none,
    sampled_from,
    text,
    timedeltas,
    tuples,
)

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler.service.runtime import SystemRuntime
from autoscaler_sources.numbers import Value
from autoscaler_sql.answers import Row, clock, refused, value
from autoscaler_sql.database import Database
from autoscaler_sql.dialects import DIALECTS, POSTGRESQL, one_row
from autoscaler_sql.metrics_reader import SqlReader
from autoscaler_sql.settings import SqlSettings
from tests.providers.sources import noise
from tests.providers.sql.fake_database import RUNTIME, FakeDatabase

SOON = Duration(5000)
NEW_YEAR = 1_767_225_600_000
AT = datetime(2026, 1, 1, tzinfo=UTC)
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - as MySQL gives them
SITE = Site(name="orders", cluster=ClusterName("shop"), runtime=SystemRuntime())


def why(found: object) -> object:
    return found.why if isinstance(found, Unknown) else found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param((7,), Value(7000), id="a whole number"),
        pytest.param((Decimal("12.3456"),), Value(12_346), id="a decimal"),
        pytest.param((1e6,), Value(10**9), id="a float"),
        pytest.param((7, AT), Value(7000, NEW_YEAR), id="with its time"),  # type: ignore[arg-type]
        pytest.param((7, AT.astimezone(timezone(timedelta(hours=5)))), Value(7000, NEW_YEAR), id="in another zone"),  # type: ignore[arg-type]
        pytest.param((7, Decimal("1767225600.5")), Value(7000, NEW_YEAR + 500), id="seconds since 1970"),  # type: ignore[arg-type]
        pytest.param((7, NAIVE), Code.MALFORMED, id="a time without a zone"),
        pytest.param((7, "2026-01-01T00:00:00Z"), Code.MALFORMED, id="a text for a time"),
        pytest.param((7, date(2026, 1, 1)), Code.MALFORMED, id="a day"),
        pytest.param((7, None), Code.MISSING, id="no time"),
        pytest.param((None, AT), Code.MISSING, id="no value"),
        pytest.param((7, True), Code.MALFORMED, id="a boolean for a time"),
        pytest.param((True,), Code.MALFORMED, id="a boolean"),
        pytest.param(("7",), Code.MALFORMED, id="a text"),
        pytest.param((b"7",), Code.MALFORMED, id="bytes"),
        pytest.param((-1,), Code.NOT_A_NUMBER, id="below zero"),
        pytest.param((Decimal("-0"),), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param((Decimal("NaN"),), Code.NOT_A_NUMBER, id="not a number"),
        pytest.param((float("inf"),), Code.NOT_A_NUMBER, id="infinite"),
        pytest.param((10**5000,), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param((1, AT, 3), Code.MALFORMED, id="three columns"),
        pytest.param((), Code.MALFORMED, id="no column"),
    ],
)
def test_rows(row: Row, found: Value | Code) -> None:
    assert why(value([(*row, 1)], naive_is_utc=False)) == found


def test_where_there_are_no_zones_a_time_is_utc() -> None:
    assert value([(7, NAIVE, 1)], naive_is_utc=True) == Value(7000, NEW_YEAR)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        pytest.param("57014", Code.LATE, id="cancelled by its timeout"),
        pytest.param("1969", Code.LATE, id="MariaDB's timeout"),
        pytest.param("3024", Code.LATE, id="MySQL's timeout"),
        pytest.param("42601", Code.REFUSED, id="a query nobody can read"),
        pytest.param("25006", Code.REFUSED, id="a write"),
        pytest.param("1146", Code.REFUSED, id="no such table"),
        pytest.param("53300", Code.UNAVAILABLE, id="too many connections"),
        pytest.param("1040", Code.UNAVAILABLE, id="too many connections of MySQL"),
        pytest.param("40P01", Code.UNAVAILABLE, id="a deadlock"),
    ],
)
def test_refusals(state: str, code: Code) -> None:
    found = refused(state, "ERROR:  relation\nLINE 2: …" * 40)
    assert (found.why, len(found.detail), "\n" in found.detail) == (code, 200, False)


CELLS = (
    none()
    | booleans()
    | integers()
    | floats()
    | decimals()
    | text(max_size=9)
    | binary(max_size=9)
    | timedeltas()
    | sampled_from([10**5000])
)
TIMES = datetimes() | datetimes(timezones=sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_no_row_of_whatever_shape_raises(amount: int) -> None:
    @noise.of(amount)
    @given(lists(tuples(CELLS, CELLS) | tuples(CELLS, TIMES, CELLS) | tuples(CELLS) | tuples(), max_size=2), booleans())
    def holds(rows: list[Row], naive_is_utc: bool) -> None:  # noqa: FBT001 - drawn
        rows = [row or (None,) for row in rows]
        assert noise.sound(value(rows, naive_is_utc=naive_is_utc))
        found = clock(rows)
        assert found is None or isinstance(found, int)

    holds()


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


def test_each_distinct_query_is_asked_once() -> None:
    settings = SqlSettings(url=Url("mysql://db/shop"))
    reader = SqlReader(settings, SITE)
    database = reader._database = FakeDatabase(settings)
    database.rows = {"SELECT 1": [(1,)], "SELECT 2": Unknown(Code.REFUSED, "no")}
    assert codes(reader.read((query("SELECT 1"), query("SELECT 2"), query("SELECT 1")), SOON)) == [1000, Code.REFUSED, 1000]
    assert sorted(database.asked) == ["SELECT 1", "SELECT 2"]


@pytest.mark.parametrize(
    ("ahead", "at", "found"),
    [
        pytest.param(20_000, 19, 7000, id="a clock ahead: its samples are not of the future"),
        pytest.param(-20_000, -79, 7000, id="a clock behind: its samples are not older than they are"),
        pytest.param(40_000, 40, Code.SKEWED, id="a clock too far ahead"),
        pytest.param(0, -61, Code.STALE, id="an old sample"),
        pytest.param(0, 40, Code.SKEWED, id="a sample of the future"),
    ],
)
def test_the_age_is_by_the_servers_own_clock(ahead: int, at: int, found: int | Code) -> None:
    settings = SqlSettings(url=Url("mysql://db/shop"))
    reader = SqlReader(settings, SITE)
    database = reader._database = FakeDatabase(settings)
    database.ahead = ahead
    database.rows = {"SELECT 7": [(7, RUNTIME.now() / 1000 + at)]}
    assert codes(reader.read((query("SELECT 7"),), SOON)) == [found]


def test_a_query_is_a_part_of_ours_and_keeps_its_percent_signs() -> None:
    assert one_row("SELECT 5 % 2 -- odd", POSTGRESQL) == (
        "SELECT answer.*, extract(epoch from clock_timestamp()) FROM (\nSELECT 5 %% 2 -- odd\n) AS answer LIMIT %s"
    )


@pytest.mark.parametrize("scheme", DIALECTS)
def test_nobody_there_is_unavailable_and_the_password_in_no_word(scheme: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    settings = SqlSettings(url=Url(f"{scheme}://reader@127.0.0.1:1/shop"), password=Secret.parse(f"${{file:{tmp_path}/password}}"))
    with pytest.raises(UnavailableError, match=rf"{scheme}://127\.0\.0\.1/shop does not answer") as caught:
        SqlReader(settings, SITE).read((query("SELECT 1"),), SOON)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_password_that_is_not_there_says_so(tmp_path: Path) -> None:
    settings = SqlSettings(url=Url("postgresql://127.0.0.1:1/shop"), password=Secret.parse(f"${{file:{tmp_path}/nothing}}"))
    with pytest.raises(SetupError, match="cannot be read"):
        SqlReader(settings, SITE).read((query("SELECT 1"),), SOON)


def test_authorities_that_are_not_there_say_so(tmp_path: Path) -> None:
    settings = SqlSettings(url=Url("mariadb://127.0.0.1:1/shop"), ca=f"{tmp_path}/ca.pem")
    with pytest.raises(SetupError, match=r"ca\.pem cannot be read"):
        SqlReader(settings, SITE).read((query("SELECT 1"),), SOON)


def test_a_driver_that_is_not_there_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SetupError) as caught:
        Database(SqlSettings(url=Url("postgresql://db/shop")), SystemRuntime()).open()
    assert caught.value.hint == "pip install 'poolkeeper[postgresql]'"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"url": Url("sqlite:///file")}, id="another kind"),
        pytest.param({"url": Url("postgresql://db")}, id="no database"),
        pytest.param({"url": Url("postgresql:///shop")}, id="no host"),
        pytest.param({"url": Url("postgresql://db/shop?sslmode=disable")}, id="options of the driver"),
        pytest.param({"url": Url("postgresql://db/shop"), "ca": "ca.pem"}, id="a path from somewhere"),
        pytest.param({"url": Url("postgresql://db/shop"), "timeout": Duration(0)}, id="no time"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        SqlSettings(**settings)  # type: ignore[arg-type]


def test_looking_at_the_plugin_loads_no_driver() -> None:
    program = "import sys, autoscaler_sql.plugin; print({'sqlalchemy', 'psycopg', 'pymysql'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "set()"
