"""How much change the limits leave, by what histories and the journal tell together."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from autoscaler.model.commitments import Commitments, Intent, StepStatus
from autoscaler.model.history import ScaleEvent
from autoscaler.model.policies import Limits
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import Token
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.velocity import nodes_left, replicas_left
from tests.planning.conftest import NOW, POOL

if TYPE_CHECKING:
    from tests.planning.conftest import World

Worlds: TypeAlias = "type[World]"

SECOND = 1000


def grown(small: Worlds, status: StepStatus, ago: int) -> "tuple[World, Commitments]":
    """A plan that raised a full node's workload by 3 and its pool by 1, `ago` milliseconds ago."""
    world = small(limits=Limits(replicas_per_minute=10, nodes_per_minute=5))
    world.node("n1")
    web = world.workload("web", ["n1"] * 4)
    world.decided[web] = 7
    waiting = world.adopt(world.plan())
    at = Instant(NOW - ago)
    changes = {"GrowPool": (1, 2), "SetReplicas": (4, 7)}
    records = []
    for one in waiting.records:
        seen, wanted = changes.get(type(one.planned.step).__name__, (0, 0))
        intent = Intent(token=Token("t"), term=1, seen=seen, wanted=wanted)
        ended = at if status is StepStatus.DONE else None
        records.append(replace(one, status=status, intent=intent, began_at=at, ended_at=ended))
    world.workloads[web] = replace(world.workloads[web], wanted=7)
    return world, replace(waiting, records=tuple(records))


def left(world: "World", commitments: Commitments) -> tuple[int, int]:
    facts = Facts.gather(world.request(commitments), world.state())
    return replicas_left(facts, next(iter(world.workloads))), nodes_left(facts)


@pytest.mark.parametrize(
    ("status", "ago", "expected"),
    [
        pytest.param(StepStatus.DONE, 5 * SECOND, (7, 4), id="what was done counts though no history tells of it"),
        pytest.param(StepStatus.SENT, 5 * SECOND, (7, 4), id="what was sent counts before it is done"),
        pytest.param(StepStatus.DONE, 61 * SECOND, (10, 5), id="a minute later it counts no more"),
        pytest.param(StepStatus.WAITING, 5 * SECOND, (10, 5), id="what waits has changed nothing"),
    ],
)
def test_the_journal_tells_what_histories_have_lost(status: StepStatus, ago: int, expected: tuple[int, int], small: Worlds) -> None:
    assert left(*grown(small, status, ago)) == expected


def test_what_both_tell_counts_once(small: Worlds) -> None:
    world, commitments = grown(small, StepStatus.DONE, 5 * SECOND)
    at = Instant(NOW - 5 * SECOND)
    world.events["shop/web"] = [ScaleEvent(at, 3)]
    world.events[f"pool:{POOL}"] = [ScaleEvent(at, 1)]
    assert left(world, commitments) == (7, 4)


def test_other_changes_of_the_same_size_count_beside(small: Worlds) -> None:
    world, commitments = grown(small, StepStatus.DONE, 5 * SECOND)
    world.events["shop/web"] = [ScaleEvent(Instant(NOW - 9 * SECOND), 3), ScaleEvent(Instant(NOW - SECOND), 2, foreign=True)]
    assert left(world, commitments)[0] == 4
