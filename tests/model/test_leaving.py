"""Who goes first where we choose."""

from dataclasses import replace

import pytest

from autoscaler.model.constraints import NODE, TopologySpread
from autoscaler.model.leaving import in_order
from autoscaler.model.workloads import Replica, Shape
from autoscaler.testing.scenes import a_node, a_replica

PLACES = {"a1": "a", "a2": "a", "b1": "b"}
NODES = {node.ref: node for name, zone in PLACES.items() for node in [replace(a_node(name), labels=(("zone", zone),))]}
ZONES = Shape(constraints=(TopologySpread(topology="zone"),))
EACH = Shape(constraints=(TopologySpread(topology=NODE),))


def order(shape: Shape, *replicas: Replica) -> str:
    """Whoever came first is oldest."""
    aged = [replace(one, started_at=age) for age, one in enumerate(replicas)]  # type: ignore[arg-type]
    return "".join(in_order(aged, lambda one: (one.healthy,), shape, NODES.get))


@pytest.mark.parametrize(
    ("shape", "places", "expected"),
    [
        pytest.param(Shape(), ("a1", "a2", "b1"), "cba", id="the youngest, where no rule is"),
        pytest.param(ZONES, ("a1", "a2", "b1", "b1"), "dbca", id="from each zone in turn, the youngest of it"),
        pytest.param(ZONES, ("a1", "a2", "a2", "b1"), "cbda", id="from the zone that has most, until it has no more than others"),
        pytest.param(EACH, ("b1", "a1", "b1", "a2"), "cdba", id="from the node that has most"),
    ],
)
def test_who_goes_first(shape: Shape, places: tuple[str, ...], expected: str) -> None:
    assert order(shape, *(a_replica(name, place) for name, place in zip("abcd", places, strict=False))) == expected


def test_who_does_nothing_goes_before_any_spread() -> None:
    found = order(ZONES, a_replica("a", "a1"), a_replica("b", "a2"), replace(a_replica("c", "b1"), healthy=False))
    assert found == "cba"
