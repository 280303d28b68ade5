"""What fits where, in one situation each, and what always holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.constraints import LabelRule, Taint
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, place

POOL = PoolName("general")
WEB = WorkloadRef(ClusterName("shop"), "web")
API = WorkloadRef(ClusterName("shop"), "api")
GI = 2**30
ROOM = Resources(4000, 4 * GI)
SMALL = Offer(name=OfferingName("small"), capacity=ROOM, price=100)


def host(key: str, state: HostState = HostState.OPEN, **more: object) -> Host:
    return Host(key=key, capacity=ROOM, state=state, pool=POOL, price=100, **more)  # type: ignore[arg-type]


def load(ref: WorkloadRef = WEB, cpu: int = 1000, **more: object) -> Load:
    shape = more.pop("shape", Shape(requests=Resources(cpu, 2**20)))
    return Load(workload=ref, shape=shape, **more)  # type: ignore[arg-type]


def pool(count: int, low: int = 0, high: int = 9, *offers: Offer) -> PoolOptions:
    return PoolOptions(name=POOL, count=count, min=low, max=high, offers=offers or (SMALL,))


def on(found: Placement) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in found.assignments:
        total[one.host] = total.get(one.host, 0) + one.count
    return total


def kept(found: Placement) -> dict[str, Code]:
    return {one.host: one.reasons[0].code for one in found.kept}


@pytest.mark.parametrize(
    ("hosts", "count", "went"),
    [
        pytest.param([host("a"), host("b", HostState.JOINING)], 5, {"a": 4, "b": 1}, id="open ones before those on their way"),
        pytest.param([host("a"), host("b", HostState.CLOSING)], 5, {"a": 4, "b": 1}, id="a closing one before a new one"),
        pytest.param([host("a"), host("b", HostState.SHUT)], 5, {"a": 4, "new-1": 1}, id="a shut one takes nothing"),
        pytest.param([host("a"), host("b", HostState.LEAVING)], 5, {"a": 4, "new-1": 1}, id="nor one that leaves"),
        pytest.param([], 9, {"new-1": 4, "new-2": 4, "new-3": 1}, id="as many new ones as needed"),
    ],
)
def test_where_replicas_go(hosts: list[Host], count: int, went: dict[str, int]) -> None:
    problem = Problem(hosts=tuple(hosts), loads=(load(),), demands=(Demand(workload=WEB, count=count),), pools=(pool(len(hosts)),))
    assert on(place(problem)) == went


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        pytest.param(Shape(requests=Resources(1000, 0), max_per_node=1), 2, id="its own limit per machine"),
        pytest.param(Shape(requests=Resources(1000, 0), host_ports=(80,)), 2, id="one host port, one replica"),
        pytest.param(Shape(node_rules=(LabelRule(key="disk", value="ssd"),)), 0, id="a label it must have"),
        pytest.param(Shape(requests=Resources(9000, 0)), 0, id="larger than any machine"),
    ],
)
def test_what_limits_a_machine(shape: Shape, fits: int) -> None:
    problem = Problem(hosts=(host("a"), host("b")), loads=(load(shape=shape),), demands=(Demand(workload=WEB, count=3),))
    found = place(problem)
    assert sum(on(found).values()) == fits
    assert found.unplaced[0].count == 3 - fits
    assert found.unplaced[0].reasons


@pytest.mark.parametrize(
    ("options", "code"),
    [
        pytest.param(pool(1, 0, 1), Code.POOL_AT_MAXIMUM, id="the pool may have no more"),
        pytest.param(pool(1, 0, 9, Offer(name=OfferingName("s"), capacity=ROOM, price=1, sold_out=True)), Code.SOLD_OUT, id="sold out"),
        pytest.param(
            pool(1, 0, 9, Offer(name=OfferingName("s"), capacity=Resources(10, 10), price=1)), Code.NO_OFFERING_FITS, id="too small"
        ),
    ],
)
def test_why_replicas_stay_without_a_place(options: PoolOptions, code: Code) -> None:
    problem = Problem(hosts=(host("a"),), loads=(load(),), demands=(Demand(workload=WEB, count=6),), pools=(options,))
    found = place(problem)
    assert [(one.count, one.reasons[0].code) for one in found.unplaced] == [(2, code)]
    assert found.rejected


@pytest.mark.parametrize(
    ("room", "opens"),
    [
        pytest.param((5000, 4000), 0, id="all fit if the large one goes where it packs less well"),
        pytest.param((5000, 3000), 1, id="all never fit"),
    ],
)
def test_nothing_is_bought_for_what_finds_room_in_another_way(room: tuple[int, int], opens: int) -> None:
    hosts = tuple(host(key)._replace(capacity=Resources(cpu, GI)) for key, cpu in zip("ab", room, strict=True))
    demands = Demand(workload=WEB, count=3), Demand(workload=API, count=1)
    problem = Problem(hosts=hosts, loads=(load(cpu=2000), load(API, 3000)), demands=demands, pools=(pool(2),))
    found = place(problem)
    assert (len(found.opens), found.unplaced) == (opens, ())


def test_the_cheapest_for_what_it_holds_is_opened() -> None:
    large = Offer(name=OfferingName("large"), capacity=Resources(16_000, 16 * 2**30), price=300)
    for count, name in ((4, "small"), (16, "large")):
        problem = Problem(hosts=(), loads=(load(),), demands=(Demand(workload=WEB, count=count),), pools=(pool(0, 0, 9, SMALL, large),))
        assert [one.offering for one in place(problem).opens] == [name]


@pytest.mark.parametrize(
    ("other", "rule", "code"),
    [
        pytest.param(Offer(name=OfferingName("other"), capacity=ROOM, price=101), (), Code.DEARER, id="the same for more"),
        pytest.param(Offer(name=OfferingName("other"), capacity=Resources(10, 10), price=1), (), Code.TOO_SMALL, id="too small"),
        pytest.param(
            Offer(name=OfferingName("other"), capacity=ROOM, price=1, taints=(Taint(key="gpu"),)), (), Code.TAINTED, id="with a taint"
        ),
        pytest.param(
            Offer(name=OfferingName("other"), capacity=ROOM, price=1),
            (LabelRule(key="disk", value="ssd"),),
            Code.OTHER_LABELS,
            id="cheaper and without the label it needs",
        ),
    ],
)
def test_why_an_offer_was_left(other: Offer, rule: tuple[LabelRule, ...], code: Code) -> None:
    taken = Offer(name=OfferingName("taken"), capacity=ROOM, price=100, labels=(("disk", "ssd"),))
    shape = Shape(requests=Resources(1000, 2**20), node_rules=rule)
    problem = Problem(hosts=(), loads=(load(shape=shape),), demands=(Demand(workload=WEB, count=1),), pools=(pool(0, 0, 9, taken, other),))
    found = place(problem)
    assert [one.offering for one in found.opens] == ["taken"]
    assert [(one.offering, one.reasons[0].code) for one in found.rejected] == [("other", code)]


def test_a_pool_below_its_minimum_is_filled_up() -> None:
    found = place(Problem(hosts=(host("a"),), loads=(load(),), pools=(pool(1, 3),)))
    assert len(found.opens) == 2


def test_any_machine_may_go_not_only_the_first_ones() -> None:
    residents = (Resident(workload=WEB, host="a", count=4, serving=4), Resident(workload=WEB, host="b", count=1, serving=1))
    problem = Problem(
        hosts=(host("a"), host("b"), host("c")),
        loads=(load(spare=9),),
        residents=(*residents, Resident(workload=WEB, host="c", count=3, serving=3)),
        pools=(pool(3),),
    )
    found = place(problem)
    assert found.closes == ("b",)
    assert [(one.source, one.target, one.count) for one in found.moves] == [("b", "c", 1)]
    assert kept(found) == {"a": Code.REPLICAS_FIT_NOWHERE_ELSE, "c": Code.REPLICAS_FIT_NOWHERE_ELSE}


def test_machines_that_close_together_do_not_move_onto_each_other() -> None:
    residents = tuple(Resident(workload=WEB, host=key, count=1, serving=1) for key in "abc")
    problem = Problem(hosts=tuple(host(key) for key in "abc"), loads=(load(spare=9),), residents=residents, pools=(pool(3),), spread=True)
    found = place(problem)
    assert len(found.closes) == 2
    assert not {one.target for one in found.moves} & set(found.closes)


@pytest.mark.parametrize(
    ("one", "code"),
    [
        pytest.param(load(spare=0, surge=1), Code.SURGE_TOO_SMALL, id="a surge too small for the floor"),
        pytest.param(load(spare=-1, surge=9), Code.FLOOR_BROKEN, id="a floor broken already"),
        pytest.param(load(spare=0, surge=9, sure=False), Code.REPLICAS_FIT_NOWHERE_ELSE, id="unsure: surge and replacements both count"),
    ],
)
def test_why_a_machine_stays(one: Load, code: Code) -> None:
    residents = (Resident(workload=WEB, host="a", count=2, serving=2), Resident(workload=WEB, host="b", count=2, serving=2))
    found = place(Problem(hosts=(host("a"), host("b")), loads=(one,), residents=residents, pools=(pool(2),)))
    assert found.closes == ()
    assert kept(found)["a"] in (code, Code.SURGE_FITS_NOWHERE if not one.sure else code)


@pytest.mark.parametrize(
    ("forced", "booked", "closes"),
    [
        pytest.param(HostState.OPEN, 1, ["a"], id="not for one that must go and was not begun"),
        pytest.param(HostState.OPEN, 0, ["a"], id="nor while it is still to come"),
        pytest.param(HostState.CLOSING, 1, ["a", "b"], id="for one that is being closed"),
    ],
)
def test_whom_a_surge_is_spare_for(forced: HostState, booked: int, closes: list[str]) -> None:
    """With it the other would be closed first, and without it, once it has gone with the machine it was for, not at all: for ever."""
    hosts = (host("a", HostState.CLOSING), host("b", forced, must_close=True), host("c", keep=(Reason(Code.NODE_IS_MANAGER),)))
    residents = tuple(Resident(workload=WEB, host=key, count=count, serving=count) for key, count in (("a", 1), ("b", 2), ("c", 1)))
    found = place(Problem(hosts=hosts, loads=(load(spare=1, surge=1, lent=1, booked=booked),), residents=residents, pools=(pool(3),)))
    assert sorted(found.closes) == closes
    assert kept(found).get("b") in (None, Code.SURGE_TOO_SMALL)


def test_a_machine_being_closed_stays_when_what_may_not_move_came_to_it() -> None:
    """Fenced a moment too late: a scheduler had put there what cannot be in two places."""
    single = load(spare=1, surge=1, stuck=(Reason(Code.GAP_NOT_ALLOWED),))
    hosts = (host("a", HostState.CLOSING), host("b"))
    residents = (Resident(workload=WEB, host="a", count=1, serving=1),)
    found = place(Problem(hosts=hosts, loads=(single,), residents=residents, pools=(pool(2, 2),)))
    assert (found.closes, found.unfence, kept(found)["a"]) == ((), ("a",), Code.GAP_NOT_ALLOWED)


def test_where_a_machine_being_closed_moves_to_stays() -> None:
    """Closed as well, it would leave the one begun without a place, and be opened again for it."""
    hosts = (host("a", HostState.CLOSING), host("b"), host("c"))
    residents = (Resident(workload=WEB, host="a", count=1, serving=1), Resident(workload=API, host="c", count=3, serving=3))
    found = place(Problem(hosts=hosts, loads=(load(spare=1), load(API, spare=9)), residents=residents, pools=(pool(3, 1),), spread=True))
    assert [one.target for one in found.moves if one.source == "a"] == ["b"]
    assert (kept(found)["b"], "b" in found.closes) == (Code.MAKES_ROOM, False)


def test_where_surge_and_replacements_do_not_both_fit_it_is_said() -> None:
    residents = (Resident(workload=WEB, host="a", count=2, serving=2), Resident(workload=WEB, host="b", count=2, serving=2))
    found = place(Problem(hosts=(host("a"), host("b")), loads=(load(surge=2),), residents=residents, pools=(pool(2),)))
    assert found.closes == ("a",)
    assert found.tight == (("a", WEB),)


def test_a_machine_stays_whose_replicas_fit_elsewhere_in_one_order_only() -> None:
    """A scheduler that spreads puts the small one where the large one would have to go, if it is asked for the small one first."""
    stays = (Reason(Code.NODE_IS_MANAGER),)
    hosts = (host("a"), host("b", keep=stays), host("c", keep=stays))
    residents = (
        Resident(workload=WEB, host="a", count=1),
        Resident(workload=API, host="a", count=1),
        Resident(workload=WEB, host="b", count=3),
    )
    loads = (load(spare=9), load(API, 4000 - 500, spare=9))
    pools = (pool(3),)
    spread = place(Problem(hosts=hosts, loads=loads, residents=residents, pools=pools, spread=True))
    packed = place(Problem(hosts=hosts, loads=loads, residents=residents, pools=pools))
    assert "a" not in spread.closes
    assert "a" in packed.closes


@pytest.mark.parametrize(
    ("room", "closes"),
    [
        pytest.param(900, (), id="the large one would leave it too little"),
        pytest.param(1400, ("a",), id="all of them may land there"),
        pytest.param(1399, (), id="or all of them together"),
    ],
)
def test_what_declares_nothing_needs_room_wherever_the_rest_may_land(room: int, closes: tuple[str, ...]) -> None:
    """Begun, and the large one on the small machine, it could not be ended: opened again, and begun again, for ever."""
    stays = (Reason(Code.NODE_IS_MANAGER),)
    small = Host(key="b", capacity=Resources(room, ROOM.memory), state=HostState.OPEN, keep=stays)
    batch = WorkloadRef(ClusterName("shop"), "batch")
    residents = (
        *(Resident(workload=ref, host="a", count=1, serving=1) for ref in (batch, API, WEB)),
        Resident(workload=WEB, host="b", count=1, serving=1),
        Resident(workload=API, host="c", count=2, serving=2),
    )
    loads = (load(batch, 300, spare=1), load(API, 500, spare=1), load(WEB, 300, spare=2, sure=False))
    problem = Problem(hosts=(host("a"), small, host("c", keep=stays)), loads=loads, residents=residents, pools=(pool(2),), spread=True)
    assert place(problem).closes == closes


def test_what_waits_for_room_keeps_machines_that_would_hold_it() -> None:
    problem = Problem(
        hosts=(host("a"), host("b")),
        loads=(load(spare=9), load(API, 4000)),
        residents=(Resident(workload=WEB, host="a", count=1), Resident(workload=WEB, host="b", count=1)),
        demands=(Demand(workload=API, count=1),),
        pools=(pool(2, 0, 2),),
    )
    assert kept(place(problem))["a"] is Code.MAKES_ROOM


@pytest.mark.parametrize(
    ("state", "later", "closes", "unfence"),
    [
        pytest.param(HostState.OPEN, 4, ("b",), (), id="what comes later finds room on one, the other may go"),
        pytest.param(HostState.OPEN, 5, (), (), id="both are kept for what comes later"),
        pytest.param(HostState.CLOSING, 5, (), ("b",), id="a closing one is opened again for it"),
        pytest.param(HostState.OPEN, 99, (), (), id="no machine is opened for it"),
    ],
)
def test_what_a_limit_holds_back_keeps_machines(state: HostState, later: int, closes: tuple[str, ...], unfence: tuple[str, ...]) -> None:
    hosts, pools = (host("a"), host("b", state)), (pool(2, 0, 9),)
    found = place(Problem(hosts=hosts, loads=(load(),), pools=pools, later=(Demand(workload=WEB, count=later),)))
    assert (found.closes, found.unfence, found.opens, found.assignments) == (closes, unfence, (), ())
    assert set(kept(found).values()) <= {Code.KEPT_FOR_LATER}


def test_a_search_that_is_ended_keeps_what_it_found() -> None:
    problem = Problem(hosts=tuple(host(key) for key in "abcd"), loads=(load(),), pools=(pool(4),))
    assert len(place(problem).closes) == 4
    assert len(place(problem, lambda rounds: rounds < 2).closes) == 2


@settings(max_examples=100, deadline=None)
@given(
    residents=st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(1, 3)), max_size=6),
    counts=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    high=st.integers(4, 7),
    spread=st.booleans(),
)
def test_no_machine_is_overfilled_and_nothing_is_lost(
    residents: list[tuple[str, bool, int]], counts: tuple[int, int], high: int, *, spread: bool
) -> None:
    loads = (load(WEB, 500, spare=9), load(API, 750, spare=9))
    seen: dict[tuple[str, bool], int] = {}
    room = dict.fromkeys("abcd", 4000)
    for key, web, count in residents:
        if room[key] >= count * (500 if web else 750):
            room[key] -= count * (500 if web else 750)
            seen[key, web] = seen.get((key, web), 0) + count
    problem = Problem(
        hosts=tuple(host(key) for key in "abcd"),
        loads=loads,
        residents=tuple(Resident(workload=WEB if web else API, host=key, count=n, serving=n) for (key, web), n in sorted(seen.items())),
        demands=(Demand(workload=WEB, count=counts[0]), Demand(workload=API, count=counts[1])),
        pools=(pool(4, 1, high),),
        spread=spread,
    )
    found = place(problem)
    used = {one.key: 0 for one in found.opens} | {key: 4000 - left for key, left in room.items()}
    for one in found.assignments:
        used[one.host] += one.count * (500 if one.workload == WEB else 750)
    for move in found.moves:
        used[move.target] += move.count * (500 if move.workload == WEB else 750)
    assert all(cpu <= 4000 for cpu in used.values())
    placed = sum(one.count for one in found.assignments) + sum(one.count for one in found.unplaced)
    assert placed == sum(counts)
    assert all(one.reasons for one in found.unplaced)
    assert 1 <= 4 + len(found.opens) - len(found.closes) <= high
    assert not {one.target for one in found.moves} & set(found.closes)
    assert place(problem) == found


@settings(max_examples=60, deadline=None)
@given(here=st.lists(st.integers(0, 4), min_size=1, max_size=5), less=st.integers(0, 8), more=st.integers(0, 8))
def test_more_load_never_closes_more(here: list[int], less: int, more: int) -> None:
    def closes(count: int) -> int:
        problem = Problem(
            hosts=tuple(host(f"n{place}") for place in range(len(here))),
            loads=(load(spare=9),),
            residents=tuple(Resident(workload=WEB, host=f"n{place}", count=n) for place, n in enumerate(here) if n),
            demands=(Demand(workload=WEB, count=count),) if count else (),
            pools=(pool(len(here)),),
        )
        return len(place(problem).closes)

    assert closes(less + more) <= closes(less)


MEMORY = ("plain", str(WEB), "memory")
KINDS = (
    Offer(name=OfferingName("plain"), capacity=ROOM, price=1),
    Offer(name=OfferingName("ssd"), capacity=ROOM, price=2, labels=(("disk", "ssd"),), taints=(Taint(key="for", value="db"),)),
    Offer(name=OfferingName("gpu"), capacity=Resources(2000, 2**30, (("fpga", 1),)), price=3, devices=(Device("gpu"),)),
)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        pytest.param(Shape(requests=Resources(9000, 0)), Reason(Code.TOO_SMALL, (9000, 4000), "cpu", ("plain", str(WEB), "cpu")), id="cpu"),
        pytest.param(Shape(requests=Resources(0, 2**40)), Reason(Code.TOO_SMALL, (2**40, 2**32), "bytes", MEMORY), id="memory"),
        pytest.param(
            Shape(requests=Resources(1, 1, (("fpga", 2),))),
            Reason(Code.TOO_SMALL, (2, 1), "", ("gpu", str(WEB), "fpga")),
            id="what is named",
        ),
        pytest.param(
            Shape(node_rules=(LabelRule(key="disk", value="hdd"),)), Reason(Code.OTHER_LABELS, names=("plain", str(WEB))), id="a label"
        ),
        pytest.param(
            Shape(node_rules=(LabelRule(key="disk", value="ssd"),)), Reason(Code.TAINTED, names=("ssd", str(WEB), "for=db")), id="a taint"
        ),
    ],
)
def test_what_the_nearest_offer_lacks_is_told_of_who_finds_no_place(shape: Shape, told: Reason) -> None:
    problem = Problem(hosts=(), loads=(load(shape=shape),), demands=(Demand(workload=WEB, count=1),), pools=(pool(0, 0, 9, *KINDS),))
    (left,) = place(problem).unplaced
    assert left.reasons[-1] == told


def test_an_offer_without_the_devices_is_left_for_that() -> None:
    shape = Shape(device=DeviceAsk(kind="gpu", whole=1))
    problem = Problem(hosts=(), loads=(load(shape=shape),), demands=(Demand(workload=WEB, count=1),), pools=(pool(0, 0, 9, *KINDS),))
    assert [(one.offering, one.reasons[0].code) for one in place(problem).rejected] == [
        ("plain", Code.NO_SUCH_DEVICES),
        ("ssd", Code.TAINTED),
    ]
