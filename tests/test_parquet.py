"""Parquet as texts: every kind of column that holds times, numbers or words, and what is refused before it is unpacked."""

import re
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy, binary, dictionaries, integers, sampled_from

from autoscaler.errors import SetupError
from autoscaler.parquet import CELL, READ, Kind, TooLargeError, UnreadableError, opened
from tests.parquet_files import seconds, written
from tests.providers.sources import noise

MOST = 2**20


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        pytest.param([7], Kind.NUMBER, "7", id="an integer"),
        pytest.param(pa.array([2**64 - 1], pa.uint64()), Kind.NUMBER, "18446744073709551615", id="a large one"),
        pytest.param([7.25], Kind.NUMBER, "7.25", id="a number with a point"),
        pytest.param(pa.array([1.5], pa.float16()), Kind.NUMBER, "1.5", id="half as long"),
        pytest.param([float("nan")], Kind.NUMBER, "nan", id="no number at all"),
        pytest.param([Decimal("7.250")], Kind.NUMBER, "7.250", id="a decimal"),
        pytest.param(pa.array([None], pa.float64()), Kind.NUMBER, None, id="null"),
        pytest.param([None], Kind.TEXT, None, id="nothing but null"),
        pytest.param(pa.array([7]).dictionary_encode(), Kind.NUMBER, "7", id="a category of numbers"),
        pytest.param(["7"], Kind.TEXT, "7", id="a text"),
        pytest.param(pa.array(["7"], pa.large_string()), Kind.TEXT, "7", id="a text of any length"),
        pytest.param(pa.array(["7"]).dictionary_encode(), Kind.TEXT, "7", id="a category"),
        pytest.param([True], Kind.TRUTH, True, id="a truth"),
        pytest.param(seconds(1.5), Kind.TIME, "2026-01-01T00:00:01.500000+00:00", id="an instant"),
        pytest.param(
            pa.array([1_767_225_600_123_456_789], pa.timestamp("ns", tz="Europe/Berlin")),
            Kind.TIME,
            "2026-01-01T00:00:00.123000+00:00",
            id="an instant shown elsewhere, finer than we count",
        ),
        pytest.param([datetime(2026, 1, 1)], Kind.TIME, "2026-01-01T00:00:00", id="a time without a zone"),  # noqa: DTZ001
        pytest.param([date(2026, 1, 1)], Kind.TIME, "2026-01-01T00:00:00", id="a day"),
        pytest.param(pa.array([2**60], pa.timestamp("ms")), Kind.TIME, f"{2**60} ms since 1970", id="a time beyond the calendar"),
    ],
)
def test_a_cell_is_the_text_that_csv_would_have(values: Any, kind: Kind, text: object) -> None:  # noqa: ANN401 - pyarrow's own
    file = opened(written(("a.b", values), ("rest", [1])))
    assert file.columns[0] == ("a.b", kind)
    assert list(file.rows(["a.b"], MOST)) == [(text,)]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([[1]], id="lists"),
        pytest.param([{"a": 1}], id="maps"),
        pytest.param([b"7"], id="bytes"),
        pytest.param(pa.array([7], pa.duration("ms")), id="spans"),
    ],
)
def test_what_is_neither_time_number_nor_word_is_not_read(values: Any) -> None:  # noqa: ANN401 - pyarrow's own
    assert opened(written(("a", values))).columns == (("a", Kind.OTHER),)


def test_two_columns_of_one_name_are_told_apart_from_one() -> None:
    file = opened(written(("n", [1]), ("n", [2]), ("m", [3])))
    assert file.columns == (("n", Kind.TWICE), ("n", Kind.TWICE), ("m", Kind.NUMBER))
    assert list(file.rows(["m"], MOST)) == [("3",)]


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_however_it_is_packed(compression: str) -> None:
    file = opened(written(("n", list(range(20_000))), compression=compression, row_group_size=3000))
    assert [text for (text,) in file.rows(["n"], MOST)] == [str(each) for each in range(20_000)]


@pytest.mark.parametrize(
    ("values", "options"),
    [
        pytest.param([7] * 200_000, {}, id="a great many equal numbers in a few bytes"),
        pytest.param(["x" * 100_000 + str(each) for each in range(20)], {"compression": "zstd"}, id="long texts that pack well"),
    ],
)
def test_too_large_is_told_before_it_is_unpacked(values: list[object], options: dict[str, str]) -> None:
    body = written(("n", values), **options)
    assert len(body) < MOST / 20
    with pytest.raises(TooLargeError, match=f"unpack to more than {MOST} bytes"):
        next(opened(body).rows(["n"], MOST))


def test_a_long_text_that_stands_in_many_rows_is_unpacked_once() -> None:
    file = opened(written(("say", ["x" * 20_000] * 5000)))
    assert len({id(cell) for (cell,) in file.rows(["say"], MOST)}) == 1


USUAL = (("time", seconds(0, 60)), ("n", [7.0, 8.5]), ("say", ["a", None]), ("l", [[1], [2]]))
PLAIN = (("time", seconds(0, 60)), ("n", [7, None]), ("say", ["a", "b"]))
GOOD = [
    pytest.param(written(*USUAL), id="as it is usually packed"),
    pytest.param(written(*PLAIN, compression="none", use_dictionary=False), id="as it stands"),
]
TOLD = r"this is no Parquet that can be read: |its footer tells of|its -?\d+ rows unpack"


@pytest.mark.parametrize("body", GOOD)
def test_one_cut_short_anywhere_is_none(body: bytes) -> None:
    for end in range(0, len(body), 7):
        with pytest.raises(UnreadableError, match="no Parquet that can be read: "):
            opened(body[:end])


@pytest.mark.parametrize("amount", noise.AMOUNTS)
@pytest.mark.parametrize("good", GOOD)
def test_no_bytes_break_it(amount: int, good: bytes) -> None:
    @noise.of(amount)
    @given(binary(max_size=60) | noise.mangled(good) | changed(good))
    def holds(body: bytes) -> None:
        assert sound(body)

    holds()


def changed(good: bytes) -> SearchStrategy[bytes]:
    """A few bytes changed in place, which reaches what stands before the footer, as a piece cut out does not."""
    places = dictionaries(integers(0, len(good) - 1), sampled_from([0, 1, 127, 128, 255]), max_size=4)
    return places.map(lambda bytes_at: bytes(bytes_at.get(place, byte) for place, byte in enumerate(good)))


def sound(body: bytes) -> bool:
    """Rows within bounds, or words of ours."""
    try:
        file = opened(body)
        rows = list(file.rows([name for name, kind in file.columns if kind in READ], MOST))
    except UnreadableError as error:
        return re.match(TOLD, str(error)) is not None
    return len(rows) * CELL <= MOST


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SetupError, match="the extra `parquet`") as refused:
        opened(written(("n", [1])))
    assert "poolkeeper[parquet]" in refused.value.hint
