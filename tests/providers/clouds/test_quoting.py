"""Prices as vendors write them, and catalogues of parts."""

import pytest
from hypothesis import given
from hypothesis.strategies import decimals, text

from autoscaler.errors import SetupError
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler_clouds.quoting import Parts, dearest, money, priced

AT = Instant(1_795_000_000_000)


def told(micro: int, zone: str = "", *, spot: bool = False) -> Quotation:
    return Quotation(price=Money(micro), at=AT, source="list", zone=zone, spot=spot)


@pytest.mark.parametrize(
    ("written", "micro"),
    [
        pytest.param("0.0952000000", 95_200, id="ten places"),
        pytest.param("0.00000001", 1, id="what is less than a millionth is one: free it is not"),
        pytest.param("1E-1", 100_000, id="with an exponent"),
        pytest.param("0.0000000000", None, id="free is not known"),
        pytest.param("-1", None, id="nobody is paid for it"),
        pytest.param("", None, id="nothing"),
        pytest.param("N/A", None, id="words"),
        pytest.param("NaN", None, id="no number"),
        pytest.param("Infinity", None, id="without end"),
        pytest.param("1000000", None, id="beyond all machines"),
    ],
)
def test_reads_prices(written: str, micro: int | None) -> None:
    assert money(written, "USD") == (micro and Money(micro))


@given(decimals("0.0000001", "999999", places=7))
def test_no_price_becomes_less(amount: object) -> None:
    found = money(str(amount), "USD")
    assert found is not None
    assert 0 <= found.micro - float(str(amount)) * 10**6 <= 1.001


@given(text(max_size=20), text(max_size=4))
def test_no_text_breaks_the_reading(written: str, currency: str) -> None:
    found = money(written, currency)
    assert found is None or found.micro > 0


def test_of_what_is_told_twice_the_dearer_holds() -> None:
    many = [("b", told(2)), ("a", told(1)), ("a", told(3)), ("a", told(2)), ("a", told(1, "z", spot=True))]
    assert dearest(many) == {"a": (told(3), told(1, "z", spot=True)), "b": (told(2),)}


def test_types_come_in_order_with_all_that_is_told_of_them() -> None:
    bare = [MachineType(name=name, cpu=Cpu(1), memory=Memory(1)) for name in ("b", "a")]
    found = priced(bare, {"a": (told(1),), "gone": (told(9),)}, {"a": (told(2, spot=True),)})
    assert [(one.name, one.quotations) for one in found] == [("a", (told(1), told(2, spot=True))), ("b", ())]


def test_a_part_that_does_not_come_hinders_none_of_the_others() -> None:
    def denied() -> int:
        raise SetupError("denied", hint="grant it")

    parts = Parts()
    assert (parts.read(denied, 0), parts.read(lambda: 7, 0)) == (0, 7)
    assert [str(one) for one in parts.lacking] == ["denied"]
