"""Google's machine reassignment: instances are read as they are meant, and the judge sees what is wrong."""

from pathlib import Path

import pytest

from autoscaler.placement.rebalancing import cost, of_rounds, rebalance
from benchmarks.roadef.__main__ import INSTANCES
from benchmarks.roadef.instances import read
from benchmarks.roadef.verifying import breaches, instance, price

NAMES = ("a1_1", "a1_2", "a1_3", "a1_4", "a1_5", "a2_2", "a2_4", "b_01", "b_04")

TINY = """2 1 10 0 10
3 0 0 10 10 5 5 0 1 2 0 1 10 10 5 5 1 0 2 1 1 8 8 5 5 2 2 0
2 2 1 1 1 0
3 0 6 2 1 0 2 2 1 1 3 3 1
1 0 1 1 10
1 10 100"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Two processes of service 0 in two locations, needing the one of service 1."""
    (tmp_path / "assignment_tiny.txt").write_text("0 1 0")
    (tmp_path / "model_tiny.txt").write_text(TINY)
    return tmp_path / "model_tiny.txt"


@pytest.mark.parametrize("name", NAMES)
def test_the_start_costs_what_it_is_known_to(name: str) -> None:
    model = INSTANCES / f"model_{name}.txt"
    if not model.exists():
        pytest.skip(f"{model.name} is not there")
    board = read(model)
    known = int(model.with_name(f"original_cost_{name}.txt").read_text())
    assert cost(board, board.containers.node).total == known


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["a1_1", "a1_4"])
def test_the_judge_agrees_with_the_engine(name: str) -> None:
    model = INSTANCES / f"model_{name}.txt"
    if not model.exists():
        pytest.skip(f"{model.name} is not there")
    found = rebalance(read(model), spent=of_rounds(16), tries=20_000)
    task, where = instance(model), found.node.tolist()
    assert (breaches(task, where), price(task, where)) == ([], found.cost.total)
    assert found.cost.total < price(task, [process.home for process in task.processes])


@pytest.mark.parametrize(
    ("where", "paid"),
    [
        # 9 and 5 of machine 0 are used: 4 above what is safe, and what is free, 1 and 5, is in balance.
        pytest.param([0, 1, 0], 40, id="nobody moves: load alone"),
        # Then 1 above what is safe; 1 for the process, 10 for its service, 100 for each of two steps.
        pytest.param([0, 1, 2], 10 + 1 + 10 + 200, id="one moves: by process, service and distance"),
    ],
)
def test_the_judge_reckons(tiny: Path, where: list[int], paid: int) -> None:
    assert price(instance(tiny), where) == paid == cost(read(tiny), read(tiny).containers.node * 0 + where).total


@pytest.mark.parametrize(
    ("where", "said"),
    [
        pytest.param([0, 1, 0], [], id="the start is fine"),
        pytest.param([1, 1, 0], ["2 processes of service 0 on machine 1", "service 0 in 1 locations"], id="together in one location"),
        pytest.param([0, 1, 2], ["service 0 far from service 1"], id="apart from what it needs"),
        pytest.param([0, 2, 0], ["service 0 far from service 1"], id="one of two apart"),
        pytest.param([1, 0, 0], ["machine 0 holds 11 of resource 0"], id="what moves holds its old place"),
    ],
)
def test_the_judge_sees(tiny: Path, where: list[int], said: list[str]) -> None:
    assert breaches(instance(tiny), where) == said
