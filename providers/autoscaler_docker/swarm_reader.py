"""Sees one Swarm through a manager, in four calls. It can write nothing."""

from collections import defaultdict
from dataclasses import replace

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError
from autoscaler.model.nodes import Node
from autoscaler.model.observations import Capabilities, ClusterState, Moves
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.workloads import Replica, Shape, WorkloadKind
from autoscaler_docker import labels, replicas, workloads
from autoscaler_docker.engine import Engine, Until
from autoscaler_docker.fields import Json, array, table, text, whole
from autoscaler_docker.nodes import node_of
from autoscaler_docker.replicas import Place
from autoscaler_docker.settings import SwarmSettings

CAPABILITIES = Capabilities(moves=Moves.NODE, bound=False, stops=False, chosen_victims=False, conditional_writes=True, reserves=True)


class SwarmReader:
    """One Swarm, and always the same one: another at the same address is not taken for it."""

    def __init__(self, settings: SwarmSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._engine = Engine(settings.endpoint, site.runtime, settings.tls)
        self._identity = ""
        self._addresses: dict[ReplicaId, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        """Whole nodes are emptied by Swarm itself, which also picks who goes and where replacements stand."""
        return CAPABILITIES

    def observe(self, deadline: Duration) -> ClusterState:
        """The Swarm, its services, tasks and nodes."""
        until, now = self._engine.until(deadline), self._site.runtime.now()
        swarm = whole(self._engine.get("/swarm", until), "/swarm")
        self._recognise(text(swarm, "ID"))
        # Tasks before nodes: a task is never seen on a node that is not on the list yet.
        services, tasks, nodes = (self._list(path, until) for path in ("/services", "/tasks", "/nodes"))
        by_service = defaultdict(list)
        for task in tasks:
            by_service[text(task, "ServiceID")].append(task)
        found = [
            workloads.workload_of(service, by_service[text(service, "ID")], self._site.cluster, self._site.request, now)
            for service in services
        ]
        daemons = tuple(one.shape for one in found if one.kind is WorkloadKind.GLOBAL)
        machines = self._nodes(nodes, daemons)
        return ClusterState(
            identity=self._identity,
            read_at=now,
            capabilities=CAPABILITIES,
            workloads=tuple(sorted(found, key=lambda one: one.ref)),
            nodes=tuple(machines.values()),
            replicas=self._replicas(services, tasks, machines),
            owner=labels.owner_in(table(swarm, "Spec", "Labels")),
        )

    def _recognise(self, identity: str) -> None:
        if self._identity not in ("", identity):
            raise NotFoundError(
                f"{self._site.cluster}: another Swarm than before answers at {self._settings.endpoint}",
                hint="name a manager of the old one as `endpoint`, or start anew if it was replaced on purpose",
            )
        self._identity = identity

    def _list(self, path: str, until: Until) -> list[Json]:
        return array(self._engine.get(path, until), path)

    def _nodes(self, found: list[Json], daemons: tuple[Shape, ...]) -> dict[str, Node]:
        nodes = (node_of(one, self._settings, daemons) for one in found)
        return {node.ref.id: node for node in sorted(nodes, key=lambda node: (node.name, node.ref))}

    def _replicas(self, services: list[Json], tasks: list[Json], nodes: dict[str, Node]) -> tuple[Replica, ...]:
        places = {text(service, "ID"): self._place(service) for service in services}
        shown = (task for task in tasks if replicas.is_shown(task))
        found = (replicas.replica(task, places.get(text(task, "ServiceID")) or self._orphan(task), nodes) for task in shown)
        known = [replace(one, address=one.address or self._addresses.get(one.id, "")) for one in found]
        # Swarm takes a task's port off the list two seconds before the task ends: who sends it requests must still be told.
        self._addresses = {one.id: one.address for one in known}
        return tuple(sorted(known, key=lambda one: (one.workload, one.id)))

    def _place(self, service: Json) -> Place:
        return Place(WorkloadRef(self._site.cluster, workloads.name_of(service)), workloads.port_of(service))

    def _orphan(self, task: Json) -> Place:
        # Its service was removed, its container may run on: the node is not empty.
        return Place(WorkloadRef(self._site.cluster, text(task, "ServiceID")))
