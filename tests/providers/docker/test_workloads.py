"""Services as workloads."""

from typing import Any

import pytest

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Obstacle, Origin, Workload, WorkloadKind
from autoscaler_docker.labels import MARK
from autoscaler_docker.workloads import port_of, workload_of
from tests.providers.docker.fake_swarm import FakeSwarm

REQUEST = Resources(100, 128 * 2**20)
NOW = Instant(1_767_225_600_000)
MIB = 2**20


def read(fake: FakeSwarm, service: dict[str, Any]) -> Workload:
    mine = [task for task in fake.tasks if task["ServiceID"] == service["ID"]]
    return workload_of(service, mine, ClusterName("shop"), REQUEST, NOW)


def template(**parts: object) -> dict[str, Any]:
    return {"ContainerSpec": {"Image": "x:1"}, "ForceUpdate": 0, **parts}


@pytest.mark.parametrize(
    ("reservations", "requests", "origin"),
    [
        pytest.param({"NanoCPUs": 250_000_001, "MemoryBytes": MIB}, Resources(251, MIB), Origin.DECLARED, id="both, cpu rounded up"),
        pytest.param({"NanoCPUs": 250_000_000}, Resources(250, REQUEST.memory), Origin.DEFAULT, id="memory is taken from the default"),
        pytest.param({"MemoryBytes": MIB}, Resources(REQUEST.cpu, MIB), Origin.DEFAULT, id="cpu is taken from the default"),
        pytest.param(None, REQUEST, Origin.DEFAULT, id="nothing is never zero"),
        pytest.param(
            {
                "NanoCPUs": 10**9,
                "MemoryBytes": MIB,
                "GenericResources": [
                    {"DiscreteResourceSpec": {"Kind": "ssd", "Value": 3}},
                    {"NamedResourceSpec": {"Kind": "gpu", "Value": "one"}},
                    {"NamedResourceSpec": {"Kind": "gpu", "Value": "two"}},
                ],
            },
            Resources(1000, MIB, (("gpu", 2), ("ssd", 3))),
            Origin.DECLARED,
            id="generic resources by kind",
        ),
    ],
)
def test_requests_come_from_reservations(fake: FakeSwarm, reservations: dict[str, Any] | None, requests: Resources, origin: Origin) -> None:
    service = fake.add_service("api", 1, TaskTemplate=template(Resources={"Reservations": reservations}))
    shape = read(fake, service).shape
    assert (shape.requests, shape.origin) == (requests, origin)


@pytest.mark.parametrize(
    ("mode", "kind", "wanted", "obstacles"),
    [
        pytest.param({"Replicated": {"Replicas": 3}}, WorkloadKind.REPLICATED, 3, (), id="replicated"),
        pytest.param({"Replicated": {"Replicas": 0}}, WorkloadKind.REPLICATED, 0, (), id="scaled to nothing"),
        pytest.param({"Replicated": {}}, WorkloadKind.REPLICATED, 1, (), id="one unless told"),
        pytest.param({"Global": {}}, WorkloadKind.GLOBAL, 0, (), id="global"),
        pytest.param({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 5}}, WorkloadKind.JOB, 2, (Obstacle.JOB,), id="a job"),
        pytest.param({"GlobalJob": {}}, WorkloadKind.JOB, 0, (Obstacle.JOB,), id="a job on every node"),
    ],
)
def test_the_mode_gives_kind_and_count(
    fake: FakeSwarm, mode: dict[str, Any], kind: WorkloadKind, wanted: int, obstacles: tuple[Obstacle, ...]
) -> None:
    service = fake.add_service("api", 0)
    service["Spec"]["Mode"] = mode
    found = read(fake, service)
    assert (found.kind, found.wanted, found.obstacles) == (kind, wanted, obstacles)


def mounted(**mount: object) -> dict[str, Any]:
    return template(ContainerSpec={"Mounts": [mount]})


@pytest.mark.parametrize(
    ("spec", "obstacles"),
    [
        pytest.param({"TaskTemplate": mounted(Type="volume", Source="data")}, (Obstacle.LOCAL_VOLUME,), id="a named local volume"),
        pytest.param({"TaskTemplate": mounted(Type="bind", Source="/srv")}, (Obstacle.LOCAL_VOLUME,), id="a folder of the node"),
        pytest.param({"TaskTemplate": mounted(Type="volume")}, (), id="a volume without a name ends with its task"),
        pytest.param({"TaskTemplate": mounted(Type="tmpfs")}, (), id="memory"),
        pytest.param(
            {"TaskTemplate": mounted(Type="volume", Source="d", VolumeOptions={"DriverConfig": {"Name": "rexray"}})},
            (),
            id="another driver's volume goes along",
        ),
        pytest.param(
            {"TaskTemplate": mounted(Type="volume", Source="d", VolumeOptions={"DriverConfig": {"Options": {"type": "nfs"}}})},
            (),
            id="a shared file system by the local driver",
        ),
        pytest.param({"TaskTemplate": mounted(Type="cluster", Source="d")}, (Obstacle.SINGLE_WRITER,), id="a cluster volume"),
        pytest.param(
            {"EndpointSpec": {"Ports": [{"PublishMode": "host", "TargetPort": 80, "PublishedPort": 8080}]}},
            (Obstacle.HOST_PORT,),
            id="a port bound on the node",
        ),
        pytest.param({"EndpointSpec": {"Ports": [{"PublishMode": "host", "TargetPort": 80}]}}, (), id="a port the engine picks"),
        pytest.param({"EndpointSpec": {"Ports": [{"PublishMode": "ingress", "PublishedPort": 80}]}}, (), id="the routing mesh"),
    ],
)
def test_obstacles_to_moving(fake: FakeSwarm, spec: dict[str, Any], obstacles: tuple[Obstacle, ...]) -> None:
    assert read(fake, fake.add_service("api", 1, **spec)).obstacles == obstacles


def test_host_ports_copies_per_node_and_placement_are_in_the_shape(fake: FakeSwarm) -> None:
    ports = [{"PublishMode": "host", "PublishedPort": 8080}, {"PublishMode": "host", "TargetPort": 9}]
    preferences = [{"Spread": {"SpreadDescriptor": "node.labels.zone"}}]
    placement = {"MaxReplicas": 2, "Constraints": ["node.role==worker"], "Preferences": preferences}
    service = fake.add_service("api", 1, TaskTemplate=template(Placement=placement), EndpointSpec={"Ports": ports})
    shape = read(fake, service).shape
    assert (shape.host_ports, shape.max_per_node, len(shape.node_rules), len(shape.preferences)) == ((8080,), 2, 1, 1)


@pytest.mark.parametrize(
    ("state", "updating"),
    [
        pytest.param("updating", True, id="under way"),
        pytest.param("paused", True, id="stuck: any change would set it going again"),
        pytest.param("rollback_started", True, id="on its way back"),
        pytest.param("rollback_paused", True, id="stuck on its way back"),
        pytest.param("completed", False, id="over"),
        pytest.param("rollback_completed", False, id="taken back"),
        pytest.param("", False, id="never"),
    ],
)
def test_swarms_own_word_on_updates(fake: FakeSwarm, state: str, updating: bool) -> None:  # noqa: FBT001 - a column
    service = fake.services[0]
    service["UpdateStatus"] = {"State": state}
    assert read(fake, service).updating is updating


def test_an_update_is_seen_before_swarm_says_a_word(fake: FakeSwarm) -> None:
    fake.update("web")
    del fake.services[0]["UpdateStatus"]
    assert read(fake, fake.services[0]).updating


def test_a_slot_with_two_tasks_is_an_update(fake: FakeSwarm) -> None:
    """A count lowered by one would end both of them, and its removal order cannot say so."""
    fake.tasks.append({**fake.tasks[0], "ID": "twin"})
    assert read(fake, fake.services[0]).updating


def test_a_change_of_placement_alone_is_no_update(fake: FakeSwarm) -> None:
    fake.services[0]["Spec"]["TaskTemplate"]["Placement"] = {"Constraints": ["node.role==worker"]}
    assert not read(fake, fake.services[0]).updating


def test_failures_are_those_of_late(fake: FakeSwarm) -> None:
    first, second, third, fourth = fake.live(fake.services[0])
    for task, state, at in (
        (first, "failed", "2025-12-31T23:55:00Z"),
        (second, "rejected", "2025-12-31T23:59:59.123456789Z"),
        (third, "failed", "2025-12-31T23:00:00Z"),
        (fourth, "shutdown", "2025-12-31T23:59:00Z"),
    ):
        task["Status"] |= {"State": state, "Timestamp": at}
    assert read(fake, fake.services[0]).failures == 2


def test_a_program_that_ends_well_failed_all_the_same_unless_it_is_a_job(fake: FakeSwarm) -> None:
    task = fake.live(fake.services[0])[0]
    task["Status"] |= {"State": "complete", "Timestamp": "2025-12-31T23:59:00Z"}
    assert read(fake, fake.services[0]).failures == 1
    fake.services[0]["Spec"]["Mode"] = {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 4}}
    assert read(fake, fake.services[0]).failures == 0


def test_labels_are_the_owners_and_marks_are_ours(fake: FakeSwarm) -> None:
    service = fake.services[0]
    service["Spec"]["Labels"] |= {MARK + "replicas": "scribble", "autoscaler.port": "8080"}
    found = read(fake, service)
    assert found.labels == (("autoscaler.port", "8080"), ("tier", "web"))
    assert [(mark.field, mark.store) for mark in found.marks] == [("replicas", "unreadable")]


@pytest.mark.parametrize(("written", "port"), [("8080", 8080), ("http", 0), ("", 0), ("٣", 0)])
def test_the_port_label(fake: FakeSwarm, written: str, port: int) -> None:
    fake.services[0]["Spec"]["Labels"]["autoscaler.port"] = written
    assert port_of(fake.services[0]) == port


@pytest.mark.parametrize(
    ("container", "grace"),
    [
        pytest.param({"StopGracePeriod": 2_500_000_000}, 2500, id="as declared"),
        pytest.param({"StopGracePeriod": 0}, 0, id="none at all"),
        pytest.param({}, 10_000, id="Docker's own ten seconds"),
    ],
)
def test_the_grace_to_stop(fake: FakeSwarm, container: dict[str, Any], grace: int) -> None:
    assert read(fake, fake.add_service("api", 1, TaskTemplate=template(ContainerSpec=container))).stop_grace == Duration(grace)
