"""What rules of pools ask for: room that is bought and kept, limits that are kept to, and what is said where it cannot be."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.pool_asks import Ceiling, Diverse, Headroom, PoolAsk, RoomFor, SpotShare, Utilisation, Warm, ZoneRatio
from autoscaler.model.quantities import Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, place
from autoscaler.placement.asking import shortage
from autoscaler.placement.ledger import Ledger

POOL = PoolName("general")
WEB = WorkloadRef(ClusterName("shop"), "web")
ROOM = Resources(4000, 4 * 2**30)
LOAD = Load(workload=WEB, shape=Shape(requests=Resources(1000, 2**30)), spare=99)


def offer(name: str = "small", price: int = 100, *, zone: str = "", spot: bool = False, sold_out: bool = False) -> Offer:
    return Offer(name=OfferingName(name), capacity=ROOM, price=price, zone=zone, spot=spot, sold_out=sold_out)


def host(key: str, state: HostState = HostState.OPEN, *, zone: str = "", spot: bool = False) -> Host:
    return Host(key=key, capacity=ROOM, state=state, pool=POOL, price=100, zone=zone, spot=spot)


def options(count: int, asks: tuple[PoolAsk, ...], *offers: Offer, high: int = 9, low: int = 0) -> PoolOptions:
    return PoolOptions(name=POOL, count=count, min=low, max=high, offers=offers or (offer(),), asks=asks, currency="USD")


def problem(hosts: tuple[Host, ...], on: dict[str, int], asked: PoolOptions, coming: int = 0) -> Problem:
    residents = tuple(Resident(workload=WEB, host=key, count=count, serving=count) for key, count in on.items() if count)
    demands = (Demand(workload=WEB, count=coming),) if coming else ()
    return Problem(hosts=hosts, loads=(LOAD,), residents=residents, demands=demands, pools=(asked,))


def lacks(found: Placement) -> list[Code]:
    return [reason.code for one in found.lacking for reason in one.reasons]


def kept_for(ask: PoolAsk | None) -> tuple[Reason, ...]:
    """The first of its parts, in figures."""
    match ask:
        case Headroom(cpu=Share() as cpu):
            return (Reason(Code.KEEPS_HEADROOM, (cpu.milli,), "%", (POOL, "cpu")),)
        case Headroom(cpu=int(cpu), memory=int(memory)):
            return (Reason(Code.KEEPS_FREE, (cpu or memory,), "cpu" if cpu else "bytes", (POOL, "cpu" if cpu else "memory")),)
        case Utilisation(cpu=cpu, memory=memory) if most := cpu or memory:
            return (Reason(Code.KEEPS_BELOW, (most.milli,), "%", (POOL, "cpu" if cpu else "memory")),)
        case RoomFor(workload=workload, count=count):
            return (Reason(Code.KEEPS_ROOM_FOR, (count,), "replicas", (POOL, str(workload))),)
        case Warm(nodes=nodes):
            return (Reason(Code.KEEPS_WARM, (nodes,), "nodes", (POOL,)),)
    raise AssertionError(ask)


def usd(micro: int) -> Money:
    return Money(micro, "USD")


@pytest.mark.parametrize(
    ("ask", "replicas", "opened"),
    [
        pytest.param(Headroom(cpu=Share(1000)), 2, 0, id="half of it free is as much again as is requested"),
        pytest.param(Headroom(cpu=Share(1001)), 2, 1, id="a thousandth more is another machine"),
        pytest.param(Headroom(cpu=2000), 2, 0, id="two cores are free"),
        pytest.param(Headroom(cpu=2001), 2, 1, id="and no more"),
        pytest.param(Headroom(memory=9 * 2**30), 2, 2, id="as many machines as it takes"),
        pytest.param(Headroom(cpu=Share(100)), 0, 0, id="a share of nothing is nothing"),
        pytest.param(Utilisation(cpu=Share(750)), 3, 0, id="three of four are three quarters"),
        pytest.param(Utilisation(cpu=Share(749)), 3, 1, id="and more than a little less"),
        pytest.param(Utilisation(memory=Share(100)), 1, 2, id="a tenth of three machines is enough for one"),
        pytest.param(Warm(nodes=1), 0, 0, id="an empty machine is warm"),
        pytest.param(Warm(nodes=1), 1, 1, id="one that is used is none"),
        pytest.param(Warm(nodes=3), 4, 3, id="three beside a full one"),
        pytest.param(RoomFor(workload=WEB, count=3), 1, 0, id="three more fit"),
        pytest.param(RoomFor(workload=WEB, count=6), 1, 1, id="six need another machine"),
    ],
)
def test_room_that_is_lacking_is_bought(ask: PoolAsk, replicas: int, opened: int) -> None:
    found = place(problem((host("a"),), {"a": replicas}, options(1, (ask,))))
    assert len(found.opens) == opened
    assert all(one.reasons == kept_for(ask) for one in found.opens)
    assert not found.lacking


def test_room_counts_what_is_to_come_in_the_same_plan() -> None:
    found = place(problem((host("a"),), {"a": 2}, options(1, (Headroom(cpu=Share(500)),)), coming=2))
    assert len(found.opens) == 1


@pytest.mark.parametrize(
    ("ask", "closes"),
    [
        pytest.param(None, ("b",), id="nobody asks"),
        pytest.param(Headroom(cpu=Share(1000)), ("b",), id="as much again is left"),
        pytest.param(Headroom(cpu=Share(1500)), (), id="more would be lacking"),
        pytest.param(RoomFor(workload=WEB, count=2), ("b",), id="two still fit"),
        pytest.param(RoomFor(workload=WEB, count=3), (), id="three would not"),
    ],
)
def test_a_machine_stays_whose_room_is_asked_for(ask: PoolAsk | None, closes: tuple[str, ...]) -> None:
    found = place(problem((host("a"), host("b")), {"a": 1, "b": 1}, options(2, (ask,) if ask else ())))
    assert len(found.closes) == len(closes)
    reasons = {one.reasons for one in found.kept}
    assert bool(closes) or reasons == {kept_for(ask)}


def test_one_that_is_being_closed_is_taken_back_rather_than_another_bought() -> None:
    found = place(problem((host("a"), host("b", HostState.CLOSING)), {"a": 3}, options(2, (Headroom(cpu=2000),))))
    assert found.unfence == ("b",)
    assert not found.opens


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param(options(1, (Warm(nodes=1),), high=1), Code.POOL_AT_MAXIMUM, id="the pool may have no more"),
        pytest.param(options(1, (Warm(nodes=1),), offer(sold_out=True)), Code.SOLD_OUT, id="sold out"),
        pytest.param(options(1, (Warm(nodes=1), Ceiling(price=usd(199)))), Code.PRICE_CEILING, id="dearer than it may be"),
        pytest.param(options(1, (Warm(nodes=1), Ceiling(price=Money(10**9, "EUR")))), Code.OTHER_CURRENCY, id="in another currency"),
        pytest.param(options(1, (Warm(nodes=1), SpotShare(share=Share(0))), offer(spot=True)), Code.SPOT_SHARE, id="all spot"),
    ],
)
def test_room_that_cannot_be_had_is_told(asked: PoolOptions, why: Code) -> None:
    found = place(problem((host("a"),), {"a": 1}, asked))
    assert lacks(found) == [Code.KEEPS_WARM, why]
    assert not found.opens


def test_room_for_a_workload_nobody_has_seen_is_told_and_holds_up_nothing() -> None:
    ghost = WorkloadRef(ClusterName("shop"), "ghost")
    found = place(problem((host("a"), host("b")), {"a": 1}, options(2, (RoomFor(workload=ghost, count=3),))))
    assert lacks(found) == [Code.WORKLOAD_UNKNOWN]
    assert found.closes == ("b",)


@pytest.mark.parametrize(
    ("ask", "coming", "kinds"),
    [
        pytest.param(SpotShare(share=Share(1000)), 12, "sss", id="as much spot as there is"),
        pytest.param(SpotShare(share=Share(500)), 16, "dsds", id="every second one"),
        pytest.param(SpotShare(share=Share(1000), on_demand=2), 16, "ddss", id="beyond the first two"),
        pytest.param(SpotShare(share=Share(0)), 8, "dd", id="none at all"),
    ],
)
def test_how_much_is_spot(ask: PoolAsk, coming: int, kinds: str) -> None:
    offers = (offer("d", 100), offer("s", 30, spot=True))
    found = place(problem((), {}, options(0, (ask,), *offers), coming))
    assert "".join(one.offering for one in found.opens) == kinds


@pytest.mark.parametrize(
    ("milli", "coming", "kinds"),
    [
        pytest.param(500, 16, "aabb", id="half of each, the cheaper first"),
        pytest.param(400, 24, "aaabbc", id="what is dearer where the others have their share"),
        pytest.param(1000, 12, "aaa", id="all of one"),
        pytest.param(1, 16, "abcd", id="one of each, and what is no spot has no share"),
    ],
)
def test_how_much_of_the_spot_is_of_one_kind(milli: int, coming: int, kinds: str) -> None:
    offers = (offer("a", 30, spot=True), offer("b", 31, spot=True), offer("c", 32, spot=True), offer("d", 100))
    found = place(problem((), {}, options(0, (Diverse(share=Share(milli)),), *offers), coming))
    assert "".join(sorted(one.offering for one in found.opens)) == kinds


def test_machines_that_stand_have_their_share_too() -> None:
    offers = (offer("a", 30, spot=True), offer("b", 31, spot=True))
    standing = tuple(host(key, spot=True)._replace(offering=OfferingName("a")) for key in ("m1", "m2"))
    full = {one.key: 4 for one in standing}
    found = place(problem(standing, full, options(2, (Diverse(share=Share(500)),), *offers), coming=8))
    assert [one.offering for one in found.opens] == ["b", "b"]


@pytest.mark.parametrize(
    ("weights", "coming", "zones"),
    [
        pytest.param((("a", 1), ("b", 1)), 16, {"a": 2, "b": 2}, id="as many here as there"),
        pytest.param((("a", 2), ("b", 1)), 24, {"a": 4, "b": 2}, id="two to one"),
        pytest.param((("a", 1),), 8, {"a": 2}, id="nowhere else, though it is cheaper there"),
    ],
)
def test_in_which_zones_machines_are_bought(weights: tuple[tuple[str, int], ...], coming: int, zones: dict[str, int]) -> None:
    offers = (offer("a", 100, zone="a"), offer("b", 110, zone="b"), offer("c", 10, zone="c"))
    found = place(problem((), {}, options(0, (ZoneRatio(weights=weights),), *offers), coming))
    bought = [one.offering for one in found.opens]
    assert {name: bought.count(OfferingName(name)) for name in zones} == zones
    assert len(bought) == sum(zones.values())


def test_a_zone_that_is_sold_out_does_not_hold_up_the_others() -> None:
    offers = (offer("a", zone="a", sold_out=True), offer("b", zone="b"))
    found = place(problem((), {}, options(0, (ZoneRatio(weights=(("a", 1), ("b", 1))),), *offers), coming=8))
    assert [one.offering for one in found.opens] == ["b", "b"]
    assert not found.unplaced


@pytest.mark.parametrize(
    ("ask", "hosts", "stays", "code"),
    [
        pytest.param(
            SpotShare(share=Share(500)),
            (host("d"), host("s", spot=True)),
            "d",
            Code.SPOT_SHARE,
            id="the last that is no spot one",
        ),
        pytest.param(
            ZoneRatio(weights=(("a", 1), ("b", 1))),
            (host("a", zone="a"), host("b1", zone="b"), host("b2", zone="b"), host("b3", zone="b")),
            "a",
            Code.ZONE_KEEPS_ITS_SHARE,
            id="the last of a zone",
        ),
    ],
)
def test_a_machine_stays_that_the_others_would_be_too_much_without(ask: PoolAsk, hosts: tuple[Host, ...], stays: str, code: Code) -> None:
    busy = {one.key: 4 for one in hosts if one.key != stays}
    found = place(problem(hosts, busy, options(len(hosts), (ask,))))
    assert {one.host: one.reasons[0].code for one in found.kept}[stays] is code
    assert stays not in found.closes


def test_what_a_ceiling_leaves_without_a_place_says_so() -> None:
    found = place(problem((host("a"),), {"a": 4}, options(1, (Ceiling(price=usd(299)),)), coming=8))
    assert len(found.opens) == 1
    assert [(one.count, one.reasons[0].code) for one in found.unplaced] == [(4, Code.PRICE_CEILING)]


def test_a_minimum_beats_a_ceiling_and_keeps_to_zones() -> None:
    asks: tuple[PoolAsk, ...] = (Ceiling(price=usd(1)), ZoneRatio(weights=(("b", 1),)))
    found = place(problem((), {}, options(0, asks, offer("a", 1, zone="a"), offer("b", zone="b"), low=2)))
    assert [one.offering for one in found.opens] == ["b", "b"]


def test_why_there_is_no_place_is_the_pools_maximum_though_a_rule_forbids_one_kind() -> None:
    offers = (offer("d", 100), offer("s", 30, spot=True))
    found = place(problem((host("a"),), {"a": 4}, options(1, (SpotShare(share=Share(0)),), *offers, high=1), coming=1))
    assert [one.reasons[0].code for one in found.unplaced] == [Code.POOL_AT_MAXIMUM]


def test_a_minimum_says_why_it_left_the_cheaper_kind() -> None:
    offers = (offer("d", 100), offer("s", 30, spot=True))
    found = place(problem((), {}, options(0, (SpotShare(share=Share(0)),), *offers, low=2)))
    assert [one.offering for one in found.opens] == ["d", "d"]
    assert [(one.offering, one.reasons[0].code) for one in found.rejected] == [("s", Code.SPOT_SHARE)]


def test_a_zone_that_is_too_dear_does_not_hold_up_the_others() -> None:
    asks: tuple[PoolAsk, ...] = (ZoneRatio(weights=(("a", 1), ("b", 1))), Ceiling(price=usd(250)))
    offers = (offer("a", 100, zone="a"), offer("b", 300, zone="b"))
    found = place(problem((), {}, options(0, asks, *offers), coming=8))
    assert [one.offering for one in found.opens] == ["a", "a"]


def test_what_was_bought_first_is_given_up_when_the_next_brings_it_too() -> None:
    small = Offer(name=OfferingName("small"), capacity=Resources(2000, 2**30), price=100)
    large = Offer(name=OfferingName("large"), capacity=Resources(2000, 10 * 2**30), price=250)
    found = place(problem((), {}, options(0, (Headroom(cpu=2000, memory=10 * 2**30),), small, large)))
    assert [one.offering for one in found.opens] == ["large"]


def test_a_machine_is_bought_for_the_ask_it_serves() -> None:
    big = WorkloadRef(ClusterName("shop"), "big")
    asks: tuple[PoolAsk, ...] = (RoomFor(workload=big, count=1), Headroom(cpu=5000))
    giant = Load(workload=big, shape=Shape(requests=Resources(99_000, 0)))
    asked = problem((host("a"),), {}, options(1, asks))
    found = place(replace(asked, loads=(*asked.loads, giant)))
    assert [one.reasons for one in found.opens] == [kept_for(Headroom(cpu=5000))]
    assert lacks(found) == [Code.KEEPS_ROOM_FOR, Code.NO_OFFERING_FITS]


def test_what_is_only_reserved_for_the_undeclared_counts_as_free() -> None:
    hosts = tuple(host(f"h{number}") for number in range(10))
    asked = problem(hosts, {one.key: 1 for one in hosts}, options(10, (Headroom(cpu=8000),)), coming=3)
    unsure = replace(asked, loads=(replace(LOAD, sure=False),), spread=True)
    assert not place(unsure).opens


ROOMS = st.one_of(
    st.builds(Headroom, cpu=st.integers(0, 9000) | st.builds(Share, st.integers(0, 3000)), memory=st.builds(Share, st.integers(0, 900))),
    st.builds(Utilisation, cpu=st.builds(Share, st.integers(100, 1000))),
    st.builds(Warm, nodes=st.integers(1, 3)),
    st.builds(RoomFor, workload=st.just(WEB), count=st.integers(1, 9)),
)
LIMITS = st.one_of(
    st.builds(Diverse, share=st.builds(Share, st.integers(1, 1000))),
    st.builds(SpotShare, share=st.builds(Share, st.integers(0, 1000)), on_demand=st.integers(0, 3)),
    st.builds(ZoneRatio, weights=st.sampled_from([(("a", 1), ("b", 1)), (("a", 3), ("b", 1)), (("a", 1),)])),
    st.builds(Ceiling, price=st.builds(usd, st.integers(0, 1500))),
)
KINDS = tuple(
    offer(
        f"{zone}-{size}-{'spot' if spot else 'own'}", price=((30 if spot else 100) + ord(zone) % 7) * size, zone=zone, spot=spot
    )._replace(capacity=Resources(4000 * size, 4 * 2**30 * (3 - size)))
    for zone in "ab"
    for spot in (False, True)
    for size in (1, 2)
)


def carried_out(before: Problem, found: Placement) -> Problem:
    """The world once all of the answer is done: what was opened has joined, what could go has gone."""
    kinds = {one.name: one for one in KINDS}
    pool = before.pools[0]
    new = [
        Host(
            key=f"{len(before.hosts)}-{one.key}",
            capacity=kinds[one.offering].capacity,
            pool=POOL,
            price=kinds[one.offering].price,
            zone=kinds[one.offering].zone,
            spot=kinds[one.offering].spot,
        )
        for one in found.opens
    ]
    names = {one.key: fresh.key for one, fresh in zip(found.opens, new, strict=True)}
    counts = {one.host: one.count for one in before.residents}
    for one in found.assignments:
        key = names.get(one.host, one.host)
        counts[key] = counts.get(key, 0) + one.count
    for move in found.moves:
        counts[move.source] -= move.count
        counts[names.get(move.target, move.target)] = counts.get(names.get(move.target, move.target), 0) + move.count
    hosts = tuple(one for one in (*before.hosts, *new) if one.key not in found.closes)
    after = problem(hosts, counts, replace(pool, count=len(hosts)))
    return replace(after, spread=before.spread)


@given(
    rooms=st.lists(ROOMS, max_size=2),
    limits=st.lists(LIMITS, max_size=2),
    here=st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ab"), st.booleans()), max_size=5),
    coming=st.integers(0, 12),
    spread=st.booleans(),
)
def test_what_is_asked_for_is_kept_to_or_told_and_never_fought_over(
    *, rooms: list[PoolAsk], limits: list[PoolAsk], here: list[tuple[int, str, bool]], coming: int, spread: bool
) -> None:
    hosts = tuple(host(f"h{number}", zone=zone, spot=spot) for number, (_, zone, spot) in enumerate(here))
    asked = options(len(hosts), (*rooms, *limits), *KINDS, high=12)
    world = replace(
        problem(hosts, {f"h{number}": count for number, (count, _, _) in enumerate(here)}, asked, coming),
        spread=spread,
    )
    found = place(world)
    for _ in range(8):
        world = carried_out(world, found)
        again = place(world)
        assert not (again.opens and found.closes), "bought again what was given back"
        found = again
    assert not found.opens
    assert not found.closes
    assert any(shortage(Ledger.of(world), world.pools[0])) == bool(found.lacking)


@given(limits=st.lists(LIMITS, min_size=1, max_size=3), coming=st.integers(0, 40))
def test_nothing_is_bought_beyond_a_limit(limits: list[PoolAsk], coming: int) -> None:
    found = place(problem((), {}, options(0, tuple(limits), *KINDS, high=12), coming))
    kinds = {one.name: one for one in KINDS}
    bought = [kinds[one.offering] for one in found.opens]
    for ask in limits:
        if isinstance(ask, Ceiling):
            assert sum(one.price for one in bought) <= ask.price.micro
        if isinstance(ask, SpotShare):
            assert sum(one.spot for one in bought) * 1000 <= max(0, len(bought) - ask.on_demand) * ask.share.milli
        if isinstance(ask, Diverse):
            spot = Counter(one.name for one in bought if one.spot)
            assert all(count <= max(1, -(-spot.total() * ask.share.milli // 1000)) for count in spot.values())
        if isinstance(ask, ZoneRatio):
            assert {one.zone for one in bought} <= {*dict(ask.weights)}
    assert bool(found.unplaced) or coming <= sum(min(one.capacity.cpu // 1000, one.capacity.memory // 2**30) for one in bought)
