"""Replicas moved to better places on request, where we choose the place of each: the new one serves before the old one goes."""

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler.model.commitments import Commitments, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.observations import Capabilities, Moves
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.steps import AwaitHealthy, JoinTraffic, LeaveTraffic, StartReplica, StopReplica
from autoscaler.model.workloads import Obstacle
from autoscaler.planning import Rebalance, plan

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
BOUND = Capabilities(moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True, reserves=True)
NODES = ("n1", "n2", "n3")
WEB, OTHER = WorkloadRef.parse("shop/web"), WorkloadRef.parse("shop/other")


def joined_late(small: Worlds, *, cpu: int = 1000, **more: object) -> "World":
    """Two nodes that are three quarters full, and one that joined when all stood already."""
    world = small()
    world.capabilities = BOUND
    for name in NODES:
        world.node(name)
    world.workload("web", ["n1"] * 3 + ["n2"] * 3, cpu=cpu, **more)  # type: ignore[arg-type]
    return world


def rebalanced(world: "World", moves: int = 10, *only: WorkloadRef, commitments: Commitments | None = None) -> Plan:
    return plan(replace(world.request(commitments), rebalance=Rebalance(moves=moves, workloads=frozenset(only))))


def counts(world: "World") -> list[int]:
    here = Counter(one.node.id for one in world.replicas if one.node)
    return [here[node] for node in world.nodes]


@pytest.mark.parametrize(
    ("moves", "more", "after"),
    [
        pytest.param(10, {}, [2, 2, 2], id="as evenly as can be"),
        pytest.param(10, {"traffic": False}, [2, 2, 2], id="without traffic too"),
        pytest.param(10, {"surge": 1}, [2, 2, 2], id="one after the other"),
        pytest.param(10, {"surge": 0}, [3, 3, 0], id="nothing without a surge"),
        pytest.param(10, {"allow_gap": True, "obstacles": (Obstacle.SINGLE_WRITER,)}, [3, 3, 0], id="what cannot be twice stays"),
    ],
)
def test_a_node_that_joined_late_gets_its_share(small: Worlds, moves: int, more: dict[str, object], after: list[int]) -> None:
    world = joined_late(small, **more)  # type: ignore[arg-type]
    world.finish(rebalanced(world, moves))
    assert counts(world) == after
    assert rebalanced(world, moves).steps == (), "what stands well stays so"


def test_no_more_moves_than_asked_for(small: Worlds) -> None:
    world = joined_late(small)
    world.finish(rebalanced(world, 1))
    assert sorted(counts(world)) == [1, 2, 3]


@pytest.mark.parametrize("traffic", [True, False], ids=["in rotation", "without a rotation"])
def test_the_new_one_serves_before_the_old_one_goes(small: Worlds, *, traffic: bool) -> None:
    made = rebalanced(joined_late(small, traffic=traffic), 1)
    kinds = [StartReplica, JoinTraffic, LeaveTraffic, StopReplica] if traffic else [StartReplica, AwaitHealthy, StopReplica]
    assert [type(one.step) for one in made.steps] == kinds
    assert [one.after for one in made.steps] == [(), *((one.id,) for one in made.steps[:-1])]
    assert {getattr(one.step, "count", 4) for one in made.steps} == {4}, "three elsewhere, and the new one"
    assert (made.moves[0].expected, made.moves[0].target, made.moves[0].gap.ms) == (False, "n3", 0)
    assert made.steps[0].reasons[0].code is Code.EVENS_LOAD


def test_no_more_of_a_workload_than_its_surge_is_doubled(small: Worlds) -> None:
    made = rebalanced(joined_late(small, surge=1))
    first, second = (one for one in made.steps if isinstance(one.step, StartReplica))
    stop = next(one for one in made.steps if isinstance(one.step, StopReplica) and one.operation == first.operation)
    assert (first.after, second.after) == ((), (stop.id,))


def test_how_long_was_searched_is_told(small: Worlds) -> None:
    made = rebalanced(joined_late(small))
    assert made.rounds > 0
    plainly = [reason.numbers for one in made.remarks for reason in one.reasons if reason.code is Code.SEARCHED_PLAINLY]
    assert plainly in ([], [(made.rounds,)])


@pytest.mark.parametrize("frozen", ["shop/web", "node:n3", "pool:general"])
def test_what_is_frozen_neither_moves_nor_takes(small: Worlds, frozen: str) -> None:
    world = joined_late(small)
    world.freezes.append(Freeze(subject=frozen, who="somebody", why="looking", at=world.at))
    assert rebalanced(world).steps == ()


def test_only_those_named(small: Worlds) -> None:
    world = joined_late(small, cpu=500)
    world.workload("other", ["n1"] * 3, cpu=500)
    assert {one.workload for one in rebalanced(world, 10, OTHER).moves} == {OTHER}


def broken_off(world: "World", steps: int) -> Commitments:
    """The first move is begun, and the next step of it does not end in time."""
    made = rebalanced(world, 1)
    begun = world.finish(made, steps=steps)
    failed = replace(begun.records[steps], status=StepStatus.FAILED, reasons=(Reason(Code.TIMED_OUT),), ended_at=world.at)
    return replace(begun, records=(*begun.records[:steps], failed, *begun.records[steps + 1 :]))


@pytest.mark.parametrize("steps", [1, 2, 3], ids=["it does not serve", "the old one does not leave", "the old one does not stop"])
def test_what_breaks_off_ends_what_was_started_for_it(small: Worlds, steps: int) -> None:
    world = joined_late(small)
    commitments = broken_off(world, steps)
    assert len(world.replicas) == 7
    after = plan(world.request(commitments))
    assert {one.operation.partition(" ")[0] for one in after.steps} == {"undo"}
    world.finish(after)
    assert counts(world) == [3, 3, 0]
    assert sum(one.state.value == "ready" for one in world.members.values()) >= 6


def test_whoever_replaced_a_replica_that_is_gone_stays(small: Worlds) -> None:
    world = joined_late(small)
    commitments = broken_off(world, 3)
    gone = next(one.planned.step.replica for one in commitments.records if isinstance(one.planned.step, StopReplica))
    world.replicas = [one for one in world.replicas if one.id != gone]
    assert not any(one.operation.startswith("undo") for one in plan(world.request(commitments)).steps)


@pytest.mark.parametrize("steps", range(1, 4))
def test_what_is_begun_goes_on(small: Worlds, steps: int) -> None:
    world = joined_late(small)
    made = rebalanced(world)
    assert plan(world.request(world.finish(made, steps=steps))).id == made.id


def test_nothing_while_one_waits_for_room(small: Worlds) -> None:
    world = joined_late(small)
    world.workload("other", ["n1"], cpu=100)
    world.replicas.append(replace(world.replicas[-1], id=ReplicaId("w"), node=None))
    world.workloads[OTHER] = replace(world.workloads[OTHER], wanted=2)
    assert rebalanced(world, commitments=world.finish(world.plan(), steps=0)).steps == ()


@given(
    web=lists(integers(0, 2), min_size=1, max_size=6), other=lists(integers(0, 2), max_size=6), surge=integers(1, 3), moves=integers(1, 6)
)
def test_the_floor_the_surge_and_all_room_hold_at_every_step(
    small: Worlds, web: list[int], other: list[int], surge: int, moves: int
) -> None:
    world = small()
    world.capabilities = BOUND
    for name in NODES:
        world.node(name)
    sizes = {WEB: len(web), OTHER: len(other)}
    world.workload("web", [NODES[one] for one in web], cpu=600, surge=surge)
    world.workload("other", [NODES[one] for one in other], cpu=500, surge=surge)
    full = {name for name in NODES if world.room(name).cpu < 0}

    def watch(after: "World", _: PlannedStep) -> None:
        for ref, size in sizes.items():
            live = [one for one in after.replicas if one.workload == ref]
            ready = {address for address, one in after.members.items() if one.state.value == "ready"}
            assert sum(one.address in ready for one in live) >= size
            assert len(live) <= size + surge
        assert {name for name in NODES if after.room(name).cpu < 0} <= full

    made = rebalanced(world, moves)
    world.finish(made, watch)
    assert len(made.moves) <= moves
    if len(made.moves) < moves:
        assert rebalanced(world, moves).steps == ()
