"""Machines go where cheaper ones would hold what stands there: all of them for all of those, or none; and what is done stays done."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import booleans, integers, lists, permutations, sampled_from, tuples

from autoscaler.model.policies import Consolidation
from autoscaler.model.pool_asks import Ceiling, Warm
from autoscaler.model.quantities import Duration, Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName, PoolName
from autoscaler.model.resources import Resources
from autoscaler.placement import Bidding, Demand, Host, HostState, Offer, Placement, PoolOptions, Problem, Resident, Swap, place
from tests.placement.test_consolidating import LOADS, after

HOUR = 3_600_000
A, B = PoolName("a"), PoolName("b")
ASKS = {load.workload: load.shape.requests.cpu for load in LOADS}
SIZES = ((400, 45), (1000, 100), (2000, 150))
"""Of machines that are on offer, and what they cost."""

OFFERS = tuple(Offer(name=OfferingName(f"of-{cpu}"), capacity=Resources(cpu, 0), price=price) for cpu, price in SIZES)
STANDING = lists(tuples(integers(0, 5), integers(0, 2)), min_size=1, max_size=20)
MACHINES = lists(tuples(sampled_from((400, 1000, 2000)), sampled_from((40, 100, 130, 200, 400)), booleans()), min_size=1, max_size=6)


def rule(move: int = 0, *, hours: int = 1, hysteresis: int = 0) -> Consolidation:
    return Consolidation(horizon=Duration(hours * HOUR), move=Money(move), hysteresis=Share(hysteresis))


def problem(
    standing: list[tuple[int, int]],
    machines: list[tuple[int, int, bool]],
    paying: Consolidation | None = None,
    *,
    spread: bool = False,
    most: int = 99,
) -> Problem:
    """Machines of some size and price, in pool `a` or `b`, and as many of the replicas as fit."""
    room, there = [cpu for cpu, _, _ in machines], Counter[tuple[int, int]]()
    for machine, which in standing:
        asks = ASKS[LOADS[which].workload]
        if machine < len(machines) and room[machine] >= asks:
            room[machine] -= asks
            there[machine, which] += 1
    hosts = tuple(
        Host(key=f"m{number}", capacity=Resources(cpu, 0), pool=A if first else B, price=price)
        for number, (cpu, price, first) in enumerate(machines)
    )
    counts = Counter(host.pool for host in hosts)
    pools = (
        PoolOptions(name=A, count=counts[A], min=0, max=99, offers=OFFERS[:2], currency="USD", consolidate=paying),
        PoolOptions(name=B, count=counts[B], min=0, max=99, offers=OFFERS[2:], currency="USD", consolidate=paying),
    )
    return Problem(
        hosts=hosts,
        loads=LOADS,
        residents=tuple(
            Resident(workload=LOADS[which].workload, host=f"m{machine}", count=count, serving=count)
            for (machine, which), count in sorted(there.items())
        ),
        pools=pools,
        spread=spread,
        bidding=Bidding(hosts=frozenset(host.key for host in hosts), most=most),
    )


def offer_of(found: Placement, key: str) -> Offer:
    name = next(one.offering for one in found.opens if one.key == key)
    return next(one for one in OFFERS if one.name == name)


def bought(asked: Problem, found: Placement, state: HostState = HostState.OPEN) -> tuple[Host, ...]:
    """What is bought, as machines."""
    return tuple(
        Host(key=one.key, capacity=offer.capacity, pool=one.pool, price=offer.price, state=state)
        for one in found.opens
        for offer in (offer_of(found, one.key),)
    )


def afterwards(asked: Problem, found: Placement) -> Problem:
    """The problem once all of it is done."""
    hosts = (*(host for host in asked.hosts if host.key not in found.closes), *bought(asked, found))
    there = sorted(after(asked, found).items())
    residents = tuple(Resident(workload=ref, host=key, count=count, serving=count) for (key, ref), count in there if count)
    counts = Counter(host.pool for host in hosts)
    pools = tuple(replace(pool, count=counts[pool.name]) for pool in asked.pools)
    bidding = Bidding(hosts=frozenset(host.key for host in hosts), most=asked.bidding.most)
    return replace(asked, hosts=hosts, residents=residents, pools=pools, bidding=bidding)


def cost(asked: Problem) -> int:
    return sum(host.price for host in asked.hosts)


@settings(max_examples=200, deadline=None)
@given(standing=STANDING, machines=MACHINES, move=sampled_from((0, 5, 20, 100)), margin=sampled_from((0, 50, 2000)), spread=booleans())
def test_what_is_replaced_fits_and_pays(
    standing: list[tuple[int, int]], machines: list[tuple[int, int, bool]], move: int, margin: int, *, spread: bool
) -> None:
    asked = problem(standing, machines, rule(move, hours=3, hysteresis=margin), spread=spread)
    found = place(asked)
    if not found.opens:
        return
    done, moves = afterwards(asked, found), sum(one.count for one in found.moves)
    used = Counter({host.key: 0 for host in done.hosts})
    for one in done.residents:
        used[one.host] += one.count * ASKS[one.workload]
    assert all(used[host.key] <= host.capacity.cpu for host in done.hosts)
    assert all(used[host.key] for host in bought(asked, found))
    assert sum(one.count for one in done.residents) == sum(one.count for one in asked.residents)
    assert found.swap
    assert (set(found.swap.closes), set(found.swap.opens)) == (set(found.closes), {one.key for one in found.opens})
    assert 3 * (cost(asked) - cost(done)) > moves * move * Fraction(1000 + margin, 1000)
    assert found.price == cost(done)


def named_anew(asked: Problem, shuffled: list[str]) -> Problem:
    """The same machines under other names: what is bought gets a name of its own."""
    names = dict(zip((host.key for host in asked.hosts), shuffled, strict=False))
    hosts = tuple(host._replace(key=names[host.key]) for host in asked.hosts)
    residents = tuple(replace(one, host=names[one.host]) for one in asked.residents)
    return replace(asked, hosts=hosts, residents=residents, bidding=replace(asked.bidding, hosts=frozenset(names.values())))


PLAIN = tuple(f"x{number:02}" for number in range(16))
NAMES = permutations(PLAIN)

THREE = [(0, 2), (2, 2), (1, 0), (2, 0), (1, 2), (1, 0), (1, 1), (0, 1), (1, 1), (1, 0), (0, 2), (1, 2), (2, 1), (1, 0)]
FULL = [(1, 0), (2, 1), (2, 2), (2, 0), (1, 1), (0, 0), (0, 1), (2, 0), (2, 0), (2, 2), (1, 0), (2, 1), (0, 0), (0, 2)]
"""Where the first that is found would be given back, or added to, by the next answer."""


@settings(max_examples=200, deadline=None)
@given(standing=STANDING, machines=MACHINES, move=sampled_from((0, 5, 20, 100)), spread=booleans(), names=NAMES)
@example(standing=THREE, machines=[(400, 400, False), (2000, 200, False), (400, 130, True)], move=0, names=list(PLAIN), spread=False)
@example(standing=FULL, machines=[(1000, 400, True), (400, 200, False), (1000, 400, False)], move=0, names=list(PLAIN), spread=False)
def test_an_answer_made_on_the_outcome_is_empty_or_where_others_place_leaves_alone_what_was_bought_or_filled(
    standing: list[tuple[int, int]], machines: list[tuple[int, int, bool]], move: int, names: list[str], *, spread: bool
) -> None:
    asked = problem(standing, machines, rule(move), spread=spread)
    first = place(asked)
    if first.opens:
        done, filled = afterwards(asked, first), {one.target for one in first.moves}
        again, known = place(named_anew(done, names)), dict(zip(names, (host.key for host in done.hosts), strict=False))
        assert not filled & {known[key] for key in again.closes}
        assert spread or (again.closes, again.opens, again.moves) == ((), (), ())


@settings(max_examples=120, deadline=None)
@given(standing=STANDING, machines=MACHINES, move=sampled_from((0, 20)), spread=booleans(), most=sampled_from((1, 2)), names=NAMES)
def test_with_few_at_a_time_what_was_bought_is_not_given_back(
    standing: list[tuple[int, int]], machines: list[tuple[int, int, bool]], move: int, most: int, names: list[str], *, spread: bool
) -> None:
    asked, prices = problem(standing, machines, rule(move), spread=spread, most=most), list[int]()
    while (found := place(asked)).opens:
        assert len(found.closes) <= most
        done = named_anew(afterwards(asked, found), names)
        prices.append(cost(done))
        again = place(done)
        assert again.opens or not {host.key for host in done.hosts[-len(found.opens) :]} & set(again.closes)
        asked = done
    assert prices == sorted(set(prices), reverse=True)


def begun(asked: Problem, found: Placement) -> Problem:
    """Fenced, and nothing bought yet."""
    hosts = (host._replace(state=HostState.CLOSING, outbid=True) if host.key in found.closes else host for host in asked.hosts)
    return replace(asked, hosts=tuple(hosts))


@settings(max_examples=120, deadline=None)
@given(standing=STANDING, machines=MACHINES, move=sampled_from((0, 20)), spread=booleans(), most=sampled_from((1, 2, 99)))
def test_what_is_begun_goes_on_whatever_has_come_by_then(
    standing: list[tuple[int, int]], machines: list[tuple[int, int, bool]], move: int, most: int, *, spread: bool
) -> None:
    asked = problem(standing, machines, rule(move), spread=spread, most=most)
    found = place(asked)
    if not found.opens:
        return
    lot = sorted((one.pool, one.offering) for one in found.opens)
    waiting = replace(begun(asked, found), bidding=replace(asked.bidding, coming=tuple(lot)))
    again = place(waiting)
    assert set(found.closes) <= set(again.closes)
    assert sorted((one.pool, one.offering) for one in again.opens) == lot
    for state in (HostState.JOINING, HostState.OPEN):
        fresh = tuple(host._replace(key=f"m1-{host.key}") for host in bought(asked, found, state))
        counts = Counter(host.pool for host in (*asked.hosts, *fresh))
        pools = tuple(replace(pool, count=counts[pool.name]) for pool in asked.pools)
        going_on = place(replace(begun(asked, found), hosts=(*begun(asked, found).hosts, *fresh), pools=pools))
        assert set(found.closes) <= set(going_on.closes)
        assert not {host.key for host in fresh} & set(going_on.closes)
        assert (going_on.opens, going_on.unfence) == ((), ())


LONE = [(0, 0)]
"""One small replica on the first machine."""


@pytest.mark.parametrize(
    ("paying", "price", "opens"),
    [
        pytest.param(rule(54), 100, 1, id="more is saved than its move is priced at"),
        pytest.param(rule(55), 100, 0, id="as much is saved"),
        pytest.param(rule(54, hours=1, hysteresis=20), 100, 0, id="as much is saved as move and hysteresis take"),
        pytest.param(rule(55, hours=2), 100, 1, id="over a longer horizon it pays"),
        pytest.param(rule(0), 45, 0, id="at the same price nothing is gained"),
        pytest.param(rule(0), 46, 1, id="where moves cost nothing a penny is"),
        pytest.param(rule(0), 0, 0, id="an unknown price is left alone"),
        pytest.param(replace(rule(0), replace=False), 100, 0, id="a pool that says no is left alone"),
        pytest.param(None, 100, 1, id="moves without a price"),
    ],
)
def test_a_machine_is_replaced_if_that_pays(paying: Consolidation | None, price: int, opens: int) -> None:
    found = place(problem(LONE, [(2000, price, True)], paying))
    assert (len(found.opens), len(found.closes)) == (opens, opens)


def changed(asked: Problem, **more: object) -> Problem:
    """With something else about pool `a`."""
    return replace(asked, pools=(replace(asked.pools[0], **more), asked.pools[1]))  # type: ignore[arg-type]


DEAR = problem(LONE, [(2000, 100, True)], rule(0))
SMALL = OFFERS[0]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(changed(DEAR, max=1), id="where its pool may have no machine more for the while"),
        pytest.param(changed(DEAR, offers=(SMALL._replace(sold_out=True),)), id="where the cheaper one is sold out"),
        pytest.param(changed(DEAR, offers=(SMALL._replace(price=0),)), id="where the other one's price is not known"),
        pytest.param(changed(DEAR, asks=(Ceiling(price=Money(120)),)), id="where both together would cost more than the pool may"),
        pytest.param(changed(DEAR, asks=(Warm(nodes=1),)), id="where its room is to be kept free"),
        pytest.param(changed(DEAR, consolidate=Consolidation(move=Money(0, "EUR"))), id="where nobody can compare the currencies"),
        pytest.param(
            replace(changed(DEAR, offers=(SMALL._replace(spot=True),)), hosts=(DEAR.hosts[0]._replace(spot=True),)),
            id="where it is spot, and so is what is cheaper",
        ),
        pytest.param(replace(DEAR, bidding=Bidding(most=1)), id="where it may not go now"),
        pytest.param(replace(DEAR, bidding=replace(DEAR.bidding, bought=0)), id="where none may be bought now"),
        pytest.param(replace(DEAR, bidding=Bidding(hosts=frozenset({"m0"}))), id="where none may go now"),
        pytest.param(replace(DEAR, loads=(replace(LOADS[0], sure=False), *LOADS[1:])), id="where what stands there asks for nothing"),
        pytest.param(replace(DEAR, demands=(Demand(workload=LOADS[0].workload, count=1),)), id="while something is to come"),
        pytest.param(
            replace(DEAR, hosts=(*DEAR.hosts, DEAR.hosts[0]._replace(key="m1", state=HostState.JOINING))), id="while a machine is coming"
        ),
        pytest.param(replace(DEAR, hosts=(DEAR.hosts[0]._replace(keep=(Reason(Code.NODE_IS_MANAGER),)),)), id="where it has to stay"),
        pytest.param(
            replace(DEAR, loads=(replace(LOADS[0], stuck=(Reason(Code.NO_RECIPE),)), *LOADS[1:])), id="where what stands there may not move"
        ),
    ],
)
def test_nothing_is_replaced(asked: Problem) -> None:
    found = place(asked)
    assert (found.opens, found.closes, found.swap) == ((), (), None)


def test_two_go_for_one_that_holds_what_stands_on_both() -> None:
    found = place(problem([(0, 2), (0, 2), (1, 2), (1, 2)], [(1000, 100, True), (1000, 100, True)], rule(2)))
    assert found.swap == Swap(
        closes=("m0", "m1"),
        opens=("new-1",),
        reason=Reason(Code.OUTBID, (2, 1, 4), names=("0.00005 USD", "0.00005 USD", "1h", "0.000008 USD")),
    )
    assert [one.offering for one in found.opens] == [OFFERS[2].name]


def test_what_has_room_elsewhere_is_not_bought_for() -> None:
    found = place(problem([(0, 2), (0, 2), (0, 0), (1, 2), (1, 0)], [(1000, 400, True), (1000, 40, True)], rule(0)))
    assert (found.closes, [one.offering for one in found.opens]) == (("m0",), [OFFERS[0].name])
    assert {(one.target, one.count) for one in found.moves if one.workload == LOADS[2].workload} == {("m1", 1), ("new-1", 1)}


def test_why_a_machine_is_not_replaced_is_told() -> None:
    asked = problem([(0, 2), (1, 2), (1, 2)], [(400, 50, True), (1000, 80, True)], rule(10))
    told = {one.host: one.reasons[-1] for one in place(asked).kept}
    assert told["m0"] == Reason(Code.NOT_WORTH_REPLACING, (1, 1, 1), names=("0.000005 USD", "0.000005 USD", "1h", "0.00001 USD"))
    assert told["m1"] == Reason(Code.NOTHING_CHEAPER, names=("0.00008 USD",))


def test_more_rounds_are_never_worse() -> None:
    asked = problem(
        [(machine, which) for machine in range(5) for which in (0, 2)], [(1000, 130, True)] * 3 + [(2000, 400, False)] * 2, rule(2)
    )
    prices = [place(asked, lambda rounds, most=most: rounds < most).price for most in range(60)]  # type: ignore[misc]
    assert prices == sorted(prices, reverse=True)
    assert prices[-1] < prices[0]
