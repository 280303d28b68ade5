"""Whose prices they are is told where they count: of what is bought, and of pools whose prices are old."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.explaining import plan_as_text, sentence
from autoscaler.model.catalogue import OLD
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"
NOW = Instant(1_795_000_000_000)
LATELY, LONG_AGO = Instant(NOW - 1000), Instant(NOW - OLD.ms - 1)


def growing(world: "World", priced_at: Instant, *, more: int) -> Plan:
    """A node that is full, and so many replicas more to come."""
    world.at = NOW
    world.offerings = tuple(replace(one, priced_at=priced_at, priced_by="Price List") for one in world.offerings)
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 4 + more
    return world.plan()


def codes(plan: Plan) -> list[Code]:
    return [one.code for pool in plan.pools for one in pool.reasons if one.code in (Code.PRICED_BY, Code.PRICES_OLD)]


@pytest.mark.parametrize(
    ("priced_at", "more", "told"),
    [
        pytest.param(LATELY, 4, [Code.PRICED_BY], id="of what is bought"),
        pytest.param(LATELY, 0, [], id="of nothing else"),
        pytest.param(LONG_AGO, 4, [Code.PRICED_BY, Code.PRICES_OLD], id="with a warning where they are old"),
        pytest.param(LONG_AGO, 0, [Code.PRICES_OLD], id="also where nothing is bought"),
        pytest.param(Instant(0), 4, [], id="the policy file's own are its author's to know"),
    ],
)
def test_who_told_prices(small: Worlds, priced_at: Instant, more: int, told: list[Code]) -> None:
    assert codes(growing(small(), priced_at, more=more)) == told


def test_in_words(small: Worlds) -> None:
    text = " ".join(plan_as_text(growing(small(), LONG_AGO, more=4)).split())
    assert "small costs 0.10 USD per hour, told by Price List at 2026-10-19 11:06:39 UTC" in text
    assert sentence(Reason(Code.PRICES_OLD, (LONG_AGO,), "instant", ("general",))) in text


def test_the_plan_stays_the_same_when_its_prices_grow_old(small: Worlds) -> None:
    world = small()
    made = growing(world, Instant(NOW - OLD.ms), more=4)
    begun = world.adopt(made)
    world.at = Instant(NOW + 1)
    assert codes(made) == [Code.PRICED_BY]
    assert world.plan(begun).id == made.id
