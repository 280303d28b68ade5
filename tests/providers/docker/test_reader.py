"""What a Swarm's reader shows of nodes and tasks, and what it asks."""

from dataclasses import replace
from typing import Any

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import ProviderError
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Cpu, Duration, Memory
from autoscaler.model.refs import NodeRef, ReplicaId
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Replica, ReplicaState
from autoscaler_docker.settings import Reserve, SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from tests.providers.docker.fake_daemon import FakeDaemon
from tests.providers.docker.fake_swarm import GIB, FakeSwarm


@pytest.fixture
def reader(settings: SwarmSettings, site: Site) -> SwarmReader:
    return SwarmReader(settings, site)


def look(reader: SwarmReader) -> ClusterState:
    return reader.observe(Duration(5000))


def node(reader: SwarmReader, name: str) -> Node:
    return next(one for one in look(reader).nodes if one.name == name)


def first(reader: SwarmReader) -> Replica:
    return next(one for one in look(reader).replicas if one.id == ReplicaId("task-001"))


def test_four_reads_tell_everything(reader: SwarmReader, daemon: FakeDaemon) -> None:
    look(reader)
    assert daemon.asked == ["GET /_ping", "GET /swarm", "GET /services", "GET /tasks", "GET /nodes"]


def test_it_asks_in_the_version_the_engine_speaks_once(reader: SwarmReader, daemon: FakeDaemon) -> None:
    look(reader)
    look(reader)
    assert daemon.asked.count("GET /_ping") == 1


@pytest.mark.parametrize(
    ("availability", "found"),
    [
        pytest.param("active", NodeAvailability.OPEN, id="active is open"),
        pytest.param("pause", NodeAvailability.FENCED, id="paused is fenced"),
        pytest.param("drain", NodeAvailability.EMPTYING, id="drained is emptying"),
        pytest.param("moon", NodeAvailability.FENCED, id="a word nobody knows takes nothing"),
    ],
)
def test_availability(fake: FakeSwarm, reader: SwarmReader, availability: str, found: NodeAvailability) -> None:
    fake.nodes[1]["Spec"]["Availability"] = availability
    assert node(reader, "node2").availability is found


@pytest.mark.parametrize(("state", "found"), [("ready", NodeState.READY), ("down", NodeState.DOWN), ("unknown", NodeState.DOWN)])
def test_only_ready_is_ready(fake: FakeSwarm, reader: SwarmReader, state: str, found: NodeState) -> None:
    fake.nodes[1]["Status"]["State"] = state
    assert node(reader, "node2").state is found


@pytest.mark.parametrize(
    ("manager", "status", "address"),
    [
        pytest.param("10.9.9.9:2377", "10.0.0.1", "10.0.0.1", id="what the Swarm says"),
        pytest.param("10.9.9.9:2377", "0.0.0.0", "10.9.9.9", id="a manager that gives nobody's address"),
        pytest.param("[fd00::9]:2377", "::", "fd00::9", id="the same with a longer address"),
        pytest.param("", "127.0.0.1", "", id="nobody knows"),
    ],
)
def test_the_address_of_a_manager(fake: FakeSwarm, reader: SwarmReader, manager: str, status: str, address: str) -> None:
    fake.nodes[0]["Status"]["Addr"] = status
    fake.nodes[0]["ManagerStatus"]["Addr"] = manager
    found = node(reader, "node1")
    assert (found.address, found.manager) == (address, True)


def test_the_file_knows_an_address_better(settings: SwarmSettings, site: Site) -> None:
    reader = SwarmReader(replace(settings, addresses={"node2": "198.51.100.2"}), site)
    assert node(reader, "node2").address == "198.51.100.2"
    assert any(one.address.startswith("198.51.100.2:") for one in look(reader).replicas)


def test_capacity_is_what_replicas_may_use(fake: FakeSwarm, settings: SwarmSettings, site: Site) -> None:
    agent = fake.add_service("agent", 0)
    agent["Spec"]["Mode"] = {"Global": {}}
    agent["Spec"]["TaskTemplate"]["Placement"] = {"Constraints": ["node.role==worker"]}
    reader = SwarmReader(replace(settings, reserve=Reserve(cpu=Cpu(500), memory=Memory(GIB))), site)
    assert node(reader, "node1").capacity == Resources(3500, 7 * GIB)
    assert node(reader, "node2").capacity == Resources(3400, 7 * GIB - 64 * 2**20)


def test_what_constraints_may_name_is_among_the_labels(fake: FakeSwarm, reader: SwarmReader) -> None:
    fake.nodes[1]["Spec"]["Labels"] = {"zone": "a", "autoscaler.mark.availability": "{}"}
    labels = dict(node(reader, "node2").labels)
    assert (labels["zone"], labels["node.role"], labels["node.hostname"]) == ("a", "worker", "node2")
    assert "autoscaler.mark.availability" not in labels


STATES = [
    pytest.param("running", "running", ReplicaState.RUNNING, True, id="runs"),
    pytest.param("starting", "running", ReplicaState.STARTING, False, id="waits for its health check"),
    pytest.param("preparing", "running", ReplicaState.STARTING, False, id="pulls its image"),
    pytest.param("ready", "ready", ReplicaState.STARTING, False, id="waits for another one's end"),
    pytest.param("running", "shutdown", ReplicaState.STOPPING, False, id="is asked to end, and serves still"),
    pytest.param("running", "remove", ReplicaState.STOPPING, False, id="is being scaled away"),
]


@pytest.mark.parametrize(("state", "desired", "found", "healthy"), STATES)
def test_states_of_a_task(
    fake: FakeSwarm,
    reader: SwarmReader,
    state: str,
    desired: str,
    found: ReplicaState,
    healthy: bool,  # noqa: FBT001 - a column
) -> None:
    fake.tasks[0]["Status"]["State"] = state
    fake.tasks[0]["DesiredState"] = desired
    replica = first(reader)
    assert (replica.state, replica.healthy) == (found, healthy)


def test_a_task_without_a_node_waits(fake: FakeSwarm, reader: SwarmReader) -> None:
    del fake.tasks[0]["NodeID"]
    fake.tasks[0]["Status"] = {"State": "pending", "PortStatus": {}}
    replica = first(reader)
    assert (replica.state, replica.node, replica.address) == (ReplicaState.WAITING, None, "")


@pytest.mark.parametrize("state", ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"])
def test_what_has_ended_is_not_shown(fake: FakeSwarm, reader: SwarmReader, state: str) -> None:
    fake.tasks[0]["Status"]["State"] = state
    fake.tasks[0]["DesiredState"] = "shutdown"
    assert "task-001" not in {one.id for one in look(reader).replicas}


def test_on_a_node_that_is_down_nobody_is_healthy(fake: FakeSwarm, reader: SwarmReader) -> None:
    next(one for one in fake.nodes if one["ID"] == fake.tasks[0]["NodeID"])["Status"]["State"] = "down"
    replica = first(reader)
    assert (replica.state, replica.healthy) == (ReplicaState.RUNNING, False)


def test_a_task_of_a_removed_service_still_fills_its_node(fake: FakeSwarm, reader: SwarmReader) -> None:
    del fake.services[0]
    for task in fake.tasks:
        task["DesiredState"] = "remove"
    assert {(one.workload.path, one.state) for one in look(reader).replicas} == {("id-web", ReplicaState.STOPPING)}


def test_a_task_on_a_node_that_is_off_the_list_names_it_still(fake: FakeSwarm, reader: SwarmReader) -> None:
    node_id = fake.tasks[0]["NodeID"]
    fake.nodes = [one for one in fake.nodes if one["ID"] != node_id]
    replica = first(reader)
    assert (replica.node, replica.healthy) == (NodeRef(node_id, ""), False)


@pytest.mark.parametrize(
    ("port", "ports", "address"),
    [
        pytest.param("", [{"TargetPort": 80, "PublishedPort": 31_000}], "10.0.0.9:31000", id="the only one"),
        pytest.param(
            "81",
            [{"TargetPort": 80, "PublishedPort": 1}, {"TargetPort": 81, "PublishedPort": 2}],
            "10.0.0.9:2",
            id="the one its label names",
        ),
        pytest.param("82", [{"TargetPort": 80, "PublishedPort": 1}], "", id="none, rather than another than its label names"),
        pytest.param("", [{"TargetPort": 80}], "", id="not published yet"),
    ],
)
def test_where_a_replica_is_reached(fake: FakeSwarm, reader: SwarmReader, port: str, ports: list[dict[str, Any]], address: str) -> None:
    fake.services[0]["Spec"]["Labels"]["autoscaler.port"] = port
    fake.tasks[0]["Status"]["PortStatus"] = {"Ports": ports}
    next(one for one in fake.nodes if one["ID"] == fake.tasks[0]["NodeID"])["Status"]["Addr"] = "10.0.0.9"
    assert first(reader).address == address


def test_an_answer_of_another_shape_names_the_field_and_not_its_value(fake: FakeSwarm, reader: SwarmReader) -> None:
    fake.services[0]["Spec"]["Name"] = {"secret": "hunter2"}
    with pytest.raises(ProviderError, match=r"Spec\.Name") as caught:
        look(reader)
    assert "hunter2" not in str(caught.value)


def test_who_is_asked_to_end_is_reached_where_it_was(fake: FakeSwarm, reader: SwarmReader) -> None:
    before = first(reader)
    fake.tasks[0] |= {"DesiredState": "shutdown", "Status": {"State": "running", "PortStatus": {}}}
    assert (first(reader).state, first(reader).address) == (ReplicaState.STOPPING, before.address)
