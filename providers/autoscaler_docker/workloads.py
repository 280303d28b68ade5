"""Services as workloads. Of a service's specification only what placement asks for is kept: no environment, command or secret."""

from collections.abc import Iterator

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Obstacle, Origin, Shape, Workload, WorkloadKind
from autoscaler_docker import labels, replicas
from autoscaler_docker.constraints import preferences_of, rule_of
from autoscaler_docker.fields import Json, number, rows, table, text, words
from autoscaler_docker.quantities import reserved
from autoscaler_docker.victims import removal_order

GRACE = Duration(10_000)
NANO_PER_MS = 1_000_000
PORT_LABEL = "autoscaler.port"
"""A service's label that says at which container port its replicas take requests, where it publishes several."""
IN_MOTION = frozenset({"updating", "rollback_started", "paused", "rollback_paused"})
SHARED = frozenset({"nfs", "nfs4", "cifs"})
TEMPLATE = ("ContainerSpec", "Resources", "ForceUpdate")
"""What a task copies from its service and never changes. Placement is left out: Swarm takes a task for clean that differs in it alone."""


def workload_of(service: Json, tasks: list[Json], cluster: ClusterName, request: Resources, now: Instant) -> Workload:
    """A service and its tasks. `request`: what a replica that declares nothing is taken to need."""
    kind = kind_of(service)
    kept = [task for task in tasks if replicas.is_kept(task)]
    written = table(service, "Spec", "Labels")
    container = table(service, "Spec", "TaskTemplate", "ContainerSpec")
    foretold = removal_order(replicas.live(task) for task in kept) if kind is WorkloadKind.REPLICATED else ()
    return Workload(
        ref=WorkloadRef(cluster, name_of(service)),
        wanted=_wanted(service, kind, kept),
        shape=shape_of(service, request),
        kind=kind,
        version=str(number(service, "Version", "Index")),
        updating=is_updating(service, kept),
        obstacles=tuple(sorted(set(_obstacles(service, kind)))),
        labels=labels.not_ours(written),
        removal_order=foretold,
        stop_grace=Duration(number(container, "StopGracePeriod") // NANO_PER_MS) if "StopGracePeriod" in container else GRACE,
        failures=replicas.failures(tasks, now, meant_to_end=kind is WorkloadKind.JOB),
        marks=labels.marks_in(written),
    )


def name_of(service: Json) -> str:
    """What people call it."""
    return text(service, "Spec", "Name")


def kind_of(service: Json) -> WorkloadKind:
    """By its mode."""
    mode = table(service, "Spec", "Mode")
    if "ReplicatedJob" in mode or "GlobalJob" in mode:
        return WorkloadKind.JOB
    return WorkloadKind.GLOBAL if "Global" in mode else WorkloadKind.REPLICATED


def told(service: Json) -> int:
    """The count a replicated service has been told; one that does not say has one."""
    mode = table(service, "Spec", "Mode", "Replicated")
    return number(mode, "Replicas") if "Replicas" in mode else 1


def shape_of(service: Json, request: Resources) -> Shape:
    """What one task asks of its node. What it does not reserve is taken from `request`."""
    template = table(service, "Spec", "TaskTemplate")
    asked = reserved(table(template, "Resources", "Reservations"))
    declared = bool(asked.cpu and asked.memory)
    return Shape(
        requests=Resources(asked.cpu or request.cpu, asked.memory or request.memory, asked.others),
        origin=Origin.DECLARED if declared else Origin.DEFAULT,
        node_rules=tuple(rule_of(one) for one in words(template, "Placement", "Constraints")),
        host_ports=tuple(sorted({number(port, "PublishedPort") for port in _host_ports(service)} - {0})),
        max_per_node=number(template, "Placement", "MaxReplicas") or None,
        preferences=preferences_of(table(template, "Placement")),
    )


def port_of(service: Json) -> int:
    """The container port its replicas take requests at; 0 when it does not say."""
    written = str(table(service, "Spec", "Labels").get(PORT_LABEL, ""))
    return int(written) if written.isascii() and written.isdigit() else 0


def is_updating(service: Json, kept: list[Json]) -> bool:
    """Whether a roll-out is under way or stuck, or a slot holds two tasks: lowering the count by one would end both.

    Swarm deletes its own word on it at every change and writes it anew only when the first task is replaced; tasks that differ from the
    specification tell it in between.
    """
    if text(service, "UpdateStatus", "State") in IN_MOTION:
        return True
    kind = kind_of(service)
    if kind is WorkloadKind.JOB:
        return False
    if kind is WorkloadKind.REPLICATED and len({number(task, "Slot") for task in kept}) < len(kept):
        return True
    template = _copied(table(service, "Spec", "TaskTemplate"))
    return any(_copied(table(task, "Spec")) != template for task in kept)


def _copied(specification: Json) -> list[object]:
    return [specification.get(part) for part in TEMPLATE]


def _wanted(service: Json, kind: WorkloadKind, kept: list[Json]) -> int:
    mode = table(service, "Spec", "Mode")
    if kind is WorkloadKind.GLOBAL:
        return len(kept)
    if kind is WorkloadKind.JOB:
        return number(mode, "ReplicatedJob", "MaxConcurrent") or len(kept)
    return told(service)


def _host_ports(service: Json) -> list[Json]:
    return [port for port in rows(service, "Spec", "EndpointSpec", "Ports") if text(port, "PublishMode") == "host"]


def _obstacles(service: Json, kind: WorkloadKind) -> Iterator[Obstacle]:
    if kind is WorkloadKind.JOB:
        yield Obstacle.JOB
    if any(number(port, "PublishedPort") for port in _host_ports(service)):
        yield Obstacle.HOST_PORT
    for mount in rows(service, "Spec", "TaskTemplate", "ContainerSpec", "Mounts"):
        if _is_local(mount):
            yield Obstacle.LOCAL_VOLUME
        if text(mount, "Type") == "cluster":
            yield Obstacle.SINGLE_WRITER


def _is_local(mount: Json) -> bool:
    kind, driver = text(mount, "Type"), table(mount, "VolumeOptions", "DriverConfig")
    if kind != "volume":
        return kind == "bind"
    # A volume without a name is a task's own and ends with it; the local driver also mounts shared file systems.
    shared = table(driver, "Options").get("type") in SHARED
    return bool(text(mount, "Source")) and text(driver, "Name") in ("", "local") and not shared
