"""Pure changes of Swarm's objects: from what was read to the whole specification to post back, or None when nothing is to be done."""

from autoscaler.errors import ConflictError, RefusedError
from autoscaler.model.marks import FieldChange, Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.workloads import WorkloadKind
from autoscaler_docker import labels, replicas, workloads
from autoscaler_docker.fields import Json, table, text
from autoscaler_docker.nodes import WRITTEN

REPLICAS = "replicas"
AVAILABILITY = "availability"


def count_of(service: Json) -> int:
    """How many tasks the service is told to have; RefusedError for one without a count of ours to set."""
    if workloads.kind_of(service) is not WorkloadKind.REPLICATED:
        raise RefusedError(f"{workloads.name_of(service)} has no count to set", hint="only replicated services are scaled")
    return workloads.told(service)


def in_motion(service: Json, tasks: list[Json]) -> bool:
    """Whether a roll-out of its owner is under way."""
    return workloads.is_updating(service, [task for task in tasks if replicas.is_kept(task)])


def scaled(service: Json, *, seen: int, wanted: int, mark: Mark | None) -> Json | None:
    """The service with `wanted` replicas, if it has `seen` or has `wanted` already; ConflictError otherwise."""
    now = count_of(service)
    if now not in (seen, wanted):
        raise ConflictError(
            f"{workloads.name_of(service)} has {now} replicas by now, not {seen}", hint="it is read again, and decided anew"
        )
    return _with_count(service, wanted, mark)


def count_restored(service: Json, change: FieldChange) -> Json | None:
    """The count as it was, if it still is ours; our mark goes either way."""
    now = count_of(service)
    return _with_count(service, int(change.was) if str(now) == change.ours and change.was.isdigit() else now, None)


def with_availability(node: Json, wanted: NodeAvailability, mark: Mark | None) -> Json | None:
    """The node with this availability and our mark; ConflictError if it is neither what our mark there, or `mark`, takes it to be."""
    spec = table(node, "Spec")
    _check_expected(spec, wanted, mark)
    marked = labels.with_mark(table(spec, "Labels"), AVAILABILITY, mark)
    return _changed(spec, {**spec, "Availability": WRITTEN[wanted], "Labels": marked})


def availability_restored(node: Json, change: FieldChange) -> Json | None:
    """The availability as it was, if it still is ours; our mark goes either way."""
    spec = table(node, "Spec")
    written = {ours.value: theirs for ours, theirs in WRITTEN.items()}
    now = text(spec, "Availability")
    value = written.get(change.was, now) if written.get(change.ours) == now else now
    marked = labels.with_mark(table(spec, "Labels"), AVAILABILITY, None)
    return _changed(spec, {**spec, "Availability": value, "Labels": marked})


def _check_expected(spec: Json, wanted: NodeAvailability, mark: Mark | None) -> None:
    """An administrator's value set since is never overwritten, however late we come.

    What it is taken to be: as our mark there says we made it; without one, or to fence an open node, as `mark` says it was.
    """
    now, written = text(spec, "Availability"), {ours.value: theirs for ours, theirs in WRITTEN.items()}
    there = next((one for one in labels.marks_in(table(spec, "Labels")) if one.field == AVAILABILITY), None)
    took = {there.ours} if there else set[str]()
    took |= {mark.was} if mark and (there is None or wanted is NodeAvailability.FENCED) else set()
    known = {written[one] for one in took if one in written} | ({WRITTEN[wanted]} if there else set())
    if took & set(written) and now not in known:
        raise ConflictError(f"the node is {now} by now, not what it was", hint="it is read again, and decided anew")


def _with_count(service: Json, count: int, mark: Mark | None) -> Json | None:
    spec = table(service, "Spec")
    mode = {**table(spec, "Mode"), "Replicated": {**table(spec, "Mode", "Replicated"), "Replicas": count}}
    marked = labels.with_mark(table(spec, "Labels"), REPLICAS, mark)
    return _changed(spec, {**spec, "Mode": mode, "Labels": marked})


def _changed(before: Json, after: Json) -> Json | None:
    same = {**before, "Labels": table(before, "Labels")} == after
    return None if same else after
