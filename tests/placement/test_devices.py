"""Devices, whole and shared: no more is put on a machine than it holds whichever device each replica gets, and both copies while moving."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.devices import WHOLE, Device, DeviceAsk, Devices
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, device_places, place
from autoscaler.placement.devices import DeviceRows

SHOP, POOL, GPU = ClusterName("shop"), PoolName("gpus"), "nvidia.com/gpu"
OLD, NEW = Device(GPU, "T4"), Device(GPU, "A100")
REFS = tuple(WorkloadRef(SHOP, name) for name in ("a", "b", "c"))


def share(milli: int, *products: str) -> DeviceAsk:
    return DeviceAsk(kind=GPU, share=milli, products=products)


def whole(count: int, *products: str) -> DeviceAsk:
    return DeviceAsk(kind=GPU, whole=count, products=products)


def load(ref: WorkloadRef, ask: DeviceAsk | None) -> Load:
    return Load(workload=ref, shape=Shape(requests=Resources(100, 0), device=ask), spare=99)


def node(key: str, devices: Devices, **more: object) -> Host:
    return Host(key=key, capacity=Resources(10_000, 0), devices=devices)._replace(**more)  # type: ignore[arg-type]


Free = tuple[int, ...]


def ways(devices: Devices, free: Free, ask: DeviceAsk) -> Iterator[Free]:
    """Every way to give one replica its devices."""
    able = [at for at, one in enumerate(devices) if ask.accepts(one) and free[at] >= (ask.share or WHOLE)]
    for chosen in combinations(able, ask.whole or 1):
        yield tuple(left - (ask.share or WHOLE) if at in chosen else left for at, left in enumerate(free))


def reached(devices: Devices, starts: set[Free], coming: list[DeviceAsk]) -> set[Free] | None:
    """What may be free once all have come, one after the other; None where somebody may find nothing."""
    for ask in coming:
        after = [set(ways(devices, free, ask)) for free in starts]
        if not all(after):
            return None
        starts = set().union(*after)
    return starts


def can_stand(devices: Devices, all_: list[DeviceAsk]) -> bool:
    """Whether there is a way for all of them to stand there together: no device above WHOLE, whole ones with nobody beside."""
    starts = {(WHOLE,) * len(devices)}
    for ask in all_:
        starts = {after for free in starts for after in ways(devices, free, ask)}
    return bool(starts)


asks = st.one_of(
    st.builds(share, st.sampled_from((100, 300, 500, 700, 900))),
    st.builds(share, st.sampled_from((200, 600)), st.sampled_from(("T4", "A100"))),
    st.builds(whole, st.integers(1, 2)),
    st.builds(whole, st.just(1), st.sampled_from(("T4", "A100"))),
)


@given(st.data())
def test_what_is_counted_on_fits_whichever_device_each_gets(data: st.DataObject) -> None:
    devices = tuple(data.draw(st.lists(st.sampled_from((OLD, NEW)), min_size=1, max_size=3)))
    known, unknown, coming = data.draw(st.tuples(asks, asks, asks))
    rows = DeviceRows.asked(dict(zip(REFS, (known, unknown, coming), strict=True)))
    rows.append(devices)
    free: Free = (WHOLE,) * len(devices)
    if after := list(ways(devices, free, known)):
        then = data.draw(st.sampled_from(after))
        rows.put(REFS[0], 0, 1)
        rows.know(REFS[0], 0, [tuple(at for at in range(len(devices)) if then[at] < free[at])])
        free = then
    starts = {free}
    for _ in range(data.draw(st.integers(0, 3))):
        if further := {more for one in starts for more in ways(devices, one, unknown)}:
            starts = further
            rows.put(REFS[1], 0, 1)
    every = slice(rows.size)
    count = int(rows.times(REFS[2], every)[0])
    assert all(reached(devices, {start}, [coming] * count) is not None for start in starts)
    if starts == {free}:
        assert not any(reached(devices, {start}, [coming] * (count + 1)) for start in starts), "more would have fitted"
    rows.put(REFS[2], 0, count)
    assert not rows.times(REFS[2], every).any()


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    loads = tuple(load(ref, draw(st.one_of(st.none(), asks))) for ref in REFS)
    hosts = [
        node(f"n{at}", tuple(draw(st.lists(st.sampled_from((OLD, NEW)), max_size=3))), pool=POOL, price=10, labels=(("pool", POOL),))
        for at in range(draw(st.integers(1, 3)))
    ]
    residents = []
    for host in hosts:
        there: list[DeviceAsk] = []
        for one in loads:
            ask, count = one.shape.device, draw(st.integers(0, 2))
            if ask is None or can_stand(host.devices, [*there, *[ask] * count]):
                there += [ask] * count if ask else []
                residents += [Resident(workload=one.workload, host=host.key, count=count, serving=count)] if count else []
    offers = [Offer(name=OfferingName(f"o{at}"), capacity=Resources(4000, 0), price=at + 1, devices=(NEW,) * at) for at in range(3)]
    return Problem(
        hosts=tuple(hosts),
        loads=loads,
        residents=tuple(residents),
        demands=tuple(Demand(workload=one.workload, count=draw(st.integers(0, 3))) for one in loads),
        pools=(PoolOptions(name=POOL, count=len(hosts), min=0, max=len(hosts) + 2, offers=tuple(offers)),),
        spread=draw(st.booleans()),
    )


def at_once(problem: Problem, found: Placement) -> dict[str, list[DeviceAsk]]:
    """All that may use devices of each machine at one instant: those that move count where they were and where they go."""
    shapes = {one.workload: one.shape.device for one in problem.loads}
    counts = Counter[tuple[str, WorkloadRef]]()
    for one in problem.residents:
        counts[one.host, one.workload] += one.count
    for put in found.assignments:
        counts[put.host, put.workload] += put.count
    for move in found.moves:
        counts[move.target, move.workload] += move.count
    there: dict[str, list[DeviceAsk]] = {}
    for (key, ref), count in sorted(counts.items()):
        ask = shapes[ref]
        there.setdefault(key, []).extend([ask] * count if ask else [])
    return there


@given(problems())
def test_no_device_is_above_its_whole_and_whole_ones_are_not_shared_also_while_moving(problem: Problem) -> None:
    found = place(problem)
    offers = {offer.name: offer for pool in problem.pools for offer in pool.offers}
    devices = {host.key: host.devices for host in problem.hosts} | {one.key: offers[one.offering].devices for one in found.opens}
    for key, there in at_once(problem, found).items():
        assert can_stand(devices[key], there), (key, there)


@pytest.mark.parametrize(
    ("devices", "ask", "standing", "places"),
    [
        pytest.param((NEW,) * 4, whole(1), [], 4, id="whole ones, one each"),
        pytest.param((NEW,) * 4, whole(3), [], 1, id="three of four whole ones once"),
        pytest.param((NEW,) * 2, share(300), [], 6, id="three shares of 300 on each"),
        pytest.param((NEW,) * 2, share(600), [], 2, id="shares are never of two devices"),
        pytest.param((NEW, OLD), share(500, "T4"), [], 2, id="only on the model that it accepts"),
        pytest.param((NEW,) * 2, DeviceAsk(kind="amd.com/gpu", whole=1), [], 0, id="none of another kind"),
        pytest.param((NEW,) * 3, whole(1), [(share(100), ((),))], 2, id="a share on an unknown device may be on any whole one"),
        pytest.param((NEW,) * 3, whole(1), [(share(100), ((),) * 2)], 1, id="two of them may be on two"),
        pytest.param((NEW,) * 3, whole(1), [(share(100), ((0,), (0,)))], 2, id="known to be on one, two are whole"),
        pytest.param((NEW,) * 3, whole(1), [(share(100), ((7,),))], 2, id="a number that no device has is not believed"),
        pytest.param((NEW,), share(600), [(share(300), ((),))], 1, id="of a single device it is known what is left"),
        pytest.param((NEW,) * 2, share(500), [(whole(1), ((),))], 2, id="a whole one takes all of one, whichever"),
        pytest.param((NEW,) * 2, share(500), [(whole(1), ((1,),))], 2, id="and so where it is known"),
    ],
)
def test_places(devices: Devices, ask: DeviceAsk, standing: list[tuple[DeviceAsk, tuple[tuple[int, ...], ...]]], places: int) -> None:
    others = [load(ref, other) for ref, (other, _) in zip(REFS[1:], standing, strict=False)]
    problem = Problem(
        hosts=(node("n1", devices),),
        loads=(load(REFS[0], ask), *others),
        residents=tuple(
            Resident(workload=one.workload, host="n1", count=len(where), devices=tuple(at for at in where if at))
            for one, (_, where) in zip(others, standing, strict=True)
        ),
        demands=(Demand(workload=REFS[0], count=9),),
    )
    found = place(problem)
    assert sum(one.count for one in found.assignments) == places
    assert device_places(problem, REFS[0], {}, anywhere=False)[0] == places


@pytest.mark.parametrize(
    ("ask", "code", "numbers"),
    [
        pytest.param(share(300), Code.NO_FREE_SHARE, (300, 2), id="no share on any of two"),
        pytest.param(whole(2), Code.NO_FREE_DEVICES, (2, 1), id="no two whole ones on the only one that has two"),
    ],
)
def test_why_there_is_no_place(ask: DeviceAsk, code: Code, numbers: tuple[int, ...]) -> None:
    hosts = (node("cpu", ()), node("one", (NEW,)), node("two", (NEW, NEW)))
    full = (Resident(workload=REFS[1], host="one", count=1), Resident(workload=REFS[1], host="two", count=2))
    loads = (load(REFS[0], ask), load(REFS[1], whole(1)))
    found = place(Problem(hosts=hosts, loads=loads, residents=full, demands=(Demand(workload=REFS[0], count=1),)))
    (why,) = found.unplaced[0].reasons
    assert (why.code, why.numbers, why.names) == (code, numbers, (GPU, "shop/a"))


def test_machines_are_bought_that_have_the_devices() -> None:
    offers = tuple(
        Offer(name=OfferingName(name), capacity=Resources(4000, 0), price=price, devices=devices)
        for name, price, devices in (("plain", 1, ()), ("one", 10, (NEW,)), ("four", 30, (NEW,) * 4), ("old", 2, (OLD,)))
    )
    pools = (PoolOptions(name=POOL, count=0, min=0, max=99, offers=offers, currency=Money(1).currency),)
    loads = (load(REFS[0], whole(1, "A100")), load(REFS[1], None))
    demands = (Demand(workload=REFS[0], count=60), Demand(workload=REFS[1], count=60))
    found = place(Problem(hosts=(), loads=loads, demands=demands, pools=pools))
    bought = Counter(one.offering for one in found.opens)
    assert {one: bought[OfferingName(one)] for one in ("one", "four", "old")} == {"one": 0, "four": 15, "old": 0}
    assert not found.unplaced


def test_what_is_stopping_holds_its_device_still() -> None:
    host = node("n1", (NEW, NEW), holding=((whole(1), (0,)), (share(100), ())))
    found = place(Problem(hosts=(host,), loads=(load(REFS[0], whole(1)),), demands=(Demand(workload=REFS[0], count=2),)))
    assert not found.assignments


def test_what_is_coming_may_come_to_any_machine() -> None:
    hosts = (node("n1", (NEW, NEW)), node("n2", (NEW,)), node("n3", (), state=HostState.OPEN))
    problem = Problem(hosts=hosts, loads=(load(REFS[0], whole(1)), load(REFS[1], share(100)), load(REFS[2], whole(2))))
    assert device_places(problem, REFS[0], {REFS[1]: 1}, anywhere=False) == (2, 2)
    assert device_places(problem, REFS[0], {REFS[2]: 1}, anywhere=False) == (1, 2)
    assert device_places(problem, REFS[0], {}, anywhere=True) == (1, 2)
