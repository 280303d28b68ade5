"""Much that is put on machines at once stands there as if it had come one by one; and each domain gets its part of every size."""

from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.constraints import LabelRule, Selector, TopologySpread
from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.refs import ClusterName, OfferingName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, Load, Offer, mixing, posing
from autoscaler.placement.fitting import fit
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Wish
from autoscaler.placement.problem import OPEN, HostState
from autoscaler.placement.rules import Counted
from autoscaler.placement.zoning import zoned

REFS = [WorkloadRef(ClusterName("shop"), name) for name in ("api", "job", "web")]
KEYS = ["one", "two", "three"]
TIER = Selector(rules=(LabelRule(key="tier", value="front"),))
comings = st.lists(st.tuples(st.sampled_from(REFS), st.sampled_from(KEYS), st.integers(1, 3)), max_size=12)


def ledger() -> Ledger:
    """Two of three workloads carry the label that one of them has a rule about."""
    found = Ledger.empty(
        {
            ref: Load(
                workload=ref,
                shape=Shape(requests=Resources(10 * place + 10, 7), constraints=(TopologySpread(over=TIER),) if place == 2 else ()),
                labels=(("tier", "front" if place else "back"),),
            )
            for place, ref in enumerate(REFS)
        }
    )
    for key in KEYS:
        found.add(Host(key=key, capacity=Resources(1000, 1000)))
    return found


def seen(some: Ledger) -> list[list[int]]:
    """Room, totals, and what stands of each workload and tally, by machine."""
    counted: list[Counted] = [*REFS, *(tally for ref in REFS for tally in some.relations.tallies.get(ref, ()))]
    standing = [some.columns.standing(one) for one in counted]
    every = [some.columns.room[:, 0], some.columns.room[:, 1], some.columns.total, *(one for one in standing if one is not None)]
    return [one[: len(KEYS)].tolist() for one in every if one[: len(KEYS)].any()]


@given(comings, comings)
def test_much_at_once_stands_as_if_it_had_come_one_by_one(
    first: list[tuple[WorkloadRef, str, int]], then: list[tuple[WorkloadRef, str, int]]
) -> None:
    at_once, singly = ledger(), ledger()
    at_once.put_many(first)
    for workload, key, count in [*first, *then]:
        singly.put(workload, key, count)
    for workload, key, count in then:
        at_once.put(workload, key, count)
    assert seen(at_once) == seen(singly)


@given(comings, comings)
def test_what_comes_to_a_copy_does_not_come_to_the_original(
    first: list[tuple[WorkloadRef, str, int]], then: list[tuple[WorkloadRef, str, int]]
) -> None:
    kept, once = ledger(), ledger()
    kept.put_many(first)
    once.put_many(first)
    kept.copy().put_many(then)
    assert seen(kept) == seen(once)


@given(first=comings, then=comings, key=st.sampled_from(KEYS), spread=st.booleans())
def test_what_was_only_tried_is_as_if_it_had_never_been(
    first: list[tuple[WorkloadRef, str, int]], then: list[tuple[WorkloadRef, str, int]], key: str, *, spread: bool
) -> None:
    some, once = ledger(), ledger()
    some.put_many(first)
    once.put_many(first)
    some.attempt()
    some.set_state(key, HostState.LEAVING)
    some.count_leaving(but=key)
    for workload, target, count in then:
        fit(some, some.loads[workload], count, OPEN, spread=spread)
        some.put(workload, target, -count)
        some.reserve(workload, target, count)
        some.lend(workload, target, -count)
    some.take_back()
    assert (seen(some), some.hosts, some.left_out) == (seen(once), once.hosts, once.left_out)
    assert not some.columns.lent.any()
    assert some.columns.state.tolist() == once.columns.state.tolist()


def test_devices_whose_owners_were_only_tried_elsewhere_are_known_again() -> None:
    shares, whole = Shape(device=DeviceAsk(kind="gpu", share=500)), Shape(device=DeviceAsk(kind="gpu", whole=1))
    loads = {ref: Load(workload=ref, shape=shape) for ref, shape in zip(REFS, (shares, whole), strict=False)}
    some = Ledger.empty(loads)
    some.add(Host(key="one", capacity=Resources(1000, 1000), devices=(Device(kind="gpu"),) * 2))
    some.put(REFS[0], "one", 2)
    assert some.devices is not None
    some.devices.know(REFS[0], 0, [(1,), (1,)])
    some.attempt()
    some.put(REFS[0], "one", -1)
    some.put(REFS[0], "one", 1)
    tried = some.fits(loads[REFS[1]], "one")
    some.take_back()
    assert (tried, some.fits(loads[REFS[1]], "one")) == (0, 1)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(2, 4))
def test_each_domain_gets_its_part_of_every_size(counts: list[int], zones: int) -> None:
    rule = TopologySpread(over=TIER, topology="zone")
    loads = [
        Load(
            workload=WorkloadRef(ClusterName("shop"), f"d{size}"),
            shape=Shape(requests=Resources(100 * size + 100, 1), constraints=(rule,)),
            labels=(("tier", "front"),),
        )
        for size in range(len(counts))
    ]
    wishes = [Wish(load=load, count=count) for load, count in zip(loads, counts, strict=True)]
    offers = [
        Offer(name=OfferingName(f"m{zone}"), capacity=Resources(10_000, 1000), price=5, labels=(("zone", f"z{zone}"),))
        for zone in range(zones)
    ]
    parts = zoned(Ledger.empty({load.workload: load for load in loads}), wishes, "zone", offers)
    for wish in wishes:
        there = [sum(count for one, count in parts.get(f"z{zone}", []) if one is wish) for zone in range(zones)]
        assert sum(there) == wish.count
        assert max(there) - min(there) <= 2


def test_what_is_unlimited_in_a_question_is_so_for_who_asks() -> None:
    assert posing.MOST == mixing.UNLIMITED
