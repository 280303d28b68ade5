"""What each kind of step waits for, or ends by, in the world as seen now: one table, a row per reason."""

from dataclasses import replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.nodes import InstanceState, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, Observation
from autoscaler.model.policies import Limits
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import InstanceRef, ReplicaId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.steps import (
    AwaitNode,
    Evacuate,
    Fence,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    Purpose,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StartReplica,
    Step,
    StopReplica,
    Undo,
    Unfence,
)
from autoscaler.model.traffic import MemberState
from autoscaler.model.workloads import Origin, Shape, WorkloadKind
from autoscaler.planning.conditions import Context, precondition
from autoscaler.testing.scenes import (
    EDGE,
    GENERAL,
    NOW,
    REQUEST,
    SHOP,
    WEB,
    a_mark,
    a_member,
    a_node,
    a_record,
    a_replica,
    an_instance,
    an_intent,
    an_observation,
    commitments,
    node_ref,
    planned,
    some_policies,
)

OUT, FENCED, EMPTYING = MemberState.OUT, NodeAvailability.FENCED, NodeAvailability.EMPTYING
THREE = (a_replica("a", "n1"), a_replica("b", "n2"), a_replica("c", "n2"))
SEEN = an_observation(replicas=THREE)
CLOSED = (a_node("n1"), a_node("n2", FENCED))
OUT_OF_IT = (a_member("a"), a_member("b", OUT), a_member("c", OUT))
LEFT = a_record(
    planned("left", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), StepStatus.DONE, an_intent(replicas=(ReplicaId("c"),))
)
SURGED = a_record(
    planned("surge", SetReplicas(workload=WEB, seen=3, change=1, purpose=Purpose.SURGE)), StepStatus.DONE, an_intent(seen=3, wanted=4)
)
GROW = GrowPool(pool=GENERAL, seen=2, wanted=3)
LEAVE_N2 = LeaveTraffic(workload=WEB, traffic=EDGE, node=node_ref("n2"))
EMPTY_N2 = Evacuate(node=node_ref("n2"), workloads=(WEB,))
GIVE_N2 = ReleaseInstance(pool=GENERAL, instance=InstanceRef("i-n2", "1"), node=node_ref("n2"))
UP = SetReplicas(workload=WEB, seen=3, change=1)
DOWN = SetReplicas(workload=WEB, seen=3, change=-1)
SURGE = SetReplicas(workload=WEB, seen=3, change=1, purpose=Purpose.SURGE)
BACK = SetReplicas(workload=WEB, seen=3, change=-1, purpose=Purpose.GIVE_BACK)
API = WorkloadRef(SHOP, "api")


def reasons(
    step: Step,
    seen: Observation,
    *others: StepRecord,
    policies: ClusterPolicies | None = None,
    counts: tuple[int, int] | None = None,
    after: tuple[str, ...] = (),
    now: Instant = NOW,
) -> list[Code]:
    record = a_record(planned("it", step, *after))
    known: Commitments = commitments(record, *others, counts=counts)
    ctx = Context.of(seen, known, policies or some_policies(), now)
    assert ctx is not None
    return [reason.code for reason in precondition(record, ctx)]


HALF = some_policies(floor=500)
MAY = {
    "growing from the count planned on": (GROW, SEEN, {}),
    "growing after a machine of ours went": (
        GROW,
        an_observation(instances=(an_instance("n1"),)),
        {"others": (a_record(planned("gone", GIVE_N2), StepStatus.DONE),)},
    ),
    "fencing an open node": (Fence(node=node_ref("n2")), SEEN, {}),
    "opening a node that carries our mark": (Unfence(node=node_ref("n2")), an_observation(nodes=CLOSED), {}),
    "one more replica": (UP, SEEN, {}),
    "a surge within its bound": (SURGE, SEEN, {}),
    "one more, our surge being in the count": (UP, an_observation(replicas=THREE, wanted=4), {"others": (SURGED,)}),
    "one fewer, its victim having left": (
        DOWN,
        an_observation(replicas=THREE, members=(a_member("a"), a_member("b"), a_member("c", OUT))),
        {"others": (LEFT,), "after": ("left",), "counts": (3, 2)},
    ),
    "a surge given back": (
        BACK,
        an_observation(
            replicas=(*THREE, a_replica("d", "n1")),
            members=(a_member("a"), a_member("b"), a_member("c"), a_member("d", OUT)),
            marks=(a_mark("replicas", "3", "4"),),
        ),
        {"others": (SURGED,)},
    ),
    "a surge somebody else took over": (BACK, an_observation(replicas=THREE, wanted=8, marks=(a_mark("replicas", "3", "4"),)), {}),
    "joining": (JoinTraffic(workload=WEB, traffic=EDGE, count=3), SEEN, {}),
    "leaving while the floor holds": (LEAVE_N2, SEEN, {"policies": some_policies(floor=300)}),
    "leaving of a replica that serves nobody": (
        LeaveTraffic(workload=WEB, traffic=EDGE, replicas=(ReplicaId("c"),)),
        an_observation(replicas=(*THREE[:2], a_replica("c", "n2", healthy=False))),
        {},
    ),
    "emptying what has left, the floor holding": (
        EMPTY_N2,
        an_observation(nodes=CLOSED, replicas=THREE, members=OUT_OF_IT),
        {"policies": some_policies(floor=300)},
    ),
    "removing an empty node whose machine goes": (
        RemoveNode(node=node_ref("n2")),
        an_observation(nodes=CLOSED, instances=(an_instance("n1"), an_instance("n2", InstanceState.STOPPING))),
        {},
    ),
    "releasing a machine seen empty": (GIVE_N2, an_observation(nodes=CLOSED), {}),
    "starting where there is room": (StartReplica(workload=WEB, node=node_ref("n1")), SEEN, {}),
    "stopping what has left": (
        StopReplica(workload=WEB, replica=ReplicaId("c")),
        an_observation(replicas=THREE, members=(a_member("a"), a_member("b"), a_member("c", OUT))),
        {"policies": HALF},
    ),
    "opening a marked node by field": (
        Undo(object="n2", field="availability", was="open", ours="fenced"),
        an_observation(nodes=CLOSED),
        {},
    ),
}

NOT = {
    "the pool counts what nobody planned": (GROW, an_observation(instances=tuple(map(an_instance, "abc"))), {}, Code.CHANGED_BY_OTHERS),
    "the pool would pass its maximum": (GROW, SEEN, {"policies": some_policies(pool=(0, 2))}, Code.POOL_AT_MAXIMUM),
    "machines would change too fast": (
        GROW,
        an_observation(instances=(an_instance("n1"),)),
        {
            "others": (a_record(planned("gone", GIVE_N2), StepStatus.DONE, an_intent(seen=2, wanted=1), NOW),),
            "policies": replace(some_policies(), limits=Limits(nodes_per_minute=1)),
        },
        Code.TOO_FAST,
    ),
    "the pool is unknown": (AwaitNode(pool=GENERAL, count=1), replace(SEEN, pools=()), {}, Code.MISSING),
    "a manager is not fenced": (
        Fence(node=node_ref("n2")),
        an_observation(nodes=(a_node("n1"), a_node("n2", manager=True))),
        {},
        Code.NODE_IS_MANAGER,
    ),
    "another incarnation is another node": (
        Fence(node=replace(node_ref("n2"), incarnation="0")),
        SEEN,
        {},
        Code.GONE_FROM_CLUSTER,
    ),
    "a node closed by somebody else is not opened": (
        Unfence(node=node_ref("n2")),
        an_observation(nodes=(a_node("n1"), a_node("n2", FENCED, marks=()))),
        {},
        Code.NODE_FENCED_BY_OTHERS,
    ),
    "a workload in mid-update is left alone": (UP, an_observation(replicas=THREE, updating=True), {}, Code.UPDATE_IN_PROGRESS),
    "a count somebody else set": (UP, an_observation(replicas=THREE, wanted=5), {}, Code.CHANGED_BY_OTHERS),
    "a count another step is setting": (UP, SEEN, {"others": (replace(SURGED, status=StepStatus.SENT),)}, Code.WAITING),
    "a daemon has no count": (UP, an_observation(replicas=THREE, kind=WorkloadKind.GLOBAL), {}, Code.NO_RECIPE),
    "above the maximum": (UP, SEEN, {"policies": some_policies(bounds=(1, 3))}, Code.AT_MAXIMUM),
    "below the minimum": (DOWN, SEEN, {"policies": some_policies(bounds=(3, 9))}, Code.AT_MINIMUM),
    "no room anywhere": (
        UP,
        an_observation(nodes=(a_node("n1", capacity=REQUEST), a_node("n2", FENCED)), replicas=THREE),
        {},
        Code.NO_ROOM,
    ),
    "a scheduler that counts nothing may overfill a node": (
        UP,
        an_observation(
            nodes=(a_node("n1", capacity=Resources(600, 2**32)), a_node("n2")),
            replicas=THREE,
            shape=Shape(requests=REQUEST, origin=Origin.DEFAULT),
        ),
        {},
        Code.NO_ROOM,
    ),
    "no request is taken for the default": (
        UP,
        an_observation(nodes=(a_node("n1", capacity=Resources(150, 2**32)), a_node("n2")), replicas=THREE, shape=Shape(requests=NOTHING)),
        {},
        Code.NO_ROOM,
    ),
    "more surge than allowed": (
        SURGE,
        an_observation(replicas=(*THREE, a_replica("d", "n1")), marks=(a_mark("replicas", "3", "4"),)),
        {"others": (SURGED,)},
        Code.OVER_BUDGET,
    ),
    "the victims are no longer those that left": (
        DOWN,
        an_observation(replicas=THREE, members=(a_member("a"), a_member("b"), a_member("c", OUT)), removal_order=(ReplicaId("a"),)),
        {"others": (LEFT,), "after": ("left",), "counts": (3, 2)},
        Code.PREDICTION_CHANGED,
    ),
    "who left for it ended by himself, and another one came": (
        DOWN,
        an_observation(
            replicas=(*THREE[:2], a_replica("d", "n2")),
            members=(a_member("a"), a_member("b"), a_member("d")),
            capabilities=Capabilities(chosen_victims=True),
            removal_order=(),
        ),
        {"others": (LEFT,), "after": ("left",), "counts": (3, 2)},
        Code.PREDICTION_CHANGED,
    ),
    "nobody can tell who would go": (DOWN, an_observation(replicas=THREE, removal_order=()), {"counts": (3, 2)}, Code.PREDICTION_CHANGED),
    "the victim still gets requests": (DOWN, SEEN, {"counts": (3, 2)}, Code.WAITING),
    "the victim has requests in flight": (
        DOWN,
        an_observation(replicas=THREE, members=(a_member("a"), a_member("b"), a_member("c", MemberState.DRAINING, sessions=2))),
        {"counts": (3, 2)},
        Code.WAITING,
    ),
    "a lower count that breaks the floor": (
        DOWN,
        an_observation(replicas=THREE, members=(a_member("a"), a_member("b", up=False), a_member("c", OUT))),
        {"counts": (3, 2)},
        Code.FLOOR_BROKEN,
    ),
    "stopping one for whom its orchestrator starts another where that may not fit": (
        StopReplica(workload=WEB, replica=ReplicaId("c")),
        an_observation(
            nodes=(a_node("n1", capacity=Resources(600, 2**32)), a_node("n2")),
            replicas=THREE,
            members=(a_member("a"), a_member("b"), a_member("c", OUT)),
            shape=Shape(requests=REQUEST, origin=Origin.DEFAULT),
        ),
        {"policies": HALF},
        Code.NO_ROOM,
    ),
    "the rotation is unknown": (LEAVE_N2, replace(SEEN, rotations=()), {}, Code.MISSING),
    "leaving would break the floor": (LEAVE_N2, SEEN, {}, Code.HOLDS_FLOOR),
    "somebody raised the count past the plan's, and our surge went into it": (
        LeaveTraffic(workload=WEB, traffic=EDGE, replicas=(ReplicaId("a"),)),
        SEEN,
        {"counts": (2, 2)},
        Code.HOLDS_FLOOR,
    ),
    "leaving counts who is leaving already": (
        LeaveTraffic(workload=WEB, traffic=EDGE, replicas=(ReplicaId("a"),)),
        SEEN,
        {"others": (replace(LEFT, status=StepStatus.INTENDED),), "policies": some_policies(floor=500)},
        Code.HOLDS_FLOOR,
    ),
    "a floor broken already is not lowered": (
        LEAVE_N2,
        an_observation(replicas=THREE, members=(a_member("a", up=False), a_member("b"))),
        {"policies": some_policies(floor=600)},
        Code.FLOOR_BROKEN,
    ),
    "an open node is not emptied": (EMPTY_N2, an_observation(replicas=THREE, members=OUT_OF_IT), {"policies": HALF}, Code.WAITING),
    "emptying waits for those in rotation": (
        EMPTY_N2,
        an_observation(nodes=CLOSED, replicas=THREE),
        {"policies": some_policies(floor=300)},
        Code.WAITING,
    ),
    "emptying waits for the floor": (
        EMPTY_N2,
        an_observation(nodes=CLOSED, replicas=THREE, members=OUT_OF_IT),
        {"policies": HALF},
        Code.FLOOR_BROKEN,
    ),
    "a whole node is not emptied of a workload nobody named": (
        Evacuate(node=node_ref("n2"), workloads=(API,)),
        an_observation(nodes=CLOSED, replicas=THREE, members=OUT_OF_IT),
        {},
        Code.NO_RECIPE,
    ),
    "parts read too far apart": (
        EMPTY_N2,
        an_observation(nodes=CLOSED, replicas=THREE, members=OUT_OF_IT),
        {"policies": some_policies(floor=300), "now": Instant(NOW + 30_001)},
        Code.INPUT_STALE,
    ),
    "a node with replicas is not removed": (
        RemoveNode(node=node_ref("n2")),
        an_observation(nodes=CLOSED, replicas=THREE),
        {},
        Code.WAITING,
    ),
    "a node whose machine runs is not removed": (RemoveNode(node=node_ref("n2")), an_observation(nodes=CLOSED), {}, Code.WAITING),
    "an open node's machine is not released": (GIVE_N2, an_observation(), {}, Code.WAITING),
    "a machine with replicas is not released": (GIVE_N2, an_observation(nodes=CLOSED, replicas=THREE), {}, Code.WAITING),
    "a machine only its cloud sees is joining, not empty": (
        GIVE_N2,
        an_observation(nodes=(a_node("n1"),), instances=(an_instance("n1"), an_instance("n2"))),
        {},
        Code.NODE_JOINING,
    ),
    "a node that came back under the same name is another one": (
        GIVE_N2,
        an_observation(nodes=(a_node("n1"), a_node("n2", FENCED, ref=replace(node_ref("n2"), incarnation="2")))),
        {},
        Code.NODE_JOINING,
    ),
    "the two sides were read too far apart": (
        GIVE_N2,
        an_observation(nodes=CLOSED, pool_read_at=Instant(NOW - 30_001)),
        {},
        Code.INPUT_STALE,
    ),
    "the pool keeps its minimum": (GIVE_N2, an_observation(nodes=CLOSED), {"policies": some_policies(pool=(2, 9))}, Code.POOL_AT_MINIMUM),
    "a full node starts nothing": (
        StartReplica(workload=WEB, node=node_ref("n1")),
        an_observation(nodes=(a_node("n1", capacity=REQUEST), a_node("n2")), replicas=THREE),
        {},
        Code.NO_ROOM,
    ),
    "a node that is down starts nothing": (
        StartReplica(workload=WEB, node=node_ref("n1")),
        an_observation(nodes=(a_node("n1", state=NodeState.DOWN), a_node("n2"))),
        {},
        Code.NODE_NOT_READY,
    ),
    "a serving replica is not stopped": (
        StopReplica(workload=WEB, replica=ReplicaId("c")),
        SEEN,
        {"policies": HALF},
        Code.WAITING,
    ),
    "a surge is not taken back from under its requests": (
        Undo(object="shop/web", field="replicas", was="2", ours="3"),
        an_observation(replicas=THREE, marks=(a_mark("replicas", "2", "3"),)),
        {},
        Code.WAITING,
    ),
}


def ask(step: Step, seen: Observation, more: dict[str, object]) -> list[Code]:
    others = more.pop("others", ())
    return reasons(step, seen, *others, **more)  # type: ignore[arg-type, misc] # as the table's rows say


@pytest.mark.parametrize(("step", "seen", "more"), [pytest.param(*row, id=name) for name, row in MAY.items()])
def test_a_step_may_begin(step: Step, seen: Observation, more: dict[str, object]) -> None:
    assert ask(step, seen, dict(more)) == []


@pytest.mark.parametrize(("step", "seen", "more", "code"), [pytest.param(*row, id=name) for name, row in NOT.items()])
def test_a_step_may_not_begin(step: Step, seen: Observation, more: dict[str, object], code: Code) -> None:
    assert code in ask(step, seen, dict(more))


def test_an_unknown_cluster_gives_no_context() -> None:
    from autoscaler.model.samples import Unknown

    unseen = replace(SEEN, state=Unknown(Code.UNAVAILABLE))
    assert Context.of(unseen, commitments(), some_policies(), NOW) is None


def test_where_we_choose_those_go_that_serve_least() -> None:
    seen = an_observation(
        replicas=(*THREE, a_replica("d", None)), members=None, capabilities=Capabilities(chosen_victims=True), removal_order=()
    )
    assert reasons(SetReplicas(workload=WEB, seen=4, change=-1), seen, counts=(4, 3)) == []
