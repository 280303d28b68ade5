"""What every store promises of plans that have nothing to do: part of `StoreContract`."""

from dataclasses import replace

import pytest

from autoscaler.contracts.store import Lease, Store, TickRecord
from autoscaler.model.plans import Plan, PoolChange, Remark, WorkloadChange
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import Fence
from autoscaler.testing.scenes import GENERAL, SHOP, WEB, a_plan, node_ref, planned

DAY_MS = 86_400_000
STEP = planned("s", Fence(node=node_ref("n1")))


def idle(made_at: int, code: Code, number: int) -> Plan:
    """One that says of a node why it stays."""
    return replace(a_plan(made_at=Instant(made_at)), remarks=(Remark(subject="node:n1", reasons=(Reason(code, (number,)),)),))


def remember(store: Store, lease: Lease, *plans: Plan) -> None:
    """A tick for each."""
    for plan in plans:
        store.records(SHOP).remember(TickRecord(at=plan.made_at, plan=plan), lease)


class IdlePlansContract:
    """Fixtures to give: `store`, an empty store, and `lease`, on the cluster `shop`."""

    def test_before_any_there_is_none(self, store: Store) -> None:
        assert store.records(SHOP).idle_plan() is None

    def test_what_it_says_is_kept_once_for_as_long_as_it_says_the_same(self, store: Store, lease: Lease) -> None:
        plans = [idle(1000, Code.HOLDS_FLOOR, 1), idle(2000, Code.HOLDS_FLOOR, 2), idle(3000, Code.POOL_AT_MINIMUM, 3)]
        remember(store, lease, *plans)
        told = store.records(SHOP).idle_plan
        assert (told(), told(until=Instant(2999)), told(until=Instant(999))) == (plans[2], plans[0], None)
        assert store.records(SHOP).plans() == ()

    def test_a_plan_with_steps_between_two_ends_the_first(self, store: Store, lease: Lease) -> None:
        same = [idle(at, Code.HOLDS_FLOOR, 1) for at in (1000, 3000)]
        remember(store, lease, same[0], replace(idle(2000, Code.HOLDS_FLOOR, 1), steps=(STEP,)), same[1])
        assert store.records(SHOP).idle_plan() == same[1]

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(
                {"remarks": (Remark(subject="node:n1", reasons=(Reason(Code.HOLDS_FLOOR, (1,), names=("web",)),)),)}, id="whom it names"
            ),
            pytest.param({"workloads": (WorkloadChange(workload=WEB, before=9, after=9, floor=8),)}, id="a count"),
            pytest.param({"pools": (PoolChange(pool=GENERAL, before=2, after=2),)}, id="machines"),
        ],
    )
    def test_what_it_says_is_news_when_it_says_something_else(self, store: Store, lease: Lease, changed: dict[str, object]) -> None:
        before = idle(1000, Code.HOLDS_FLOOR, 1)
        after = replace(before, made_at=Instant(2000), **changed)  # type: ignore[arg-type] # one of three fields
        remember(store, lease, before, after)
        assert store.records(SHOP).idle_plan() == after

    def test_a_clock_that_stepped_back_tells_what_is_so_now(self, store: Store, lease: Lease) -> None:
        late, early, again = (
            idle(at, code, 0) for at, code in ((5000, Code.HOLDS_FLOOR), (3000, Code.POOL_AT_MINIMUM), (3100, Code.POOL_AT_MINIMUM))
        )
        remember(store, lease, late, early, again)
        assert store.records(SHOP).idle_plan() == early

    def test_the_same_after_a_month_without_one_is_news(self, store: Store, lease: Lease) -> None:
        remember(store, lease, idle(0, Code.HOLDS_FLOOR, 1))
        store.records(SHOP).remember(TickRecord(at=Instant(31 * DAY_MS)), lease)
        again = idle(31 * DAY_MS + 1, Code.HOLDS_FLOOR, 1)
        remember(store, lease, again)
        assert store.records(SHOP).idle_plan() == again

    def test_the_last_hundred_stay_and_those_of_thirty_days(self, store: Store, lease: Lease) -> None:
        codes, told = (Code.HOLDS_FLOOR, Code.POOL_AT_MINIMUM), store.records(SHOP).idle_plan
        remember(store, lease, *(idle(n, codes[n % 2], 0) for n in range(100)))
        assert told(until=Instant(0)) == idle(0, codes[0], 0)
        remember(store, lease, *(idle(n, codes[n % 2], 0) for n in range(100, 120)))
        assert told(until=Instant(19)) is None
        assert told(until=Instant(20)) == idle(20, codes[0], 0)
        remember(store, lease, idle(34 * DAY_MS, Code.NODE_IS_MANAGER, 0))
        assert told(until=Instant(34 * DAY_MS - 1)) is None
