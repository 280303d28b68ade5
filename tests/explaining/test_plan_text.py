"""What a plan's text must say, whatever is in the plan."""

from dataclasses import replace
from typing import get_args

import pytest

from autoscaler.explaining import plan_as_text, step_as_text, summary
from autoscaler.explaining.plan_text import price
from autoscaler.model.plans import Plan, PoolChange, Withheld
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, ReplicaId
from autoscaler.model.steps import Fence, LeaveTraffic, Place, RemoveNode, SetReplicas, StartReplica, Step, StopReplica, Undo, Unfence
from tests.explaining.building import DECISION, EDGE, GENERAL, M1, NODE, NOTHING, PLAN, STEPS, WEB, planned

OTHERS = (
    Unfence(node=NODE),
    StartReplica(workload=WEB, node=NODE, instead_of=ReplicaId("r1")),
    StopReplica(workload=WEB, replica=ReplicaId("r1")),
    Undo(object="node-3", field="availability", was="open", ours="fenced"),
)
SHRINK = replace(NOTHING, pools=(PoolChange(pool=GENERAL, before=3, after=1, closes=(NODE, NodeRef("node-2", "1"))),), steps=STEPS[4:5])
GROWTH = replace(NOTHING, pools=(PoolChange(pool=GENERAL, before=1, after=3, opens=((M1, 2),)),), steps=STEPS[:1])


@pytest.mark.parametrize(
    ("plan", "last"),
    [
        pytest.param(NOTHING, "Plan: nothing to do.", id="nothing"),
        pytest.param(PLAN, "Plan: 1 to add, 3 to change, 1 to remove.", id="a little of everything"),
        pytest.param(GROWTH, "Plan: 2 to add, 0 to change, 0 to remove.", id="machines to add"),
        pytest.param(SHRINK, "Plan: 0 to add, 0 to change, 2 to remove.", id="machines to remove"),
        pytest.param(
            replace(NOTHING, steps=(planned(1, Fence(node=NODE), "rotate shop/web"), planned(2, Fence(node=NODE), "scale shop/web"))),
            "Plan: 0 to add, 1 to change, 0 to remove.",
            id="one workload, changed twice",
        ),
        pytest.param(
            replace(
                NOTHING,
                steps=(planned(1, Fence(node=NODE), "rebalance shop/web r7"), planned(2, Fence(node=NODE), "rebalance shop/web r8")),
            ),
            "Plan: 0 to add, 1 to change, 0 to remove.",
            id="one workload, of which two replicas move",
        ),
    ],
)
def test_the_last_line_sums_up(plan: Plan, last: str) -> None:
    assert summary(plan) == last
    assert plan_as_text(plan).endswith(f"\n{last}\n")


@pytest.mark.parametrize(
    ("plan", "mark"),
    [
        pytest.param(GROWTH, "+ pool general", id="grows"),
        pytest.param(SHRINK, "- pool general", id="shrinks"),
        pytest.param(PLAN, "~ pool general", id="both"),
    ],
)
def test_a_pools_mark_says_which_way(plan: Plan, mark: str) -> None:
    assert f"\n  {mark}" in plan_as_text(plan)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        pytest.param(288_000, "0.288 USD, unchanged", id="the same"),
        pytest.param(300_000, "0.288 USD -> 0.30 USD (+0.012 USD)", id="more"),
        pytest.param(192_000, "0.288 USD -> 0.192 USD (-0.096 USD)", id="less"),
    ],
)
def test_price(after: int, says: str) -> None:
    assert price(replace(NOTHING, price_after=Money(after))) == f"Price per hour: {says}"


def test_every_kind_of_step_is_told_in_its_own_words() -> None:
    steps = [one.step for one in STEPS] + list(OTHERS)
    assert {type(step) for step in steps} == set(get_args(Step))
    told = [step_as_text(step) for step in steps]
    assert len(set(told)) == len(told)
    assert [words for words in told if not words[0].islower() or words.endswith(".")] == []


@pytest.mark.parametrize(
    ("step", "who"),
    [
        pytest.param(LeaveTraffic(workload=WEB, traffic=EDGE, victims=2), "the 2 replicas to go next of", id="the next victims"),
        pytest.param(LeaveTraffic(workload=WEB, traffic=EDGE, replicas=(ReplicaId("r1"),)), "1 replica of", id="named ones"),
        pytest.param(LeaveTraffic(workload=WEB, traffic=EDGE, node=NODE), "the replicas on node-3 of", id="those of a node"),
    ],
)
def test_who_leaves_traffic_is_told(step: LeaveTraffic, who: str) -> None:
    assert who in step_as_text(step)


TWO_GPUS = (Place(node=NODE, devices=(2,)), Place(node=NODE, devices=(0, 1)), Place(node=NODE, devices=(2,)), Place(node=NODE))


@pytest.mark.parametrize(
    ("step", "where"),
    [
        pytest.param(
            SetReplicas(workload=WEB, seen=3, change=4, places=TWO_GPUS),
            ": 2 on node-3 (device 2), 1 on node-3 (devices 0 and 1), 1 on node-3",
            id="of a higher count",
        ),
        pytest.param(SetReplicas(workload=WEB, seen=3, change=4), "(3 seen)", id="not where the orchestrator chooses"),
        pytest.param(StartReplica(workload=WEB, node=NODE, devices=(1,)), "on node-3 (device 1)", id="of a replacement"),
    ],
)
def test_places_of_our_choice_are_told(step: Step, where: str) -> None:
    assert step_as_text(step).endswith(where)


def test_a_surge_warns_of_the_orchestrators_own_rollback() -> None:
    assert "rollback" in plan_as_text(PLAN)
    calm = tuple(one for one in STEPS if not isinstance(one.step, SetReplicas))
    assert "rollback" not in plan_as_text(replace(PLAN, steps=calm))


def test_what_is_fenced_for_machines_that_are_still_to_come_is_not_told_as_removed() -> None:
    why = (Reason(Code.OUTBID, (1, 1, 1), "nodes", ("0.10 USD", "2.40 USD", "1d", "0.001 USD")),)
    fence, remove = planned(1, Fence(node=NODE), "close node-3", reasons=why), planned(2, RemoveNode(node=NODE), "close node-3")
    waits, goes = replace(SHRINK, steps=(fence,)), replace(SHRINK, steps=(fence, remove))
    assert (summary(waits), summary(goes)) == tuple(f"Plan: 0 to add, 0 to change, {count} to remove." for count in (1, 2))
    assert ["this plan only fences" in plan_as_text(one) for one in (waits, goes)] == [True, False]


def test_what_is_withheld_of_one_operation_for_one_reason_is_one_line() -> None:
    over, after = (Reason(Code.OVER_BUDGET, (3, 2), "nodes"),), (Reason(Code.DEPENDS_ON_WITHHELD, names=("close n2",)),)
    steps = [planned(number, Fence(node=NODE), operation) for number, operation in enumerate(("close n2", "close n2", "close n3"))]
    held = tuple(Withheld(step=one, reasons=why) for one, why in zip(steps, (over, over, after), strict=True))
    told = plan_as_text(replace(NOTHING, withheld=held)).partition("Withheld by guards\n")[2]
    assert told.splitlines()[:3] == [
        "  - close n2, 2 steps: 3 at once would pass the budget of 2",
        "  - fence node node-3: it takes no more replicas: it comes after what is withheld: close n2",
        "",
    ]


def test_a_floor_that_is_broken_already_is_warned_of() -> None:
    (web, *others) = PLAN.workloads
    broken = replace(web, reasons=(Reason(Code.FLOOR_BROKEN, (1, 3), "replicas", ("shop/web",)),))
    assert "shop/web has fewer available replicas than its floor already" in plan_as_text(replace(PLAN, workloads=(broken, *others)))


def test_both_counts_are_told_while_a_window_is_not_over() -> None:
    assert "6 now, 3 if nothing else changes: no history: a scale-down would wait 5m" in plan_as_text(NOTHING, (DECISION,))
    assert "if nothing else changes" not in plan_as_text(NOTHING, (replace(DECISION, eventually=6),))


@pytest.mark.parametrize("width", [0, 40, 60, 100, 400])
def test_no_line_is_wider_than_asked(width: int) -> None:
    most = max(len(line) for line in plan_as_text(PLAN, width=width).splitlines() if line.startswith("   "))
    assert most <= max(width, 40)
