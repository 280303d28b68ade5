"""Changes one Swarm: replica counts, availabilities and our own labels, and nothing else of anything.

Every change reads the object, edits it, and posts all of it back with the version it was read at: Swarm refuses it if anyone was faster.
All requests of one call share one deadline, so that nothing is posted after whoever asked has given up waiting.
"""

from collections.abc import Callable

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, NotFoundError, RefusedError
from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.refs import NodeRef, ReplicaId, Token, WorkloadRef
from autoscaler.model.steps import Place
from autoscaler_docker import edits, labels, replicas
from autoscaler_docker.engine import CALL, Engine, Until
from autoscaler_docker.fields import Json, array, number, table, text, whole
from autoscaler_docker.nodes import ref_of
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.victims import foretold
from autoscaler_docker.workloads import name_of

TRIES = 3
"""Someone else may write the same object a few times in a row; more often means that we are in the way."""
READ_AGAIN = "it is read again, and decided anew"

Edit = Callable[[Json], Json | None]
"""From an object as read to its new specification; None when nothing is to be changed."""


class SwarmWriter:
    """One Swarm, through a manager."""

    def __init__(self, settings: SwarmSettings, site: Site) -> None:
        self._site = site
        self._engine = Engine(settings.endpoint, site.runtime, settings.tls)

    def claim(self, mark: OwnerMark, seen: OwnerMark | None) -> None:
        """A label of the Swarm itself, so that it holds whatever becomes of nodes and services."""

        def edit(swarm: Json) -> Json | None:
            spec = table(swarm, "Spec")
            there = labels.owner_in(table(spec, "Labels"))
            if there == mark:
                return None
            if there != seen:
                raise ConflictError(f"{self._site.cluster} has another owner mark by now: {there}", hint="read again who owns it")
            return {**spec, "Labels": labels.with_owner(table(spec, "Labels"), mark)}

        self._rewrite("/swarm", edit, self._engine.until(CALL), once=True)

    def set_replicas(
        self,
        workload: WorkloadRef,
        *,
        seen: int,
        wanted: int,
        victims: frozenset[ReplicaId],
        mark: Mark | None,
        places: tuple[Place, ...] = (),
    ) -> None:
        """The count and our label on the service; no task of it is touched but those that come or go."""
        if places:
            raise _unable(f"start {workload} at {len(places)} places of our choice")
        until = self._engine.until(CALL)

        def edit(service: Json) -> Json | None:
            self._check_name(service, workload)
            changed = edits.scaled(service, seen=seen, wanted=wanted, mark=mark)
            if changed is not None:
                self._check_motion(service, until)
            if changed is not None and victims and wanted < edits.count_of(service):
                self._check_victims(service, wanted, victims, until)
            return changed

        self._rewrite(_service_path(workload), edit, until)

    def set_availability(self, node: NodeRef, wanted: NodeAvailability, mark: Mark | None) -> None:
        """Open is Swarm's `active`, fenced its `pause`, emptying its `drain`."""

        def edit(found: Json) -> Json | None:
            if ref_of(found) != node:
                raise NotFoundError(f"node {node} joined anew since it was read", hint=READ_AGAIN)
            return edits.with_availability(found, wanted, mark)

        self._rewrite(f"/nodes/{node.id}", edit, self._engine.until(CALL))

    def evacuate(self, node: NodeRef, workload: WorkloadRef, *, at_once: int) -> None:
        """Swarm empties whole nodes only: `set_availability` with EMPTYING."""
        raise _unable(f"take {workload} off {node}, {at_once or 'all'} at a time")

    def start_replica(self, workload: WorkloadRef, node: NodeRef, *, token: Token, devices: tuple[int, ...] = ()) -> ReplicaId:
        """Swarm picks the node itself: `set_replicas`."""
        raise _unable(f"start a replica of {workload} on {node}, devices {devices} (asked as {token})")

    def stop_replica(self, replica: ReplicaId) -> None:
        """Swarm picks who goes itself: `set_replicas`."""
        raise _unable(f"stop the replica {replica} of our choice")

    def remove_node(self, node: NodeRef) -> None:
        """Never by force: Swarm itself refuses while the node's engine still answers."""
        until = self._engine.until(CALL)
        try:
            found = whole(self._engine.get(f"/nodes/{node.id}", until), "node")
        except NotFoundError:
            return
        if ref_of(found) != node:
            return
        if any(replicas.is_kept(task) and replicas.is_shown(task) for task in self._tasks(f'{{"node":["{node.id}"]}}', until)):
            raise ConflictError(f"node {node} still has replicas", hint="empty it first")
        self._engine.delete(f"/nodes/{node.id}", until)

    def restore(self, change: FieldChange) -> None:
        """A node's `availability` or a service's `replicas`; the name of a service also with its cluster before it."""
        until = self._engine.until(CALL)
        if change.field == edits.REPLICAS:
            name = change.object.removeprefix(f"{self._site.cluster}/")
            self._restore_count(WorkloadRef(self._site.cluster, name), change, until)
        elif change.field == edits.AVAILABILITY:
            for node in self._nodes_named(change.object, until):
                self._rewrite(f"/nodes/{node}", lambda found: edits.availability_restored(found, change), until)
        else:
            raise RefusedError(f"{change.field} is no field of ours at a Swarm", hint="see `autoscaler doctor --marks`")

    def _restore_count(self, workload: WorkloadRef, change: FieldChange, until: Until) -> None:
        def edit(service: Json) -> Json | None:
            self._check_name(service, workload)
            changed = edits.count_restored(service, change)
            if changed is not None:
                self._check_motion(service, until)
            return changed

        self._rewrite(_service_path(workload), edit, until)

    def _rewrite(self, path: str, edit: Edit, until: Until, *, once: bool = False) -> None:
        tries = 1 if once else TRIES
        for left in reversed(range(tries)):
            found = whole(self._engine.get(path, until), path)
            spec = edit(found)
            if spec is None:
                return
            # By id: a name may by now be that of another service.
            target = path if path == "/swarm" else f"{path.rpartition('/')[0]}/{text(found, 'ID')}"
            try:
                self._engine.post(f"{target}/update", spec, until, {"version": str(number(found, "Version", "Index"))})
            except ConflictError:
                if not left:
                    raise
            else:
                return

    def _check_name(self, service: Json, workload: WorkloadRef) -> None:
        # An engine takes the beginning of an id for a name.
        if name_of(service) != workload.path:
            raise NotFoundError(f"no service is called {workload.path}", hint="see `docker service ls`")

    def _check_motion(self, service: Json, until: Until) -> None:
        if edits.in_motion(service, self._tasks_of(service, until)):
            raise ConflictError(
                f"an update of {name_of(service)} by its owner is under way",
                hint="any change would break it off; wait until it is completed, or see `docker service ps`",
            )

    def _check_victims(self, service: Json, wanted: int, victims: frozenset[ReplicaId], until: Until) -> None:
        live = [replicas.live(task) for task in self._tasks_of(service, until) if replicas.is_kept(task)]
        if foretold(live, wanted) != victims:
            raise ConflictError(f"other replicas of {name_of(service)} would go now than were foretold", hint=READ_AGAIN)

    def _tasks_of(self, service: Json, until: Until) -> list[Json]:
        return self._tasks(f'{{"service":["{text(service, "ID")}"]}}', until)

    def _tasks(self, filters: str, until: Until) -> list[Json]:
        return array(self._engine.get("/tasks", until, {"filters": filters}), "/tasks")

    def _nodes_named(self, name: str, until: Until) -> list[str]:
        nodes = array(self._engine.get("/nodes", until), "/nodes")
        found = [text(node, "ID") for node in nodes if name in (text(node, "ID"), text(node, "Description", "Hostname"))]
        if not found:
            raise NotFoundError(f"no node is called {name}", hint="it may have been removed: see `docker node ls`")
        return found


def _service_path(workload: WorkloadRef) -> str:
    return f"/services/{workload.path}"


def _unable(what: str) -> RefusedError:
    return RefusedError(f"Swarm cannot {what}", hint="plan by its capabilities: whole nodes are emptied, counts are set")
