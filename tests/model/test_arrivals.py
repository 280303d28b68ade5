"""Who never became a node is told from who did once, and from who may have under another name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.arrivals import arrived, awaited, rests_until
from autoscaler.model.history import Arrival, Arrivals, Histories, History
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, InstanceRef, NodeRef, OfferingName, PoolName
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown

SHOP, POOL = ClusterName("shop"), PoolName("general")
BEGAN = 1_000_000_000
MINUTE = 60_000
PATIENCE = {POOL: Duration(10 * MINUTE)}
LAUNCHING, RUNNING = InstanceState.LAUNCHING, InstanceState.RUNNING


def machine(name: str, state: InstanceState = RUNNING, launched: int = 0) -> Instance:
    """`launched`: minutes after the beginning."""
    ref = InstanceRef(f"i-{name}", f"i-{name}")
    return Instance(ref=ref, state=state, offering=OfferingName("a"), node_name=name, launched_at=Instant(BEGAN + launched * MINUTE))


def node(name: str, joined: int | None = 0, *, manager: bool = False) -> Node:
    """`joined`: minutes after the beginning; None where nobody knows."""
    return Node(
        ref=NodeRef(f"n-{name}", "1", name),
        name=name,
        state=NodeState.READY,
        availability=NodeAvailability.OPEN,
        capacity=Resources(1000, 1),
        joined_at=Instant(0 if joined is None else BEGAN + joined * MINUTE),
        manager=manager,
    )


def seen(minute: int, machines: Iterable[Instance] = (), nodes: Iterable[Node] = ()) -> Observation:
    at = Instant(BEGAN + minute * MINUTE)
    pool = PoolState(pool=POOL, read_at=at, wanted=0, instances=tuple(machines), offerings=())
    state = ClusterState(identity="s", read_at=at, capabilities=Capabilities(), nodes=tuple(nodes), workloads=(), replicas=())
    return Observation(cluster=SHOP, at=at, state=state, pools=(PoolView(pool=POOL, state=pool),))


def watched(observations: Sequence[Observation]) -> Iterator[Observation]:
    """As they are, and every minute between them that nothing has changed."""
    for one, following in pairwise(observations):
        yield from (replace(one, at=Instant(at)) for at in range(one.at, following.at, MINUTE))
    yield observations[-1]


def follow(*observations: Observation) -> tuple[set[str], Arrivals]:
    """Who is absent at the last of them, and what is remembered then."""
    return glanced(*watched(observations))


def glanced(*observations: Observation) -> tuple[set[str], Arrivals]:
    """The same of whoever looks no more often."""
    known, told = Arrivals(), Histories()
    for one in observations:
        last, told = one, Histories((History(subject="pool:general", arrivals=known),))
        known = dict(arrived(one, told, PATIENCE)).get("pool:general", known)
    (view,) = awaited(last, told, PATIENCE).pools
    assert not isinstance(view.state, Unknown)
    return {one.node_name for one in view.state.instances if one.absent}, known


NEW, OLD = machine("new"), machine("old", launched=-60)


@pytest.mark.parametrize(
    ("minutes", "absent"),
    [
        pytest.param(range(1, 13), {"new"}, id="every minute"),
        pytest.param((1, 3, 5, 7, 9, 11, 13), {"new"}, id="every other minute"),
        pytest.param((1, 12), set(), id="at the beginning and in the end"),
        pytest.param((1, 2, 3, 60, 61), set(), id="not while the service was away"),
        pytest.param((1, 2, 8, *range(9, 20)), {"new"}, id="not for a while, and then all of its time again"),
        pytest.param((1, 2, 8, *range(9, 18)), set(), id="not for a while, and not all of its time since"),
    ],
)
def test_only_who_looks_all_the_time_calls_anybody_absent(minutes: Iterable[int], absent: set[str]) -> None:
    assert glanced(*(seen(minute, [NEW]) for minute in minutes))[0] == absent


@pytest.mark.parametrize(
    ("observations", "absent"),
    [
        pytest.param((seen(1, [NEW]), seen(11, [NEW])), set(), id="it has all of its time"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW])), {"new"}, id="in all of which no node came"),
        pytest.param((seen(1, [machine("new", LAUNCHING)]), seen(60, [NEW]), seen(69, [NEW])), set(), id="launching is not in it"),
        pytest.param((seen(1, [machine("new", LAUNCHING)]), seen(60, [NEW]), seen(71, [NEW])), {"new"}, id="and may take long"),
        pytest.param((seen(1, [NEW]), seen(2, [NEW], [node("new", 2)]), seen(99, [NEW])), set(), id="who was a node once is lost"),
        pytest.param((seen(1, [NEW]), seen(2, [NEW], [node("new", 2)]), seen(3, [NEW]), seen(14, [NEW])), set(), id="also at once"),
        pytest.param((seen(1, [OLD]), seen(99, [OLD])), set(), id="who was there before us may have been one"),
        pytest.param((seen(99, [NEW]),), set(), id="so may who is seen late for the first time"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW], [node("else", 3)])), set(), id="a strange node that came since may be it"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW], [node("else", None)])), set(), id="so may one of which nobody knows"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW], [node("else", -5)])), {"new"}, id="one from before its launch is not"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW], [node("m", 3, manager=True)])), {"new"}, id="a manager is not"),
        pytest.param((seen(1, [NEW]), seen(12, [NEW, OLD], [node("old", 3)])), {"new"}, id="another machine's node is not"),
    ],
)
def test_absent_is(observations: tuple[Observation, ...], absent: set[str]) -> None:
    assert follow(*observations)[0] == absent


A, B = machine("a"), machine("b", launched=20)


@pytest.mark.parametrize(
    ("observations", "times"),
    [
        pytest.param((seen(1, [A]), seen(12, [A])), 1, id="once"),
        pytest.param((seen(1, [A]), seen(12, [A]), seen(13, [A])), 1, id="while it goes it is the same time"),
        pytest.param((seen(1, [A]), seen(11, [A, machine("a2")]), seen(12, [A, machine("a2")])), 1, id="several at once are one time"),
        pytest.param((seen(1, [A]), seen(12, [A]), seen(20, [B]), seen(31, [B])), 2, id="launched since and not come is the second"),
        pytest.param((seen(1, [A]), seen(12, [A]), seen(20, [B]), seen(22, [B], [node("b", 22)])), 0, id="come is over"),
        pytest.param(
            (seen(1, [A]), seen(12, [A]), seen(500, [machine("c", launched=500)]), seen(511, [machine("c", launched=500)])),
            1,
            id="long ago is long ago",
        ),
    ],
)
def test_in_a_row_it_is(observations: tuple[Observation, ...], times: int) -> None:
    assert follow(*observations)[1].times == times


def test_a_pool_rests_twice_as_long_each_time_up_to_an_hour() -> None:
    spans = [rests_until(Arrivals(missed_at=Instant(BEGAN), times=times)) - BEGAN for times in (1, 2, 3, 4, 5, 99)]
    assert [span // MINUTE for span in spans] == [5, 10, 20, 40, 60, 60]


def test_what_has_joined_is_soon_forgotten() -> None:
    come = seen(2, [NEW], [node("new", 2)])
    assert follow(seen(1, [NEW]), come)[1].machines == (Arrival("i-new", Instant(BEGAN + MINUTE), joined=True),)
    assert follow(seen(1, [NEW]), come, seen(12, [NEW], [node("new", 2)]))[1] == Arrivals()


def test_a_cluster_that_cannot_be_read_tells_nothing() -> None:
    blind = replace(seen(12, [NEW]), state=Unknown(Code.UNAVAILABLE))
    assert arrived(blind, Histories(), PATIENCE) == ()
    assert awaited(blind, Histories(), PATIENCE) == blind


NAMES = ("a", "b", "c")
TICKS = st.lists(st.tuples(st.integers(1, 15), st.sets(st.sampled_from(NAMES))), min_size=1, max_size=10)


@given(launched=st.tuples(*(st.integers(-20, 40) for _ in NAMES)), ticks=TICKS)
def test_nobody_is_absent_who_was_ever_seen_as_a_node(launched: tuple[int, ...], ticks: list[tuple[int, set[str]]]) -> None:
    minute, known, ever = 0, Arrivals(), set[str]()
    for later, nodes in ticks:
        minute, ever = minute + later, ever | nodes
        machines = [machine(name, RUNNING if minute > at else LAUNCHING, at) for name, at in zip(NAMES, launched, strict=True)]
        here = seen(minute, machines, [node(name, minute) for name in sorted(nodes)])
        past = Histories((History(subject="pool:general", arrivals=known),))
        once = awaited(here, past, PATIENCE)
        (view,) = once.pools
        assert not isinstance(view.state, Unknown)
        assert not {one.node_name for one in view.state.instances if one.absent} & ever
        assert awaited(once, past, PATIENCE) == once
        known = dict(arrived(here, past, PATIENCE)).get("pool:general", known)
