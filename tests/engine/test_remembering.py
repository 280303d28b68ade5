"""What was done is remembered, whatever keeps the store from being written in between."""

import pytest

from autoscaler.contracts.store import Lease, TickRecord
from autoscaler.errors import StoreError, UnavailableError
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.simulation.world import others
from tests.engine.shop import Shop, open_shop


class FullDisk:
    """Lets the journal be written, and no history."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self._records = shop.store.records(shop.engine.policies.cluster)
        self._remember = self._records.remember
        self.full = True
        monkeypatch.setattr(self._records, "remember", self.remember)

    def remember(self, tick: TickRecord, lease: Lease) -> None:
        """Only while there is room."""
        if self.full:
            raise StoreError("the store does not answer: disk is full", hint="free some space")
        self._remember(tick, lease)

    def told(self) -> list[int]:
        """How the count of web changed, as histories have it."""
        return [event.change for event in self._records.histories(Instant(0)).of("shop/web").events if not event.foreign]


def scaled(shop: Shop) -> int:
    """By how much the count of web is not what it was."""
    state = shop.tick().thought.observation.state
    return next(one.wanted for one in state.workloads) - 3  # type: ignore[union-attr]


def test_a_change_that_no_history_could_be_told_of_is_told_later_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(rps=150)
    disk = FullDisk(shop, monkeypatch)
    with pytest.raises(StoreError):
        shop.tick(20)  # the count is set, its step ends, and from the next tick on nothing new is begun
    assert disk.told() == []
    disk.full = False
    grown = scaled(shop)
    assert grown > 0
    assert sum(disk.told()) == grown
    shop.tick(3)
    assert sum(disk.told()) == scaled(shop)


def test_others_changes_are_told_before_the_next_plan_forgets_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(rps=150)
    shop.tick(20)
    count = 3 + scaled(shop)
    records = shop.store.records(shop.engine.policies.cluster)
    remember = records.remember

    def die_at_the_end(tick: TickRecord, lease: Lease) -> None:
        if tick.decisions:
            raise StoreError("killed", hint="")
        remember(tick, lease)

    monkeypatch.setattr(records, "remember", die_at_the_end)
    others.scale(shop.world, "web", 12)
    assert shop.tick().commitments.open  # a plan to bring it back was begun
    monkeypatch.setattr(records, "remember", remember)
    shop.tick(3)
    changes = [one.change for one in records.histories(Instant(0)).of("shop/web").events if one.foreign]
    assert changes == [12 - count]


def test_what_a_tick_without_a_step_said_is_remembered_and_a_blind_one_takes_nothing_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: object, deadline: Duration) -> ClusterState:
        raise UnavailableError(f"it is down for more than {deadline}", hint="wait")

    shop = open_shop()
    records = shop.store.records(shop.engine.policies.cluster)
    plan = shop.tick(20).thought.plan
    idle = records.idle_plan()
    assert idle is not None
    assert (plan.steps, idle.remarks) == ((), plan.remarks)
    assert idle.remarks
    monkeypatch.setattr(type(shop.engine.eyes.orchestrator), "observe", down)
    assert shop.tick().thought.plan.remarks != idle.remarks
    assert records.idle_plan() == idle
