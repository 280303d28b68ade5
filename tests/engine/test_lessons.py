"""A policy that learns is taught while the engine ticks, and its plans rest on what it was taught."""

from dataclasses import replace

import pytest

from autoscaler.deciding.anticipate import EVERY
from autoscaler.engine.dry import MEMORY
from autoscaler.errors import StoreError
from autoscaler.model.history import Histories, Lesson
from autoscaler.model.policies import Learning
from autoscaler.model.quantities import Duration, Instant
from tests.engine.shop import Shop, open_shop

MINUTE = 60_000


def learning_shop() -> Shop:
    shop = open_shop()
    policies = shop.engine.policies
    web = replace(policies.policies[0], behaviour=replace(policies.policies[0].behaviour, learn=Learning()))
    shop.engine.policies = replace(policies, policies=(web,))
    return shop


def lesson(shop: Shop) -> Lesson | None:
    return shop.store.records(shop.engine.policies.cluster).histories(Instant(0)).of("shop/web").lesson


def pass_by(shop: Shop, minutes: int) -> None:
    for _ in range(minutes):
        shop.tick()
        shop.runtime.advance(Duration(MINUTE - 2000))


def test_it_is_taught_after_half_an_hour_and_every_ten_minutes() -> None:
    shop = learning_shop()
    pass_by(shop, 30)
    assert lesson(shop) is None
    pass_by(shop, 2)
    first = lesson(shop)
    assert first
    pass_by(shop, 7)
    assert lesson(shop) == first
    pass_by(shop, 4)
    second = lesson(shop)
    assert second
    assert second.at - first.at >= EVERY.ms


def test_what_was_taught_is_in_the_frame_it_led_to() -> None:
    shop = learning_shop()
    pass_by(shop, 33)
    thought = shop.tick().thought
    assert thought.frame.histories.of("shop/web").lesson == lesson(shop)
    (decision,) = thought.decisions
    assert decision.ready == 3


def test_others_are_taught_nothing() -> None:
    shop = open_shop()
    pass_by(shop, 33)
    assert lesson(shop) is None


def test_a_past_that_cannot_be_read_is_the_ticks_problem_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = learning_shop()
    pass_by(shop, 29)
    records = shop.store.records(shop.engine.policies.cluster)
    read = records.histories

    def histories(since: Instant, subjects: frozenset[str] | None = None) -> Histories:
        if since < shop.runtime.now() - MEMORY.ms:
            raise StoreError("the store does not answer", hint="see `autoscaler doctor`")
        return read(since, subjects)

    monkeypatch.setattr(records, "histories", histories)
    shop.runtime.advance(Duration(5 * MINUTE))
    assert isinstance(shop.tick().problem, StoreError)
