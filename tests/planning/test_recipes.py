"""What a recipe waits for, and what it does not."""

import pytest

from autoscaler.model.observations import Moves
from autoscaler.model.steps import AwaitHealthy
from autoscaler.planning.recipes.parts import Emptying, Part
from autoscaler.planning.recipes.surge_and_empty import surge_and_empty
from autoscaler.testing.scenes import WEB, a_node


@pytest.mark.parametrize(
    ("homeless", "waits_for"),
    [
        pytest.param(0, 5, id="all that are wanted, while each has a place"),
        pytest.param(2, 3, id="not for those who wait for the room of the surge, or for any"),
        pytest.param(9, 0, id="nobody"),
    ],
)
def test_replacements_that_are_waited_for_before_a_surge_is_given_back(homeless: int, waits_for: int) -> None:
    """The machine is empty, the pool at its maximum: waiting for a place would hold the very machine whose going makes room."""
    part = Part(workload=WEB, replicas=(), seen=6, base=5, floor=5, booked=1, tight=True, homeless=homeless)
    steps = surge_and_empty(Emptying(node=a_node("n1"), parts=(part,), moves=Moves.NODE))
    assert [one.step.count for one in steps if isinstance(one.step, AwaitHealthy)] == [waits_for]
