"""One text form each, read back as it was written; anything else is refused with what to write."""

import contextlib
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from, text

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Cpu, Duration, Instant, Memory, Money, Number, Share, later, since


class Parsed(Protocol):
    HINT: str

    @classmethod
    def parse(cls, text: str) -> object: ...


KINDS = [Duration, Share, Number, Cpu, Memory, Money]


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        pytest.param(Duration, "15s", Duration(15_000), id="seconds"),
        pytest.param(Duration, "5m", Duration(300_000), id="minutes"),
        pytest.param(Duration, "5ms", Duration(5), id="milliseconds are no minutes"),
        pytest.param(Duration, "1h30m", Duration(5_400_000), id="hours and minutes"),
        pytest.param(Duration, "1d", Duration(86_400_000), id="a day"),
        pytest.param(Duration, "1d2h3m4s5ms", Duration(93_784_005), id="all units"),
        pytest.param(Duration, "90m", Duration(5_400_000), id="more minutes than an hour has"),
        pytest.param(Share, "60%", Share(600), id="a share"),
        pytest.param(Share, "2.5%", Share(25), id="a share with a tenth"),
        pytest.param(Number, "200", Number(200_000), id="a whole number"),
        pytest.param(Number, "0.25", Number(250), id="a fraction"),
        pytest.param(Cpu, "500m", Cpu(500), id="thousandths of a core"),
        pytest.param(Cpu, "0.5", Cpu(500), id="half a core"),
        pytest.param(Memory, "256Mi", Memory(268_435_456), id="memory"),
        pytest.param(Memory, "1Gi", Memory(2**30), id="more memory"),
        pytest.param(Money, "0.096 USD", Money(96_000), id="money"),
        pytest.param(Money, "12 EUR", Money(12_000_000, "EUR"), id="other money"),
    ],
)
def test_what_is_written_is_read(kind: type[Parsed], written: str, value: object) -> None:
    assert kind.parse(written) == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        *(
            pytest.param(kind, written, id=f"{kind.__name__} {written!r}")
            for kind in KINDS
            for written in ("", " ", "-1", "x", "1e3", "٣", "1\n")
        ),
        pytest.param(Duration, "15", id="a duration without a unit"),
        pytest.param(Duration, "1m1h", id="units out of order"),
        pytest.param(Duration, "1.5h", id="a fraction of an hour"),
        pytest.param(Duration, "9999999s9999999999ms", id="a duration without end"),
        pytest.param(Share, "60", id="a share without its sign"),
        pytest.param(Share, "60.25%", id="a share too fine"),
        pytest.param(Number, "0.0001", id="a number too fine"),
        pytest.param(Number, ".5", id="a number without its zero"),
        pytest.param(Cpu, "0.5m", id="a fraction of a thousandth"),
        pytest.param(Memory, "256", id="bare memory"),
        pytest.param(Memory, "256M", id="a decimal unit"),
        pytest.param(Memory, "0.5Gi", id="a fraction of a unit"),
        pytest.param(Money, "0.096", id="money without its currency"),
        pytest.param(Money, "0.096 usd", id="a currency in small letters"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(kind: type[Parsed], written: str) -> None:
    with pytest.raises(PolicyError) as refused:
        kind.parse(written)
    assert refused.value.hint == kind.HINT


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(Duration(0), "0s", id="no time"),
        pytest.param(Duration(5_400_000), "1h30m", id="largest units first"),
        pytest.param(Duration(-90_000), "-1m30s", id="time ago"),
        pytest.param(Share(-5), "-0.5%", id="less than none of it"),
        pytest.param(Number(-1500), "-1.5", id="less than nothing"),
        pytest.param(Number(10), "0.01", id="no trailing zeros"),
        pytest.param(Memory(2**20 + 1), "1025Ki", id="memory is rounded up"),
        pytest.param(Memory(0), "0Ki", id="no memory"),
        pytest.param(Money(-96_000), "-0.096 USD", id="money saved"),
        pytest.param(Money(1_500_000), "1.50 USD", id="cents have two digits"),
        pytest.param(Cpu(1500), "1500m", id="more than a core"),
        pytest.param(Cpu(2000), "2", id="whole cores"),
    ],
)
def test_what_is_shown_is_short(value: object, written: str) -> None:
    assert str(value) == written


@given(kind=sampled_from([Duration, Share, Number, Cpu, Money]), amount=integers(0, 10**9 - 1))
def test_what_is_shown_can_be_written(kind: type[Duration | Share | Number | Cpu | Money], amount: int) -> None:
    value = kind(amount % 10**7 if kind is Share else amount)
    assert kind.parse(str(value)) == value


@given(kibi=integers(0, 10**9 - 1))
def test_memory_that_is_shown_can_be_written(kibi: int) -> None:
    assert Memory.parse(str(Memory(kibi * 1024))) == Memory(kibi * 1024)


@given(kind=sampled_from(KINDS), written=text(max_size=12) | text("0123456789.smhd% KMGTiUSD", max_size=12))
def test_any_text_is_read_or_refused(kind: type[Parsed], written: str) -> None:
    with contextlib.suppress(PolicyError):
        value = kind.parse(written)
        assert kind.parse(str(value)) == value


@given(milli=integers(0, 10_000), count=integers(0, 10_000))
def test_a_share_of_a_count_is_rounded_up(milli: int, count: int) -> None:
    part = Share(milli).of(count)
    assert (part - 1) * 1000 < milli * count <= part * 1000


def test_instants_move_by_durations_and_never_apart_by_less_than_none() -> None:
    assert later(Instant(5), Duration(10)) == 15
    assert (since(Instant(5), Instant(15)), since(Instant(15), Instant(5))) == (Duration(10), Duration(0))
