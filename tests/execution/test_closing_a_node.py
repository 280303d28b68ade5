"""A node is emptied and given back, step by step, without a gap; killed anywhere, it is carried on; nothing is done twice."""

from collections.abc import Callable

import pytest

from autoscaler.contracts.store import Journal, Lease
from autoscaler.errors import AutoscalerError, ConflictError, UnavailableError
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.refs import InstanceRef
from autoscaler.model.steps import Evacuate, Fence, JoinTraffic, LeaveTraffic, Purpose, ReleaseInstance, RemoveNode, SetReplicas
from autoscaler.testing.scenes import EDGE, GENERAL, WEB, node_ref, planned
from autoscaler.testing.stages import ToyStage
from autoscaler.testing.toys import LOST

N2 = node_ref("n2")
CLOSE: tuple[PlannedStep, ...] = (
    planned("fence", Fence(node=N2)),
    planned("surge", SetReplicas(workload=WEB, seen=3, change=1, purpose=Purpose.SURGE), "fence"),
    planned("serve", JoinTraffic(workload=WEB, traffic=EDGE, count=3, off=N2), "surge"),
    planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, node=N2), "serve"),
    planned("empty", Evacuate(node=N2, workloads=(WEB,)), "leave"),
    planned("replace", JoinTraffic(workload=WEB, traffic=EDGE, count=4, off=N2), "empty"),
    planned("pick", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1, purpose=Purpose.GIVE_BACK), "replace"),
    planned("back", SetReplicas(workload=WEB, seen=3, change=-1, purpose=Purpose.GIVE_BACK), "pick"),
    planned("release", ReleaseInstance(pool=GENERAL, instance=InstanceRef("i-n2", "1"), node=N2), "back"),
    planned("remove", RemoveNode(node=N2), "release"),
)
EFFECTS = [
    "fenced n2",
    "scale 3 -> 4",
    "ready r4:80",
    "draining r2:80",
    "emptying n2",
    "ready r5:80",
    "draining r5:80",
    "scale 4 -> 3",
    "release n2",
    "remove n2",
]


class Crash(BaseException):
    """The process is gone."""


class Mortal:
    """A journal during whose n-th write the process dies: before it is on disk, or right after."""

    def __init__(self, journal: Journal, at: int, *, after: bool) -> None:
        self.journal, self.left, self.after = journal, at, after

    def commitments(self) -> Commitments:
        return self.journal.commitments()

    def adopt(self, plan: Plan, records: tuple[StepRecord, ...], lease: Lease) -> None:
        self.journal.adopt(plan, records, lease)

    def write(self, record: StepRecord, lease: Lease) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        self.journal.write(record, lease)
        if self.left == 0:
            raise Crash


def check(stage: ToyStage, records: dict[str, StepRecord]) -> None:
    assert {name: one.status for name, one in records.items()} == dict.fromkeys(records, StepStatus.DONE)
    assert (stage.world.cut, stage.world.least_available) == (0, 3)
    assert stage.world.marks == ()
    assert sorted(stage.world.nodes) == ["n1", "n3"]


def test_a_node_is_closed_without_a_gap(stage: ToyStage) -> None:
    stage.adopt(*CLOSE, counts=(3, 3))
    check(stage, stage.until_done())
    assert stage.world.effects == EFFECTS


@pytest.mark.parametrize("after", [pytest.param(False, id="before"), pytest.param(True, id="after")])
@pytest.mark.parametrize("write", range(1, 31))
def test_killed_at_any_write_it_is_carried_on_and_nothing_is_done_twice(stage: ToyStage, write: int, *, after: bool) -> None:
    stage.adopt(*CLOSE, counts=(3, 3))
    stage.journal = Mortal(stage.journal, write, after=after)
    try:
        stage.until_done()
    except Crash:
        stage.journal = stage.journal.journal
        stage.restart("two")
        check(stage, stage.until_done())
    assert stage.world.effects == EFFECTS


def test_killed_between_the_calls_and_their_record_every_time_it_still_ends(stage: ToyStage) -> None:
    """Each process manages one write; the next finds what the one before it left."""
    stage.adopt(*CLOSE, counts=(3, 3))
    kept = stage.journal
    for life in range(80):
        stage.journal = Mortal(kept, 3, after=life % 2 == 0)
        try:
            check(stage, stage.until_done())
            break
        except Crash:
            stage.restart(f"life {life}")
    assert stage.world.effects == EFFECTS


CALLS = ["set_availability", "set_replicas", "join", "leave", "release", "remove_node"]
FAULTS: dict[str, Callable[[], AutoscalerError]] = {
    "a lost reply": lambda: LOST,
    "an unavailable world": lambda: UnavailableError("throttled", hint="later"),
    "a conflict": lambda: ConflictError("changed", hint="read again"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("often", [1, 3])
def test_failing_calls_are_repeated_and_nothing_is_done_twice(stage: ToyStage, call: str, fault: str, often: int) -> None:
    stage.adopt(*CLOSE, counts=(3, 3))
    stage.world.faults[call] = [FAULTS[fault]() for _ in range(often)]
    check(stage, stage.until_done(most=200))
    assert stage.world.effects == EFFECTS
    assert len(stage.world.faults[call]) < often


def test_a_foreign_count_in_mid_drain_survives(stage: ToyStage) -> None:
    """The surge of ours is theirs from then on: only our mark goes."""
    stage.adopt(*CLOSE, counts=(3, 3))

    def interfere() -> None:
        if "emptying n2" in stage.world.effects and stage.world.wanted == 4:
            stage.world._set(4, 6, frozenset(), stage.world.marks[0])

    records = stage.until_done(then=interfere)
    assert (stage.world.wanted, stage.world.marks) == (6, ())
    assert records["back"].status is StepStatus.DONE
    assert stage.world.cut == 0


def test_a_deploy_in_mid_drain_is_waited_for(stage: ToyStage) -> None:
    stage.adopt(*CLOSE, counts=(3, 3))
    for _ in range(8):
        stage.tick()
    stage.world.updating = True
    before = list(stage.world.effects)
    for _ in range(10):
        stage.tick()
    counts = [one for one in stage.world.effects[len(before) :] if one.startswith("scale")]
    assert counts == []
    stage.world.updating = False
    check(stage, stage.until_done())
