"""Prices: which one holds for a machine that may come in one of several zones, and what is left of old ones."""

from dataclasses import replace

import pytest

from autoscaler.model.catalogue import OLD, Catalogue, MachineType, Quotation, joined, quoted, renewed
from autoscaler.model.quantities import Cpu, Instant, Memory, Money

AT = Instant(1_795_000_000_000)
BARE = MachineType(name="m7g.large", cpu=Cpu(2000), memory=Memory(2**33), zones=("a", "b"))


def told(micro: int, zone: str = "", *, spot: bool = False, currency: str = "USD", at: Instant = AT) -> Quotation:
    return Quotation(price=Money(micro, currency), at=at, source="list", zone=zone, spot=spot)


def kept(*types: MachineType) -> Catalogue:
    return Catalogue(cloud="aws", region="r", at=AT, source="list", types=types)


@pytest.mark.parametrize(
    ("quotations", "zones", "spot", "micro"),
    [
        pytest.param([told(95)], ["a"], False, 95, id="the region's price holds in each zone"),
        pytest.param([told(95)], [], False, 95, id="and where no zone is named"),
        pytest.param([told(95)], ["a"], True, None, id="a price on demand is none of spot"),
        pytest.param([told(30, "a", spot=True), told(40, "b", spot=True)], ["a"], True, 30, id="a zone has its own"),
        pytest.param([told(30, "a", spot=True), told(40, "b", spot=True)], ["a", "b"], True, 40, id="of several zones the dearest"),
        pytest.param([told(30, "a", spot=True)], ["a", "b"], True, None, id="one of them that is not known leaves it open"),
        pytest.param([told(30, "a", spot=True)], [], True, None, id="a zone's price is not the region's"),
        pytest.param([told(95), told(99, "a")], ["a", "b"], False, 99, id="a zone's own before the region's"),
        pytest.param([told(30, "a"), told(40, "b", currency="EUR")], ["a", "b"], False, None, id="two currencies cannot be compared"),
    ],
)
def test_what_a_machine_costs(quotations: list[Quotation], zones: list[str], micro: int | None, *, spot: bool) -> None:
    found = replace(BARE, quotations=tuple(quotations)).quotation(zones, spot=spot)
    assert (found.price.micro if found else None) == micro


@pytest.mark.parametrize(("later", "old"), [(0, False), (OLD.ms, False), (OLD.ms + 1, True), (-1, False)])
def test_a_price_is_old_after_thirty_days(later: int, *, old: bool) -> None:
    assert told(1).old(Instant(AT + later)) is old


def test_what_is_renewed_keeps_prices_that_did_not_come_and_forgets_what_is_sold_no_more() -> None:
    before = kept(replace(BARE, quotations=(told(95), told(30, "a", spot=True))), replace(BARE, name="m1.small"))
    after = renewed(before, kept(replace(BARE, cpu=Cpu(4000), quotations=(told(90),))))
    assert after.types == (replace(BARE, cpu=Cpu(4000), quotations=(told(90), told(30, "a", spot=True))),)


def test_what_is_joined_forgets_nothing() -> None:
    before = kept(replace(BARE, architecture="arm64", quotations=(told(95),)), replace(BARE, name="z"))
    after = joined(before, kept(replace(BARE, zones=()), replace(BARE, name="a")))
    assert [one.name for one in after.types] == ["a", "m7g.large", "z"]
    assert after.type("m7g.large") == before.types[0]


def test_prices_take_the_place_of_those_for_the_same_zone_and_market() -> None:
    before = kept(replace(BARE, quotations=(told(95), told(30, "a", spot=True))), replace(BARE, name="z"))
    after = quoted(before, {"m7g.large": [told(28, "a", spot=True), told(29, "b", spot=True)], "gone": [told(1)]})
    assert after.types == (replace(BARE, quotations=(told(95), told(28, "a", spot=True), told(29, "b", spot=True))), before.types[1])


def test_without_an_old_one_the_new_one_is_all() -> None:
    new = kept(BARE)
    assert (joined(None, new), renewed(None, new)) == (new, new)
    assert new.type("none") is None
