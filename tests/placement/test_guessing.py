"""How many machines may go by sums: as long as what stays has the room, of everything."""

import pytest

from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, Load, Problem, Resident
from autoscaler.placement.guessing import Sums
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState

WEB = WorkloadRef(ClusterName("shop"), "web")
LOAD = Load(workload=WEB, shape=Shape(requests=Resources(100, 10)))


def fitting(*hosts: Host, count: int) -> int:
    """How many of the machines go, each with so many replicas on it."""
    residents = tuple(Resident(workload=WEB, host=host.key, count=count, serving=count) for host in hosts)
    ledger = Ledger.of(Problem(hosts=hosts, loads=(LOAD,), residents=residents))
    sums = Sums.of(ledger)
    return sum(sums.suffice_without(one.host, [one]) for one in residents)


def machine(key: str, cpu: int = 1000, memory: int = 1000, state: HostState = HostState.OPEN, used: int = 0) -> Host:
    return Host(key=key, capacity=Resources(cpu, memory), used=Resources(used, 0), state=state)


@pytest.mark.parametrize(
    ("hosts", "count", "gone"),
    [
        pytest.param([machine(key) for key in "abcd"], 5, 2, id="half full, half of them go"),
        pytest.param([machine(key) for key in "abcd"], 0, 4, id="empty, all go"),
        pytest.param([machine(key) for key in "abcd"], 10, 0, id="full, none goes"),
        pytest.param([machine(key, memory=50) for key in "abcd"], 5, 0, id="what is scarcest decides"),
        pytest.param([machine("a"), machine("b", used=2000)], 5, 1, id="what an overfull machine lacks nobody else has to have"),
        pytest.param([machine("a"), machine("b", state=HostState.SHUT)], 2, 0, id="one that takes no replicas has no room"),
        pytest.param([machine("a"), machine("b", cpu=300), machine("c")], 2, 2, id="one that cannot go keeps its room"),
    ],
)
def test_as_many_go_as_the_others_have_room_for(hosts: list[Host], count: int, gone: int) -> None:
    assert fitting(*hosts, count=count) == gone
