"""What others ask of the process that ticks: a plan to carry out, a node to empty. Every request ends, and says how."""

import pytest

from autoscaler.contracts.store import RequestKind
from autoscaler.engine.dry import look, recall, think
from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler.simulation.world import others
from tests.engine.shop import Shop, begun

WORKER = "small-2"


def drain_plan(shop: Shop, *more: str) -> Plan:
    """A plan with something to lose, as a command would have made and shown it. `more`: other nodes it empties."""
    engine = shop.engine
    past = recall(shop.store, engine.policies, shop.runtime.now())
    observation = look(engine.eyes, engine.policies, Duration(5000))
    drained = think(engine.policies, observation, type(past)(commitments=past.commitments, drains=frozenset({WORKER, *more})))
    assert drained.plan.steps
    return drained.plan


def nodes(shop: Shop) -> set[str]:
    state = look(shop.engine.eyes, shop.engine.policies, Duration(5000)).state
    assert not isinstance(state, Unknown)
    return {node.name for node in state.nodes}


@pytest.mark.parametrize(
    ("subject", "outcome", "code"),
    [
        pytest.param("nobody", "no node has that name", 1, id="a mistyped name is told, not waited for"),
        pytest.param("manager-1", "it runs the orchestrator itself and is never closed", 4, id="a manager is refused"),
    ],
)
def test_a_drain_that_cannot_be_ends_at_once(shop: Shop, subject: str, outcome: str, code: int) -> None:
    request = shop.ask(RequestKind.DRAIN, subject)
    shop.tick()
    assert shop.answer(request) == (outcome, code)


def test_a_drain_empties_the_node_gives_it_back_and_ends(shop: Shop) -> None:
    request = shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(60)
    assert shop.answer(request)[1] == 0
    assert WORKER not in nodes(shop)


@pytest.mark.parametrize("ticks", range(16))
@pytest.mark.parametrize("stack", [pytest.param(None, id="of the image alone"), pytest.param(3, id="of the whole stack file")])
def test_a_drain_ends_soon_after_a_deploy_in_its_middle(shop: Shop, stack: int | None, ticks: int) -> None:
    """A stack file's deploy says the count anew and drops our label: nothing waits for a surge that is no longer there."""
    request = shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(1 + ticks)
    others.deploy(shop.world, "web", stack=stack)
    shop.tick(25)
    assert shop.answer(request)[1] == 0
    assert WORKER not in nodes(shop)
    assert shop.world.state.services["web"].wanted == 3


def test_a_cancelled_drain_leaves_the_node_as_it_was(shop: Shop) -> None:
    request = shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(2)
    shop.ask(RequestKind.CANCEL_DRAIN, WORKER)
    report = shop.tick(30)
    assert shop.answer(request) == ("cancelled", 4)
    assert WORKER in nodes(shop)
    assert not report.busy


def test_nobody_is_told_that_a_drain_is_called_off_before_the_node_is_open(shop: Shop) -> None:
    shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(2)
    records = shop.store.records(shop.engine.policies.cluster)
    records.freeze(Freeze(subject=f"node:{WORKER}", who="somebody", why="looking at it", at=shop.runtime.now()))
    request = shop.ask(RequestKind.CANCEL_DRAIN, WORKER)
    shop.tick(5)
    assert shop.answer(request) == ("", 0)
    records.resume(f"node:{WORKER}")
    shop.tick(30)
    assert shop.answer(request) == ("cancelled", 0)


@pytest.mark.parametrize("first", [RequestKind.DRAIN, RequestKind.CANCEL_DRAIN])
def test_who_calls_a_drain_off_wins_whichever_clock_was_behind(shop: Shop, first: RequestKind) -> None:
    kinds = (first, RequestKind.DRAIN if first is RequestKind.CANCEL_DRAIN else RequestKind.CANCEL_DRAIN)
    asked = {kind: shop.ask(kind, WORKER) for kind in kinds}
    shop.tick(30)
    assert shop.answer(asked[RequestKind.DRAIN]) == ("cancelled", 4)
    assert shop.answer(asked[RequestKind.CANCEL_DRAIN]) == ("cancelled", 0)
    assert WORKER in nodes(shop)


def test_calling_off_a_drain_that_is_over_is_too_late(shop: Shop) -> None:
    shop.ask(RequestKind.DRAIN, WORKER)
    for _ in range(60):
        if WORKER not in nodes(shop):
            break
        shop.tick()
    request = shop.ask(RequestKind.CANCEL_DRAIN, WORKER)
    shop.tick()
    assert shop.answer(request) == ("too late: drained and gone", 4)


def test_a_plan_handed_over_is_carried_out_and_told(shop: Shop) -> None:
    shop.tick(2)
    plan = drain_plan(shop)
    request = shop.ask(RequestKind.APPLY, plan.id, plan)
    report = shop.tick(60)
    assert shop.answer(request) == ("applied", 0)
    assert WORKER not in nodes(shop)
    assert not report.busy


def test_a_plan_handed_over_too_late_is_not_begun(shop: Shop) -> None:
    plan = drain_plan(shop)
    shop.runtime.advance(Duration(16 * 60_000))
    request = shop.ask(RequestKind.APPLY, plan.id, plan)
    report = shop.tick(3)
    assert shop.answer(request) == ("the plan is older than 15m", 3)
    assert f"close {WORKER}" not in begun(report)


def test_a_plan_of_another_world_is_not_begun(shop: Shop) -> None:
    plan = drain_plan(shop)
    shop.tick()
    shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(60)
    request = shop.ask(RequestKind.APPLY, plan.id, plan)
    shop.tick(3)
    assert shop.answer(request)[1] == 3


def test_a_plan_that_goes_on_with_what_was_given_up_since_is_not_begun(shop: Shop) -> None:
    shop.ask(RequestKind.DRAIN, WORKER)
    shop.tick(3)
    plan = drain_plan(shop, "small-3")
    assert {step.id for step in plan.steps if not step.id.startswith(plan.id)}, "void: it carries nothing on"
    shop.ask(RequestKind.CANCEL_DRAIN, WORKER)
    shop.tick(12)
    request = shop.ask(RequestKind.APPLY, plan.id, plan)
    shop.tick(2)
    assert shop.answer(request) == ("what the plan goes on with was given up since it was made", 3)


def test_the_red_button_holds_a_plan_agreed_to_beforehand_too(shop: Shop) -> None:
    shop.tick(2)
    plan = drain_plan(shop)
    shop.ask(RequestKind.APPLY, plan.id, plan)
    shop.store.records(shop.engine.policies.cluster).freeze(
        Freeze(subject=EVERYTHING, who="somebody", why="a bad feeling", at=shop.runtime.now())
    )
    report = shop.tick(10)
    assert begun(report) == set()
    shop.store.records(shop.engine.policies.cluster).resume(EVERYTHING)
    shop.tick(60)
    assert WORKER not in nodes(shop)
