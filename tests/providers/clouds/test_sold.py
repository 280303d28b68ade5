"""What a pool offers, and at whose price: the policy file's first, then a catalogue's, then none."""

from dataclasses import replace

import pytest

from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler_clouds.kinds import Furnishing, KindSpec, Place
from autoscaler_clouds.sold import Kinds, Lot
from tests.providers.keeping import TOLD_AT, Kept, kept, sold

LISTED = KindSpec(name="large", cpu=Cpu(2000), memory=Memory(8 * 2**30))
PRICED = replace(LISTED, price=Money(99), spot_price=Money(33))
REGION = "r"
SELLS = kept("aws", REGION, sold("large", 95, 38), sold("huge", 190, 80, cores=4, gib=16), sold("unpriced"), sold("card", 500, gpu="l4"))
NOTHING = kept("aws", "elsewhere")
ASKED = KindSpec(name="asked", cpu=Cpu(1000), memory=Memory(2**30))


def offered(kinds: Kinds, *names: str, spot: bool = False, mixed: bool = False, cards: tuple[str, int] = ("", 0)) -> Offering:
    place = Place(spot=spot)
    return kinds.offered(Lot(kinds=names, called="it", region=REGION, zones=("a",), place=place, mixed=mixed, cards=cards), Furnishing())


@pytest.mark.parametrize(
    ("listed", "catalogue", "spot", "micro", "by"),
    [
        pytest.param([PRICED], SELLS, False, 99, "", id="the policy file's price first"),
        pytest.param([PRICED], SELLS, True, 33, "", id="of spot as well"),
        pytest.param([LISTED], SELLS, False, 95, "price list", id="then the catalogue's"),
        pytest.param([LISTED], SELLS, True, 38, "spot list", id="for spot that of spot"),
        pytest.param([replace(PRICED, spot_price=Money(0))], SELLS, True, 38, "spot list", id="each market by itself"),
        pytest.param([], SELLS, False, 95, "price list", id="of what the policy file does not list, all of it"),
        pytest.param([LISTED], NOTHING, False, 0, "", id="else none, which is not cheap but unknown"),
    ],
)
def test_whose_price_it_is(listed: list[KindSpec], catalogue: Kept, micro: int, by: str, *, spot: bool) -> None:
    found = offered(Kinds("aws", listed, catalogue), "large", spot=spot)
    assert (found.price.micro, found.priced_by, found.priced_at) == (micro, by, TOLD_AT if by else Instant(0))
    assert (found.capacity.cpu, found.capacity.memory) == (2000, 8 * 2**30)


def test_what_the_policy_file_says_of_a_kind_holds_though_its_price_comes_of_the_catalogue() -> None:
    found = offered(Kinds("aws", [replace(LISTED, cpu=Cpu(1900))], SELLS), "large")
    assert (found.capacity.cpu, found.price.micro) == (1900, 95)


def test_of_several_kinds_the_least_is_sure_at_the_price_of_the_dearest() -> None:
    found = offered(Kinds("aws", [], SELLS), "large", "huge")
    assert (found.capacity.cpu, found.price.micro) == (2000, 190)


@pytest.mark.parametrize("unknown", ["unpriced", "asked"])
def test_one_of_them_without_a_price_leaves_it_unknown(unknown: str) -> None:
    kinds = Kinds("aws", [], SELLS)
    kinds.learn({"asked": ASKED})
    found = offered(kinds, "large", unknown)
    assert (found.price.micro, found.priced_by) == (0, "")


def test_what_may_be_of_either_market_costs_what_it_does_on_demand() -> None:
    found = offered(Kinds("aws", [], SELLS), "large", spot=True, mixed=True)
    assert (found.spot, found.price.micro, found.priced_by) == (True, 95, "price list")


@pytest.mark.parametrize(
    ("name", "cards", "micro", "gpus"),
    [
        pytest.param("large", ("t4", 2), 0, 2, id="cards beside the type cost more than its price"),
        pytest.param("card", ("l4", 1), 500, 1, id="cards that are the type's own are in its price"),
        pytest.param("card", ("l4", 2), 0, 2, id="more of them are not"),
        pytest.param("card", ("", 0), 500, 1, id="nor need they be named"),
    ],
)
def test_cards(name: str, cards: tuple[str, int], micro: int, gpus: int) -> None:
    found = offered(Kinds("aws", [], SELLS), name, cards=cards)
    assert (found.price.micro, len(found.devices)) == (micro, gpus)


def test_only_what_nobody_told_is_lacking() -> None:
    kinds = Kinds("aws", [replace(LISTED, name="listed")], SELLS)
    names = ["listed", "large", "asked", "strange"]
    assert kinds.lacking(names, REGION) == ["asked", "strange"]
    kinds.learn({"asked": ASKED})
    assert kinds.lacking(names, REGION) == ["strange"]
    assert kinds.lacking(names, "elsewhere") == ["large", "strange"]
