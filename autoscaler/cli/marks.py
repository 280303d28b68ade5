"""Marks of ours on a cluster: fields changed for a while, readable without the journal that knows why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autoscaler import execution
from autoscaler.cli import dry
from autoscaler.cli.driving import leader, renew
from autoscaler.cli.scope import who
from autoscaler.cli.stores import opened
from autoscaler.cli.writing import Site
from autoscaler.contracts.store import Lease, Store
from autoscaler.engine.dry import DEADLINE, look
from autoscaler.engine.tick import LEASE
from autoscaler.errors import AutoscalerError, ProviderError, RefusedError
from autoscaler.explaining.layout import table
from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.marks import Mark
from autoscaler.model.observations import ClusterState, Observation
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.service.runtime import LeaseKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMark:
    """A mark and what it is on. `stray`: no operation under way in this store explains it."""

    object: str
    mark: Mark
    stray: bool


def on(seen: dry.Seen) -> tuple[FoundMark, ...]:
    """All marks that were seen, nodes first."""
    stray = {(one.object, one.mark) for one in execution.stray_marks(seen.observation, seen.past.commitments)}
    state = seen.observation.state
    marks = () if isinstance(state, Unknown) else tuple(_all(state))
    return tuple(FoundMark(object=name, mark=mark, stray=(name, mark) in stray) for name, mark in marks)


def remove(site: Site, where: str, seen: dry.Seen, *, take_over: bool, tell: Callable[[StepRecord], None]) -> None:
    """Take the stray ones off, each without a gap; RefusedError while somebody leads, or when another store owns the cluster."""
    store = opened(where, site.runtime)
    writers, stray = hands(site.cluster, site.runtime), execution.stray_marks(seen.observation, seen.past.commitments)
    with _leading(store, site) as lease:
        if not isinstance(seen.observation.state, Unknown):
            now = site.runtime.now()
            execution.claim(seen.observation.state, store.id, lease, writers.orchestrator, now, take_over=take_over)
        records = execution.remove_marks(stray, _looking(site), writers, site.runtime, seen.policies)
    for record in records:
        tell(record)
    left = sum(record.status is not StepStatus.DONE for record in records)
    if left:
        raise ProviderError(f"{left} steps of {len(records)} were not done", hint="see why above, and call it again")


def text(found: tuple[FoundMark, ...]) -> str:
    """A table, or a word that there is none."""
    if not found:
        return "No mark of ours is on the cluster."
    rows = [
        [one.object, one.mark.field, one.mark.was, one.mark.ours, one.mark.plan, one.mark.store, "yes" if one.stray else "no"]
        for one in found
    ]
    return "\n".join(table(["OBJECT", "FIELD", "WAS", "OURS", "PLAN", "STORE", "STRAY"], rows))


def _all(state: ClusterState) -> Iterator[tuple[str, Mark]]:
    for node in state.nodes:
        yield from ((node.name, mark) for mark in node.marks)
    for workload in state.workloads:
        yield from ((str(workload.ref), mark) for mark in workload.marks)


def _looking(site: Site) -> Callable[[], Observation]:
    readers = eyes(site.cluster, site.plugins, site.runtime)
    return lambda: look(readers, site.cluster.policies, DEADLINE)


@contextmanager
def _leading(store: Store, site: Site) -> Iterator[Lease]:
    """A free lease, given back unless we are interrupted: then a call may be in flight, and the lease runs out by itself."""
    name = site.cluster.name
    other = leader(store, name, site.runtime)
    if other is not None:
        raise RefusedError(f"{other.holder} leads this cluster, and takes its marks off itself", hint="wait for it, or stop it first")
    lease = store.leases.acquire(name, f"{who()} {site.runtime.new_id()}", LEASE)
    with LeaseKeeper(lambda: renew(store, lease), Duration(LEASE.ms // 3)):
        try:
            yield lease
        except AutoscalerError:
            store.leases.release(lease)
            raise
    store.leases.release(lease)
