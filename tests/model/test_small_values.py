"""What the small values promise: floors, freezes, names, pasts, what serves, and what a newer plan does to a step."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import builds, integers

from autoscaler.errors import PolicyError
from autoscaler.model.available import available
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Histories, History
from autoscaler.model.nodes import InstanceState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, RotationView
from autoscaler.model.policies import Availability
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, NodeRef, ReplicaId, TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import AwaitHealthy, Evacuate, Fence, OnSupersede, Progress, Purpose, SetReplicas, Step
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.votes import Vote
from autoscaler.model.workloads import Replica, ReplicaState

WEB = WorkloadRef(ClusterName("shop"), "default/deployment/web")
EDGE = TrafficName("edge")
NODE = NodeRef("n1", "1")
AT = Instant(1000)


@pytest.mark.parametrize(
    ("floor", "before", "decided", "least"),
    [
        pytest.param(1000, 4, 4, 4, id="all of them"),
        pytest.param(900, 4, 4, 4, id="rounded up"),
        pytest.param(500, 5, 5, 3, id="half, rounded up"),
        pytest.param(1000, 3, 9, 3, id="growing: of what there was"),
        pytest.param(1000, 9, 3, 3, id="shrinking: of what stays"),
        pytest.param(0, 3, 3, 1, id="at least one, while there is one"),
        pytest.param(1000, 0, 3, 0, id="none, of none"),
    ],
)
def test_floor(floor: int, before: int, decided: int, least: int) -> None:
    assert Availability(floor=Share(floor)).least(before, decided) == least


@given(floor=builds(Share, integers(0, 1000)), before=integers(0, 99), decided=integers(0, 99))
def test_a_floor_is_never_above_what_can_be_held(floor: Share, before: int, decided: int) -> None:
    assert Availability(floor=floor).least(before, decided) <= min(before, decided)


@pytest.mark.parametrize(
    ("surge", "extra"),
    [pytest.param(2, 2, id="a count"), pytest.param(Share(250), 2, id="a share, rounded up"), pytest.param(0, 0, id="none")],
)
def test_surge(surge: int | Share, extra: int) -> None:
    assert Availability(surge=surge).most_extra(5) == extra


@pytest.mark.parametrize(
    ("until", "now", "holds"),
    [
        pytest.param(None, 10**9, True, id="until resumed"),
        pytest.param(Instant(10), 9, True, id="before its end"),
        pytest.param(Instant(10), 10, False, id="at its end"),
    ],
)
def test_a_freeze_holds_until_its_end(until: Instant | None, now: int, *, holds: bool) -> None:
    assert Freeze(subject="all", who="ann", why="x", at=Instant(0), until=until).holds(Instant(now)) is holds


def test_a_workloads_name_is_the_end_of_its_path() -> None:
    assert (WorkloadRef.parse("shop/default/deployment/web"), WEB.name, str(WEB)) == (WEB, "web", "shop/default/deployment/web")


@pytest.mark.parametrize("text", ["", "web", "/web", "shop/"])
def test_a_workload_needs_its_cluster(text: str) -> None:
    with pytest.raises(PolicyError) as refused:
        WorkloadRef.parse(text)
    assert "shop/web" in refused.value.hint


def test_a_subject_without_a_past_has_an_empty_one() -> None:
    known = History(subject="shop/web", began=AT)
    histories = Histories((known,))
    assert (histories.of("shop/web"), histories.of("shop/db")) == (known, History(subject="shop/db"))


def test_a_vote_without_a_count_stands_for_the_present_one() -> None:
    assert (Vote.want(0).count_or(4), Vote.hold().count_or(4), Vote.unknown().count_or(4)) == (0, 4, 4)


def replica(number: int, state: ReplicaState = ReplicaState.RUNNING, *, healthy: bool = True) -> Replica:
    return Replica(id=ReplicaId(f"r{number}"), workload=WEB, node=NODE, state=state, healthy=healthy, address=f"10.0.0.{number}:80")


def member(number: int, state: MemberState = MemberState.READY, *, up: bool = True) -> Member:
    return Member(workload=WEB, address=f"10.0.0.{number}:80", state=state, sessions=0, up=up)


REPLICAS = (replica(1), replica(2), replica(3), replica(4, healthy=False), replica(5, ReplicaState.STOPPING))
ROTATION = RotationState(
    traffic=EDGE, read_at=AT, members=(member(1), member(2, MemberState.DRAINING), member(3, up=False), member(4), member(5))
)
STATE = ClusterState(identity="c", read_at=AT, capabilities=Capabilities(), workloads=(), nodes=(), replicas=REPLICAS)
SEEN = Observation(cluster=WEB.cluster, at=AT, state=STATE, rotations=(RotationView(traffic=EDGE, state=ROTATION),))


@pytest.mark.parametrize(
    ("seen", "traffic", "serving"),
    [
        pytest.param(SEEN, None, {"r1", "r2", "r3"}, id="without traffic: healthy and running"),
        pytest.param(SEEN, EDGE, {"r1"}, id="with traffic: in rotation, ready and up as well"),
        pytest.param(replace(SEEN, rotations=()), EDGE, set(), id="none, while the rotation is unknown"),
        pytest.param(replace(SEEN, state=Unknown(Code.LATE)), None, set(), id="none, while the cluster is unknown"),
    ],
)
def test_available_is_healthy_and_in_rotation(seen: Observation, traffic: TrafficName | None, serving: set[str]) -> None:
    assert available(seen, WEB, traffic) == serving


BEGUN = Progress(begun=True)


@pytest.mark.parametrize(
    ("step", "progress", "what"),
    [
        pytest.param(Fence(node=NODE), Progress(), OnSupersede.DROP, id="a fence not begun is dropped"),
        pytest.param(Fence(node=NODE), BEGUN, OnSupersede.UNDO, id="a fence begun is taken back"),
        pytest.param(Evacuate(node=NODE, workloads=(WEB,)), Progress(), OnSupersede.DROP, id="an evacuation not begun is dropped"),
        pytest.param(Evacuate(node=NODE, workloads=(WEB,)), BEGUN, OnSupersede.FINISH, id="an evacuation begun is finished"),
        pytest.param(AwaitHealthy(workload=WEB, count=1), BEGUN, OnSupersede.DROP, id="waiting is dropped at any time"),
        pytest.param(SetReplicas(workload=WEB, seen=1, change=1), BEGUN, OnSupersede.FINISH, id="a count as decided stays"),
        pytest.param(
            SetReplicas(workload=WEB, seen=1, change=1, purpose=Purpose.SURGE), BEGUN, OnSupersede.UNDO, id="a surge is given back"
        ),
        pytest.param(
            SetReplicas(workload=WEB, seen=1, change=1, purpose=Purpose.SURGE),
            Progress(),
            OnSupersede.DROP,
            id="a surge not begun is dropped",
        ),
    ],
)
def test_what_a_newer_plan_does_to_a_step(step: Step, progress: Progress, what: OnSupersede) -> None:
    assert step.on_supersede(progress) is what


def test_states_are_written_in_words() -> None:
    assert (f"{InstanceState.LAUNCHING}", str(Code.NO_HISTORY)) == ("launching", "no_history")
