"""Recorded loads: every usual form is read, and what is wrong is told with its row."""

import re
from contextlib import suppress
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis.strategies import binary

from autoscaler.errors import UsageError
from autoscaler.model.quantities import Duration
from autoscaler.rehearsing.load import read_load
from tests.parquet_files import INSTANTS, seconds, written

NOON = 1_767_614_400_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-01-05 12:00:00,10\n2026-01-05 12:01:00,20\n", id="CSV without a head"),
        pytest.param("timestamp,value\n2026-01-05 12:00:00,10\n2026-01-05 12:01:00,20\n", id="CSV with one"),
        pytest.param(
            "time,load,what\n2026-01-05T12:00:00Z,10,a\n2026-01-05T13:01:00+01:00,20,b\n\n", id="more columns, offsets, a blank line"
        ),
        pytest.param("1767614400,10\n1767614460,20\n", id="seconds since 1970"),
        pytest.param("1767614400000,10\n1767614460000,20\n", id="milliseconds since 1970"),
        pytest.param('{"t": "2026-01-05T12:00:00", "n": 10}\n{"t": 1767614460, "n": "20"}\n', id="JSON lines"),
        pytest.param("\ufeff2026-01-05 12:00:00, 10\r\n2026-01-05 12:01:00, 20\r\n", id="as spreadsheets write it"),
    ],
)
def test_every_usual_form_is_read(text: str) -> None:
    load = read_load("x", text.encode())
    assert (load.times, load.values) == ((NOON, NOON + 60_000), (10.0, 20.0))


def test_between_two_values_it_goes_straight() -> None:
    load = read_load("x", b"0,10\n60,20\n120,0\n")
    assert load.at(Duration(15_000)) == [10, 12.5, 15, 17.5, 20, 15, 10, 5, 0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("0,1\n60,x\n", "row 2: no number: 'x'", id="a word for a number"),
        pytest.param("0,1\nsoon,2\n", "row 2: no time: 'soon'", id="a word for a time"),
        pytest.param("0,1\n60,-1\n", "row 2: no number: '-1'", id="below zero"),
        pytest.param("0,1\n60,nan\n", "row 2: no number: 'nan'", id="not a number"),
        pytest.param("0,1\n60,1e30\n", "row 2: no number", id="beyond all bounds"),
        pytest.param("60,1\n60,2\n", "row 2: '60' is not after", id="the same time twice"),
        pytest.param("60,1\n0,2\n", "row 2: '0' is not after", id="newest first"),
        pytest.param("0,1\n60\n", "row 2 has one column", id="a row cut short"),
        pytest.param("0,1\n", "fewer than two rows", id="one row"),
        pytest.param("", "fewer than two rows", id="nothing"),
        pytest.param('{"t": 0}\n', "line 1 is no JSON object", id="half an object"),
        pytest.param('{"t": 0, "n": 1}\n[1]\n', "line 2 is no JSON object", id="no object"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_load("x.csv", text.encode())
    assert says in str(refused.value)


def test_a_first_row_that_is_half_wrong_is_no_head() -> None:
    with pytest.raises(UsageError, match="row 1: no number: 'nan'"):
        read_load("x", b"0,nan\n60,1\n120,2\n")


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param([("at", [0, 60]), ("n", [10, 20])], id="the first two"),
        pytest.param([("n", [10, 20]), ("at", pa.array([0, 60_000], INSTANTS))], id="the time last, as pandas writes an index"),
        pytest.param(
            [("l", [[1], [2]]), ("ok", [True, False]), ("at", [0, 60]), ("n", [Decimal(10), Decimal(20)])], id="what is no number"
        ),
        pytest.param([("at", pa.array([0, 60_000], pa.timestamp("ms"))), ("n", ["10", "20"])], id="times without a zone, numbers as texts"),
    ],
)
def test_parquet_is_read(columns: list[tuple[str, list[object]]]) -> None:
    load = read_load("x.parquet", written(*columns))
    assert (load.times, load.values) == ((0, 60_000), (10.0, 20.0))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(written(("at", [0, 60]), ("n", [1.0, None])), "row 2: no number: ''", id="null for a number"),
        pytest.param(written(("at", [0, 60]), ("n", [float("nan"), 1.0])), "row 1: no number: 'nan'", id="not a number"),
        pytest.param(written(("at", [60, 0]), ("n", [1, 2])), "row 2: '0' is not after", id="newest first"),
        pytest.param(written(("at", [0]), ("n", [1])), "fewer than two rows", id="one row"),
        pytest.param(written(("at", seconds(0, 1))), "there is: 'at' (time)", id="one column"),
        pytest.param(written(("at", seconds(0)), ("n", [[1]])), "'n' (other)", id="a nested column"),
        pytest.param(written(("at", [0, 60]), ("n", [1, 2]))[:-9], "x.parquet: this is no Parquet", id="one cut short"),
    ],
)
def test_what_is_wrong_with_parquet_is_told(body: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        read_load("x.parquet", body)


def test_parquet_of_more_rows_than_anyone_replays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoscaler.rehearsing.load.UNPACKED", 2**20)
    with pytest.raises(UsageError, match="its 100000 rows unpack to more than 1048576 bytes") as refused:
        read_load("x.parquet", written(("at", [0] * 100_000), ("n", [0] * 100_000)))
    assert "write a part of it" in refused.value.hint


@given(binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    with suppress(UsageError):
        assert len(read_load("x", data).times) > 1
