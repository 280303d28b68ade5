"""From a file's bytes to the newest sample of a column."""

import os
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from

from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Instant, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler.service.runtime import SystemRuntime
from autoscaler_file.answers import column, newest
from autoscaler_file.metrics_reader import FileReader, rows_of
from autoscaler_file.settings import FileSettings
from autoscaler_sources.numbers import Value
from tests.parquet_files import INSTANTS, seconds, written
from tests.providers.sources import noise

SOON = Duration(5000)
SITE = Site(name="recorded", cluster=ClusterName("shop"), runtime=SystemRuntime())
NOW = Instant(1_767_225_600_000)
Kind = Literal["csv", "jsonl", "parquet"]


def found(body: str | bytes, kind: Kind, name: str = "n") -> Value | Unknown:
    rows = rows_of(body.encode() if isinstance(body, str) else body, FileSettings(path="/a", format=kind))
    return rows if isinstance(rows, Unknown) else newest(rows, name, NOW)


@pytest.mark.parametrize(
    ("body", "milli"),
    [
        pytest.param("time,n\n1767225600,7\n", 7000, id="a sample of this very moment"),
        pytest.param("time,n\n1767225599,7\n1767225601,9\n", 7000, id="what is later than now is not seen"),
        pytest.param("time,n\n1767225599,7\n1767225000,9\n", 7000, id="the newest need not be the last"),
        pytest.param("time,m,n\r\n2025-12-31T23:59:59Z,1,7.25\r\n", 7250, id="another column, another end of lines, another time"),
        pytest.param("time,n\n1767225500,7\n1767225600,\n", 7000, id="an empty cell is no sample"),
        pytest.param("time,n\n1767225600,7\n1767225600,7.0\n", 7000, id="the same twice is the same"),
        pytest.param("time,n\n1767225500,7\n\n1767225600,12", 7000, id="a last line that is still being written"),
        pytest.param("\ufefftime,n\n1767225600,7\n", 7000, id="a mark of its encoding before all"),
        pytest.param('time,n,say\n1767225600,7,"a, b"\n', 7000, id="a comma in quotes"),
        pytest.param("time,n\n1767225500,-7\n1767225600,7\n", 7000, id="what was no number once"),
        pytest.param("time,n\n1767225600,-7\n", Code.NOT_A_NUMBER, id="below zero"),
        pytest.param("time,n\n1767225600,many\n", Code.NOT_A_NUMBER, id="a word"),
        pytest.param("time,n\n1767225601,7\n", Code.MISSING, id="nothing yet"),
        pytest.param("time,m\n1767225600,7\n", Code.MISSING, id="no such column"),
        pytest.param("time,n\n", Code.MISSING, id="no row"),
        pytest.param("", Code.MISSING, id="nothing at all"),
        pytest.param("time,n\n1767225600,7\n1767225600,8\n", Code.CONTRADICTORY, id="two values at one time"),
        pytest.param("time,n,n\n1767225600,7,7\n", Code.CONTRADICTORY, id="two columns of one name"),
        pytest.param("time,time,n\n1,1767225600,7\n", Code.CONTRADICTORY, id="two times"),
        pytest.param("at,n\n1767225600,7\n", Code.MALFORMED, id="no time"),
        pytest.param("time,n\nyesterday,7\n1767225600,7\n", Code.MALFORMED, id="a time that may be the newest"),
        pytest.param("time,n\n2026-01-01T00:00:00,7\n", Code.MALFORMED, id="a time without a zone"),
        pytest.param("time,n\n1767225600,7,8\n", Code.MALFORMED, id="a cell too many"),
        pytest.param('time,n\n1767225600,"7\n', Code.MALFORMED, id="a quote that is not closed"),
        pytest.param(b"time,n\n1767225600,\xff\n", Code.MALFORMED, id="no text"),
    ],
)
def test_csv(body: str | bytes, milli: int | Code) -> None:
    answer = found(body, "csv")
    assert (answer.why if isinstance(answer, Unknown) else answer.milli) == milli, answer


@pytest.mark.parametrize(
    ("body", "milli"),
    [
        pytest.param('{"time": 1767225600, "n": 7}\n', 7000, id="a number"),
        pytest.param('{"time": "2026-01-01T00:00:00Z", "n": "7.25"}\r\n', 7250, id="texts"),
        pytest.param('{"time": 1767225500, "n": 7}\n\n{"time": 1767225600}\n', 7000, id="a row without it has no sample of it"),
        pytest.param('{"time": 1767225500, "n": 7}\n{"time": 1767225600, "n": null}\n', 7000, id="nor has null"),
        pytest.param('{"time": 1767225500, "n": 7}\n{"time": 1767225600, "n": 1', 7000, id="a last line that is still being written"),
        pytest.param('{"time": 1767225600, "n": "\u2028"}\n', Code.NOT_A_NUMBER, id="what only some take for the end of a line"),
        pytest.param('{"time": 1767225600, "n": NaN}\n', Code.NOT_A_NUMBER, id="not a number"),
        pytest.param('{"time": 1767225600, "n": [7]}\n', Code.MALFORMED, id="a list"),
        pytest.param('{"time": 1767225600, "n": 7, "n": 7}\n', Code.CONTRADICTORY, id="a key twice"),
        pytest.param('{"time": [], "n": 7}\n', Code.MALFORMED, id="no time"),
        pytest.param('[1767225600, 7]\n{"time": 1767225600, "n": 7}\n', Code.MALFORMED, id="a line that is no map"),
        pytest.param('{"time": 1767225600, "n": 7\n', Code.MALFORMED, id="a line that is no JSON"),
    ],
)
def test_json_lines(body: str, milli: int | Code) -> None:
    answer = found(body, "jsonl")
    assert (answer.why if isinstance(answer, Unknown) else answer.milli) == milli, answer


@pytest.mark.parametrize(
    ("columns", "milli"),
    [
        pytest.param([("time", seconds(-60, 0)), ("n", [7, 8])], 8000, id="instants and numbers"),
        pytest.param([("time", seconds(0, -60)), ("n", [7.25, 8])], 7250, id="the newest need not be the last"),
        pytest.param([("time", seconds(0, 1)), ("n", [7, 8])], 7000, id="what is later than now is not seen"),
        pytest.param([("time", seconds(-60, 0)), ("n", [7, None])], 7000, id="null is no sample"),
        pytest.param([("n", [Decimal("7.5")]), ("time", ["2026-01-01T01:00:00+01:00"])], 7500, id="a time as a text, a decimal"),
        pytest.param([("time", [1_767_225_600.0]), ("n", ["7"])], 7000, id="seconds since 1970, a number as a text"),
        pytest.param([("time", seconds(0)), ("n", [7]), ("all", [[1, 2]])], 7000, id="a nested column beside them"),
        pytest.param([("time", seconds(0)), ("n", [float("nan")])], Code.NOT_A_NUMBER, id="not a number"),
        pytest.param([("time", seconds(0)), ("n", [-7])], Code.NOT_A_NUMBER, id="below zero"),
        pytest.param([("time", seconds(0)), ("n", [10**13])], Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param([("time", seconds(0)), ("n", [[7]])], Code.MALFORMED, id="a nested column"),
        pytest.param([("time", seconds(0)), ("n", [True])], Code.MALFORMED, id="a truth"),
        pytest.param([("time", seconds(0)), ("n", [7]), ("n", [7])], Code.CONTRADICTORY, id="two columns of one name"),
        pytest.param([("time", seconds(0, 0)), ("n", [7, 8])], Code.CONTRADICTORY, id="two values at one time"),
        pytest.param([("time", seconds(0)), ("time", seconds(0)), ("n", [7])], Code.CONTRADICTORY, id="two times"),
        pytest.param([("time", seconds(0)), ("m", [7])], Code.MISSING, id="no such column"),
        pytest.param([("time", seconds()), ("n", [])], Code.MISSING, id="no row"),
        pytest.param([("at", seconds(0)), ("n", [7])], Code.MALFORMED, id="no time"),
        pytest.param([("time", [[1]]), ("n", [7])], Code.MALFORMED, id="a nested time"),
        pytest.param([("time", [datetime(2026, 1, 1)]), ("n", [7])], Code.MALFORMED, id="a time without a zone"),  # noqa: DTZ001
        pytest.param([("time", pa.array([None], INSTANTS)), ("n", [7])], Code.MALFORMED, id="a time that may be the newest"),
        pytest.param([("time", seconds(0)), ("n", [7]), ("say", ["x" * 2**23])], Code.TOO_LARGE, id="more than `max_size`, unpacked"),
    ],
)
def test_parquet(columns: list[tuple[str, list[object]]], milli: int | Code) -> None:
    answer = found(written(*columns), "parquet")
    assert (answer.why if isinstance(answer, Unknown) else answer.milli) == milli, answer


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"time,n\n1767225600,7\n", id="another format"),
        pytest.param(written(("time", seconds(0)), ("n", [7]))[:-9], id="one that is still being written"),
    ],
)
def test_what_is_no_parquet(body: bytes) -> None:
    answer = found(body, "parquet")
    assert isinstance(answer, Unknown)
    assert (answer.why, answer.detail.partition(":")[0]) == (Code.MALFORMED, "this is no Parquet that can be read")


def test_a_line_that_cannot_be_read_is_named() -> None:
    answer = found("time,n\n1767225600,7\nyesterday,7\n", "csv")
    assert isinstance(answer, Unknown)
    assert answer.detail.startswith("line 3: 'yesterday' is no time")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("depth", "depth", id="a name"),
        pytest.param('"queue depth"', "queue depth", id="a name with a blank"),
        pytest.param("queue depth", Code.REFUSED, id="two words"),
        pytest.param(" ", Code.REFUSED, id="nothing"),
        pytest.param('"depth', Code.REFUSED, id="a quote that is not closed"),
    ],
)
def test_queries(text: str, name: str | Code) -> None:
    answer = column(text)
    assert (answer.why if isinstance(answer, Unknown) else answer) == name


@pytest.mark.parametrize("amount", noise.AMOUNTS)
@pytest.mark.parametrize(
    ("kind", "good"),
    [
        pytest.param("csv", b'time,n,say\n1767225500,7,"a, b"\n1767225600,8.5,\n', id="csv"),
        pytest.param("jsonl", b'{"time": 1767225500, "n": 7}\n{"time": "2026-01-01T00:00:00Z", "n": "8"}\n', id="jsonl"),
        pytest.param("parquet", written(("time", seconds(-60, 0)), ("n", [7.0, 8.5]), ("say", ["a", None])), id="parquet"),
    ],
)
def test_no_file_of_whatever_content_raises(amount: int, kind: Kind, good: bytes) -> None:
    @noise.of(amount)
    @given(noise.bodies("time", "n", good=good), sampled_from(["n", "time", "say"]))
    def holds(body: bytes, name: str) -> None:
        assert noise.sound(found(body, kind, name))
        assert noise.sound(found(body + b"\n", kind, name))

    holds()


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


def test_one_bad_query_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"at,n\n{SITE.runtime.now()},7\n")
    reader = FileReader(FileSettings(path=f"{tmp_path}/a.txt", format="csv", time="at"), SITE)
    assert codes(reader.read((query("n"), query("n m"), query("m")), SOON)) == [7000, Code.REFUSED, Code.MISSING]


def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"a\.csv cannot be read"):
        FileReader(FileSettings(path=f"{tmp_path}/a.csv"), SITE).read((query("n"),), SOON)


@pytest.mark.parametrize("make", [pytest.param(os.mkfifo, id="a pipe"), pytest.param(os.mkdir, id="a folder")])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.csv")
    with pytest.raises(SetupError, match="no regular file"):
        FileReader(FileSettings(path=f"{tmp_path}/a.csv"), SITE).read((query("n"),), SOON)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"path": "a.csv"}, id="a path from somewhere"),
        pytest.param({"path": "/a.orc"}, id="a format we do not read"),
        pytest.param({"path": "/a.csv", "time": ""}, id="no time"),
        pytest.param({"path": "/a.csv", "max_size": Memory(0)}, id="no room"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        FileSettings(**settings)  # type: ignore[arg-type]
