"""A plan that does a little of everything: it grows a workload and a pool, empties a node, withholds a step, and leaves things be."""

from autoscaler.model.decisions import Decision, RuleVote, Stage, StageResult
from autoscaler.model.plans import Goal, Move, Plan, PlannedStep, PoolChange, Remark, Withheld, WorkloadChange
from autoscaler.model.policies import Availability, Mode
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import (
    ClusterName,
    InstanceRef,
    MetricName,
    NodeRef,
    OfferingName,
    PlanId,
    PolicyName,
    PoolName,
    StepId,
    TrafficName,
    WorkloadRef,
)
from autoscaler.model.samples import MetricReading, Sample, Unknown
from autoscaler.model.steps import (
    AwaitHealthy,
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
    Step,
)
from autoscaler.model.votes import Vote

SHOP = ClusterName("shop")
WEB, DB, LOGS = WorkloadRef(SHOP, "web"), WorkloadRef(SHOP, "db"), WorkloadRef(SHOP, "logs")
GENERAL, EDGE, M1 = PoolName("general"), TrafficName("edge"), OfferingName("m1")
NODE = NodeRef("node-3", "1")
AT = Instant(1_774_771_200_000)
SERVING = Availability(floor=Share(900), surge=Share(250), traffic=EDGE)
OFF_TARGET = Reason(Code.OFF_TARGET, (1130, 600), "%", ("cpu",))


def planned(number: int, step: Step, operation: str, *after: int, reasons: tuple[Reason, ...] = ()) -> PlannedStep:
    return PlannedStep(
        id=StepId(f"s{number}"), step=step, operation=operation, after=tuple(StepId(f"s{one}") for one in after), reasons=reasons
    )


STEPS = (
    planned(1, GrowPool(pool=GENERAL, seen=3, wanted=4), "grow general"),
    planned(2, AwaitNode(pool=GENERAL, count=4), "grow general", 1),
    planned(3, SetReplicas(workload=WEB, seen=3, change=3), "scale shop/web", 2),
    planned(4, JoinTraffic(workload=WEB, traffic=EDGE, count=6), "scale shop/web", 3),
    planned(5, Fence(node=NODE), "close node-3"),
    planned(
        6,
        SetReplicas(workload=DB, seen=2, change=1, purpose=Purpose.SURGE),
        "close node-3",
        5,
        reasons=(Reason(Code.STARTS_FIRST, (1, 2), "replicas", ("shop/db",)),),
    ),
    planned(7, AwaitHealthy(workload=DB, count=2, off=NODE), "close node-3", 6),
    planned(8, LeaveTraffic(workload=WEB, traffic=EDGE, node=NODE), "close node-3", 4, 7),
    planned(9, Evacuate(node=NODE, workloads=(DB, WEB)), "close node-3", 8),
    planned(10, SetReplicas(workload=DB, seen=3, change=-1, purpose=Purpose.GIVE_BACK), "close node-3", 9),
    planned(11, RemoveNode(node=NODE), "close node-3", 10),
    planned(12, ReleaseInstance(pool=GENERAL, instance=InstanceRef("i-3", "b"), node=NODE), "close node-3", 11),
)

PLAN = Plan(
    id=PlanId("01J0PLAN"),
    cluster=SHOP,
    made_at=AT,
    goal=Goal(),
    steps=STEPS,
    workloads=(
        WorkloadChange(workload=WEB, before=3, after=6, floor=3, moved=1, keeps=SERVING, reasons=(OFF_TARGET,)),
        WorkloadChange(workload=DB, before=2, after=2, floor=2, moved=1, gap=Duration(20_000), keeps=Availability(allow_gap=True)),
        WorkloadChange(workload=LOGS, before=1, after=1, floor=1, moved=1, keeps=Availability(managed=False)),
    ),
    pools=(
        PoolChange(
            pool=GENERAL,
            before=3,
            after=3,
            opens=((M1, 1),),
            closes=(NODE,),
            reasons=(Reason(Code.NO_ROOM, (3, 1), "replicas", ("shop/web",)),),
        ),
    ),
    moves=(
        Move(workload=WEB, count=1, source=NODE, target="new-1", expected=True, how="surge and empty"),
        Move(workload=DB, count=1, source=NODE, target="node-1", expected=False, how="stop first", gap=Duration(20_000)),
    ),
    price_before=Money(288_000),
    price_after=Money(300_000),
    fingerprint="f",
    remarks=(
        Remark(subject="node-1", reasons=(Reason(Code.NODE_IS_MANAGER, names=("node-1",)),)),
        Remark(subject="shop/batch", reasons=(Reason(Code.NO_OFFERING_FITS, names=("general",)),), count=4),
    ),
    withheld=(
        Withheld(
            step=planned(13, Fence(node=NodeRef("node-2", "1")), "close node-2"), reasons=(Reason(Code.OVER_BUDGET, (2, 1), "nodes"),)
        ),
    ),
)

NOTHING = Plan(
    id=PlanId("01J0NONE"),
    cluster=SHOP,
    made_at=AT,
    goal=Goal(),
    steps=(),
    workloads=(),
    pools=(),
    moves=(),
    price_before=Money(288_000),
    price_after=Money(288_000),
    fingerprint="f",
)

DECISION = Decision(
    policy=PolicyName("front"),
    workload=WEB,
    at=AT,
    mode=Mode.ACTIVE,
    current=6,
    recommended=3,
    eventually=3,
    count=6,
    votes=(
        RuleVote(rule="target_tracking[0]", vote=Vote.want(3, Reason(Code.OFF_TARGET, (250, 600), "%", ("cpu",)))),
        RuleVote(rule="target_tracking[1]", vote=Vote.unknown(Reason(Code.STALE, names=("rps",)))),
        RuleVote(
            rule="schedule[2]", vote=Vote.at_least(0, Reason(Code.OUT_OF_SCHEDULE, (AT + 3_600_000,), "instant", ("0 9 * * *", "UTC")))
        ),
    ),
    stages=(
        StageResult(
            stage=Stage.COMBINE,
            before=6,
            after=3,
            reasons=(Reason(Code.HIGHEST_WANT, (3,), "replicas", ("target_tracking[0]",)),),
        ),
        StageResult(stage=Stage.BOUND, before=3, after=3),
        StageResult(stage=Stage.STABILISE, before=3, after=6, reasons=(Reason(Code.NO_HISTORY, (300_000,), "ms"),)),
        StageResult(stage=Stage.RATE_LIMIT, before=6, after=6),
        StageResult(stage=Stage.CLAMP, before=6, after=6),
        StageResult(stage=Stage.MODE, before=6, after=6),
    ),
    readings=(
        MetricReading(metric=MetricName("cpu"), workload=WEB, reading=Sample(250, Instant(AT - 2000), 6)),
        MetricReading(metric=MetricName("rps"), workload=WEB, reading=Unknown(Code.STALE, "sample of 07:58:02")),
    ),
)
