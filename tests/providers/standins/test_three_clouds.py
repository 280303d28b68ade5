"""One cluster on machines of three clouds at once: what is bought is the cheapest of all, and what goes is what was emptied."""

from collections import Counter
from collections.abc import Iterator
from typing import cast

import pytest

from autoscaler.model.history import Notice
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.simulation.world.guests import GUEST
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.machines import Machine
from tests.providers.standins.cloud_shop import IDLE, CloudShop, shop_at
from tests.providers.standins.places import AWS, AZURE, CLOUDS, GOOGLE, Place

pytestmark = pytest.mark.usefixtures("signed_in")
TWO_MINUTES = Duration(120_000)


@pytest.fixture
def shop() -> Iterator[CloudShop]:
    """Where two replicas run on the one machine that is left of three, the cheapest."""
    with shop_at(*CLOUDS, least=0).open() as found:
        found.until_quiet(replicas=2)
        assert sizes(found) == {"gcp": 1}
        found.reset()
        yield found


def sizes(shop: CloudShop) -> dict[str, int]:
    """Machines that count, at the clouds that have any."""
    return {place.name: count for place in shop.places if (count := len(shop.counted(place)))}


def grown(shop: CloudShop) -> list[str]:
    """The clouds that were asked for more, each as often as it was."""
    return [place.name for place in shop.places for call in shop.served[place.name].changed() if call == place.grow]


def sell_out(shop: CloudShop, place: Place) -> None:
    shop.machines(place).stock = dict.fromkeys(place.sold, 0)


def test_the_cheapest_of_all_clouds_is_bought(shop: CloudShop) -> None:
    shop.until_quiet(replicas=6)
    assert sizes(shop) == {"gcp": 3}
    assert grown(shop) == ["gcp"]


def test_where_one_cloud_has_none_the_next_cheapest_is_asked_at_the_next_tick(shop: CloudShop) -> None:
    for place in (GOOGLE, AWS):
        sell_out(shop, place)
    first: dict[str, int] = {}
    for number in range(6):
        shop.tick(replicas=3)
        for name in grown(shop):
            first.setdefault(name, number)
    assert first == {"gcp": 0, "aws": 1, "azure": 3}  # AWS has two zones, which are two offerings
    shop.until_quiet(replicas=3)
    assert sizes(shop) == {"gcp": 1, "azure": 1}


@pytest.fixture
def spread(shop: CloudShop) -> CloudShop:
    """Six replicas on a machine of each cloud, for there was no more of what is cheaper; now there is again."""
    sell_out(shop, GOOGLE)
    shop.machines(AWS).stock = dict(zip(AWS.sold, (1, 0), strict=True))
    shop.until_quiet(replicas=6)
    assert sizes(shop) == {"gcp": 1, "aws": 1, "azure": 1}
    for place in CLOUDS:
        shop.machines(place).stock = {}
    shop.reset()
    return shop


def full(shop: CloudShop) -> dict[str, Machine]:
    """Machines that count and on which replicas stand, by their ids."""
    counted = [one for place in shop.places for one in shop.counted(place)]
    return {one.id: one for one in counted if shop.world.state.on(f"{GUEST}{one.id}")}


def test_what_was_emptied_is_given_back_at_each_cloud_and_nothing_else(spread: CloudShop) -> None:
    bought, quiet = full(spread), 0
    while quiet < IDLE:
        before = full(spread)
        quiet = 0 if spread.tick(replicas=2).busy else quiet + 1
        assert [one.id for one in before.values() if not one.counts] == [], "given back while replicas stood on it"
    assert sizes(spread) == {"gcp": 1}
    assert Counter(spread.changed()) == {AWS.shrink: 1, AZURE.shrink: 1}
    assert [one.id for one in bought.values() if one.counts] == [one.id for one in spread.counted(GOOGLE)]
    assert spread.world.state.tally.lost == 0


def served(shop: CloudShop, *, until: Instant) -> int:
    """The fewest healthy replicas at the end of any tick."""
    fewest = 6
    while shop.runtime.now() < until:
        shop.tick(replicas=6)
        fewest = min(fewest, sum(unit.healthy for unit in shop.world.state.of("web")))
    return fewest


def test_machines_that_are_going_to_be_taken_are_replaced_before(spread: CloudShop) -> None:
    """AWS puts a notice into a queue; Google shows when a machine ends that runs for a limited time."""
    now, ends = spread.runtime.now(), later(spread.runtime.now(), TWO_MINUTES)
    doomed = {place.name: one for place in (AWS, GOOGLE) for one in spread.counted(place)}
    for name, place in (("aws", AWS), ("gcp", GOOGLE)):
        spread.machines(place).reclaim(doomed[name], TWO_MINUTES)
    spread.queue.waiting = [Letter(receipt="1", notice=Notice(doomed["aws"].id, now, ends, "spot: terminate"))]
    for group in cast("GoogleCloud", spread.served["gcp"].cloud).groups.all.values():
        group.ends = ends
    assert served(spread, until=later(ends, TWO_MINUTES)) == 6
    assert [one.counts for one in doomed.values()] == [False, False]
    assert spread.world.state.tally.lost == 0


def test_a_machine_that_goes_without_a_word_is_made_up_for_at_the_next_tick(spread: CloudShop) -> None:
    (doomed,) = spread.counted(AZURE)
    spread.machines(AZURE).reclaim(doomed, Duration(0))
    spread.tick(2, replicas=6)
    assert grown(spread) == ["azure"]  # what is cheaper was sold out a moment ago
    assert served(spread, until=later(spread.runtime.now(), TWO_MINUTES)) == 4
    assert served(spread, until=later(spread.runtime.now(), TWO_MINUTES)) == 6


def test_a_cloud_that_does_not_answer_holds_up_none_of_the_others(spread: CloudShop) -> None:
    busy = Fault(operation="*", kind=Kind.REFUSE, times=10_000, code=AZURE.throttled[0], status=AZURE.throttled[1])
    spread.served["azure"].faults.add([busy])
    spread.until_quiet(replicas=2)
    assert sizes(spread) == {"azure": 1}  # which cannot be given back, and so holds what is left
    assert Counter(spread.changed()) == {AWS.shrink: 1, GOOGLE.shrink: 1}
