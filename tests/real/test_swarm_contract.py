"""The promises of an orchestrator and of its built-in metrics, kept by real engines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, ProviderError
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import ClusterState, replicas_on
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.clusters import OWNER, Cluster, OrchestratorContract, mark
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from autoscaler_docker.swarm_writer import SwarmWriter
from autoscaler_docker.usage import SwarmUsage
from autoscaler_lab import engine_api
from autoscaler_lab.layout import LabSpec
from tests.providers.docker.fake_daemon import FakeDaemon, collect_forgotten_sockets
from tests.providers.docker.fake_swarm import FakeSwarm
from tests.real.waiting import until

pytestmark = pytest.mark.real
ENDED = ("complete", "shutdown", "failed", "rejected", "orphaned")
MANY = 21
BODY = {
    "Name": "web",
    "Mode": {"Replicated": {"Replicas": 4}},
    "TaskTemplate": {
        "ContainerSpec": {"Image": "app-x:1", "Env": ["PASSWORD=hunter2"], "StopGracePeriod": 10 * 10**9},
        "Resources": {"Reservations": {"NanoCPUs": 10**7, "MemoryBytes": 16 * 2**20}},
    },
    "UpdateConfig": {"Parallelism": 0, "Monitor": 1},
    "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"TargetPort": 8080, "PublishMode": "host"}]},
}


class Manager:
    """The lab's Swarm as its owner sees it, through the engine's own API."""

    def __init__(self, spec: LabSpec) -> None:
        self._socket = spec.engine(1).socket

    def get(self, url: str) -> Any:  # noqa: ANN401 - an engine's JSON
        return json.loads(engine_api.call(self._socket, "GET", url))

    def post(self, url: str, body: object) -> None:
        engine_api.call(self._socket, "POST", url, json.dumps(body).encode())

    def web(self) -> dict[str, Any]:
        return dict(self.get("/services/web"))

    def put(self, kind: str, found: dict[str, Any], **changed: object) -> None:
        name = f"/{found['ID']}" if kind != "swarm" else ""
        self.post(f"/{kind}{name}/update?version={found['Version']['Index']}", {**found["Spec"], **changed})

    def reset(self) -> None:
        """All nodes open, `web` with 4 replicas, no mark anywhere."""
        for node in self.get("/nodes"):
            if (node["Spec"]["Availability"], node["Spec"].get("Labels")) != ("active", {}):
                self.put("nodes", node, Availability="active", Labels={})
        if self.get("/swarm")["Spec"]["Labels"]:
            self.put("swarm", self.get("/swarm"), Labels={})
        try:
            until(self.updated, "its update is over")
        except ProviderError:
            self.post("/services/create", BODY)
        if self.count() != 4 or self.web()["Spec"].get("Labels"):
            self.put("services", self.web(), Mode={"Replicated": {"Replicas": 4}}, Labels={})
        self.settle()

    def count(self) -> int:
        return int(self.web()["Spec"]["Mode"]["Replicated"]["Replicas"])

    def updated(self) -> bool:
        return self.web().get("UpdateStatus", {}).get("State") in (None, "completed")

    def settled(self) -> bool:
        tasks = [task for task in self.get("/tasks") if task["Status"]["State"] not in ENDED]
        at_rest = all((task["Status"]["State"], task["DesiredState"]) == ("running", "running") for task in tasks)
        return at_rest and len(tasks) == self.count()

    def settle(self) -> None:
        until(self.settled, "nothing moves any more")


@pytest.fixture
def manager(lab: LabSpec) -> Manager:
    found = Manager(lab)
    found.reset()
    return found


@pytest.fixture
def site() -> Site:
    return Site(name="lab", cluster=ClusterName("lab"), runtime=SystemRuntime())


@pytest.fixture
def web(site: Site) -> WorkloadRef:
    return WorkloadRef(site.cluster, "web")


@pytest.fixture
def door(lab: LabSpec, tmp_path: Path) -> Iterator[Path]:
    """A way to the manager's socket that a test can take away."""
    found = tmp_path / "door"
    found.symlink_to(lab.engine(1).socket)
    yield found
    collect_forgotten_sockets()


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[FakeDaemon]:
    """Another Swarm."""
    fake = FakeSwarm()
    fake.add_node("node1")
    with FakeDaemon(tmp_path / "impostor", fake.answer) as found:
        yield found


class TestRealSwarm(OrchestratorContract):
    @pytest.fixture
    def cluster(self, manager: Manager, site: Site, web: WorkloadRef, door: Path, impostor: FakeDaemon) -> Cluster:
        settings = SwarmSettings(endpoint=f"unix://{door}")
        reader = SwarmReader(settings, site)

        def update() -> None:
            found = manager.web()
            manager.put("services", found, TaskTemplate={**found["Spec"]["TaskTemplate"], "ForceUpdate": 1 + found["Version"]["Index"]})

        def lose() -> None:
            door.unlink()
            door.symlink_to(impostor.endpoint.removeprefix("unix://"))
            reader._engine._open().close()  # an open connection would still lead to the old one

        return Cluster(
            reader=reader,
            writer=SwarmWriter(settings, site),
            web=web,
            settle=manager.settle,
            secret="hunter2",
            update=update,
            break_down=door.unlink,
            lose=lose,
        )


@pytest.fixture
def settings(lab: LabSpec) -> SwarmSettings:
    """The manager, and every node's own engine."""
    return SwarmSettings(endpoint=f"unix://{lab.engine(1).socket}", engines={"*": f"unix://{lab.folder}/{{node}}/docker.sock"})


def look(settings: SwarmSettings, site: Site) -> ClusterState:
    return SwarmReader(settings, site).observe(Duration(10_000))


def test_marks_on_everything_restart_nothing(manager: Manager, settings: SwarmSettings, site: Site, web: WorkloadRef) -> None:
    writer, before = SwarmWriter(settings, site), look(settings, site)
    writer.claim(OWNER, None)
    writer.set_replicas(web, seen=4, wanted=4, victims=frozenset(), mark=mark("replicas", "4", "4"))
    for node in before.nodes:
        writer.set_availability(node.ref, NodeAvailability.OPEN, mark("availability", "open", "open"))
    manager.settle()
    after = look(settings, site)
    assert after.replicas == before.replicas
    assert all(node.marks for node in after.nodes)
    assert all(workload.marks for workload in after.workloads)


def test_a_node_whose_engine_answers_is_not_removed(manager: Manager, settings: SwarmSettings, site: Site, web: WorkloadRef) -> None:
    writer, node = SwarmWriter(settings, site), next(node for node in look(settings, site).nodes if not node.manager)
    writer.set_availability(node.ref, NodeAvailability.EMPTYING, None)
    until(lambda: not replicas_on(look(settings, site), node.ref), "the node is empty")
    with pytest.raises(ConflictError, match="not down"):
        writer.remove_node(node.ref)


def test_many_victims_are_foretold(manager: Manager, settings: SwarmSettings, site: Site, web: WorkloadRef) -> None:
    writer = SwarmWriter(settings, site)
    for wanted in (MANY, 14, 9, 3):
        state = look(settings, site)
        found = next(one for one in state.workloads if one.ref == web)
        victims = frozenset(found.removal_order[: max(0, found.wanted - wanted)])
        writer.set_replicas(web, seen=found.wanted, wanted=wanted, victims=victims, mark=None)
        manager.settle()
        left = {one.id for one in look(settings, site).replicas}
        assert (left & victims, victims | left >= {one.id for one in state.replicas}) == (set(), True)


def test_every_engine_tells_of_its_replicas(manager: Manager, settings: SwarmSettings, site: Site, web: WorkloadRef) -> None:
    usage = SwarmUsage(settings, site)
    queries = tuple(MetricQuery(metric=MetricName(name), workload=web) for name in ("cpu", "memory"))
    cpu, memory = usage.read(queries, Duration(10_000))
    assert isinstance(cpu, Sample)
    assert isinstance(memory, Sample)
    assert (cpu.covers, memory.covers, memory.milli > 0) == (4, 4, True)
