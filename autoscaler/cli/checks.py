"""What can be wrong before a first tick, each found by trying it."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from autoscaler.cli.dry import unseen
from autoscaler.cli.options import Asked
from autoscaler.cli.policies import chosen, load_policies
from autoscaler.cli.stores import existing, place
from autoscaler.config import ClusterConfig, Plugins, installed
from autoscaler.config.configuration import ObjectConfig
from autoscaler.contracts.store import Store
from autoscaler.engine.dry import DEADLINE, look
from autoscaler.errors import AutoscalerError
from autoscaler.explaining import sentence
from autoscaler.explaining.amounts import moment
from autoscaler.model.catalogue import is_old
from autoscaler.model.marks import OwnerMark
from autoscaler.model.observations import Observation
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.samples import Unknown
from autoscaler.planning.currencies import uncompared
from autoscaler.service.eyes import eyes, site_of
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import verify_chain

NOBODY = "doctor"
"""No subject of a freeze: lifting it is a write that changes nothing."""

LONG = Duration(60_000)
"""For all that is looked at of a pool: dozens of small calls."""

ONE_CURRENCY = "give all pools of the cluster prices in one currency, or say by `priority` which come first"
OLD_PRICES = "over 30 days ago: `autoscaler catalogue update` reads them anew"
HINTS = {
    Code.SKEWED: "set the clocks right, here and there: more than 30 s apart is unknown",
    Code.STALE: "see whether its source still scrapes it, or raise `stale_after`",
    Code.MISSING: "see whether the source has it under that query",
    Code.UNAVAILABLE: "see whether it runs, and whether its address in the policies is right",
    Code.LATE: "see why it is slow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was tried. `hint`: what to do when it is broken; of what is not, what had better be done all the same."""

    name: str
    ok: bool
    says: str
    hint: str = ""


def all_of(asked: Asked) -> Iterator[Check]:
    """Every check, in the order in which they rest on each other."""
    plugins, runtime = installed(), SystemRuntime()
    yield from (_broken("plugin", error) for error in plugins.broken())
    yield Check(name="plugins", ok=True, says=f"installed: {', '.join(plugins.providers)}")
    try:
        configuration = load_policies(asked.policies, plugins)
        clusters = chosen(configuration, asked.cluster)
    except AutoscalerError as error:
        yield _broken("policies", error)
        return
    yield Check(name="policies", ok=True, says=f"clusters: {', '.join(one.name for one in clusters)}")
    store = yield from _store(place(asked.store, configuration), clusters, runtime)
    yield from _once(found for cluster in clusters for found in _cluster(cluster, plugins, store))


def _once(checks: Iterator[Check]) -> Iterator[Check]:
    """What several pools say alike is about what they share, as their account."""
    told: set[Check] = set()
    for one in checks:
        if one not in told:
            told.add(one)
            yield one


def _store(where: str, clusters: tuple[ClusterConfig, ...], runtime: SystemRuntime) -> Generator[Check, None, Store | None]:
    """Opening it checks the file's integrity; the decisions' chain is read through, and a write is tried that changes nothing."""
    try:
        store = existing(where, runtime)
        changed = [found for cluster in clusters if store and (found := _changed(store, cluster))]
    except AutoscalerError as error:
        yield _broken("store", error)
        return None
    if changed:
        yield Check(name="store", ok=False, says=f"decisions were changed since: {', '.join(changed)}", hint="put a backup in its place")
    else:
        says = f"{where} is sound and takes writes" if store else f"none at {where} yet: the first apply makes it"
        yield Check(name="store", ok=True, says=says)
    return store


def _changed(store: Store, cluster: ClusterConfig) -> str | None:
    records = store.records(cluster.name)
    records.resume(NOBODY)
    return verify_chain(records.decisions(None, limit=10**9))


def _cluster(cluster: ClusterConfig, plugins: Plugins, store: Store | None) -> Iterator[Check]:
    name, runtime = f"cluster {cluster.name}", SystemRuntime()
    try:
        began = runtime.monotonic()
        seen = look(eyes(cluster, plugins, runtime), cluster.policies, DEADLINE)
    except AutoscalerError as error:
        yield _broken(name, error)
        return
    if isinstance(seen.state, Unknown):
        yield from (_broken(name, error) for error in unseen(seen))
        return
    counts = f"{len(seen.state.nodes)} nodes, {len(seen.state.workloads)} workloads"
    yield Check(name=name, ok=True, says=f"answers within {Duration(runtime.monotonic() - began)}: {counts}")
    yield _owner(name, seen.state.owner, store)
    yield from _parts(seen)
    yield from (found for one in cluster.pools for found in _behind(one, cluster, plugins, runtime))
    yield from (_queue(one, cluster, plugins, runtime) for one in cluster.notices)


def _owner(name: str, owner: OwnerMark | None, store: Store | None) -> Check:
    if owner is None:
        return Check(name=f"{name} owner", ok=True, says="not marked: the first change of ours marks it")
    says = f"store {owner.store}, marked by {owner.holder} at {moment(owner.at)}"
    ours = store is not None and owner.store == store.id
    hint = "" if ours else "not our store: name the one meant with --store, or stop that one and `apply --take-over`"
    return Check(name=f"{name} owner", ok=ours, says=says, hint=hint)


def _parts(seen: Observation) -> Iterator[Check]:
    """Pools, rotations and metrics, each read on its own."""
    for pool in seen.pools:
        yield _part(f"pool {pool.pool}", pool.state)
        yield from _prices(pool.state)
    yield from _currencies(seen)
    for rotation in seen.rotations:
        yield _part(f"traffic {rotation.traffic}", rotation.state)
    for metric in seen.metrics:
        yield _part(f"metric {metric.metric} of {metric.workload}", metric.reading)


def _currencies(seen: Observation) -> Iterator[Check]:
    """Of each pool whose prices are in another currency than most."""
    for pool, why in uncompared(one.state for one in seen.pools if isinstance(one.state, PoolState)).items():
        yield Check(name=f"pool {pool} prices", ok=True, says=sentence(why), hint=ONE_CURRENCY)


def _prices(state: PoolState | Unknown) -> Iterator[Check]:
    """Only where they come of the catalogue."""
    told = [] if isinstance(state, Unknown) else [one for one in state.offerings if one.priced_at]
    if isinstance(state, Unknown) or not told:
        return
    oldest = min(one.priced_at for one in told)
    says = f"told by {', '.join(sorted({one.priced_by for one in told}))} at {moment(oldest)}"
    old = is_old(oldest, state.read_at)
    yield Check(name=f"pool {state.pool} prices", ok=True, says=says, hint=OLD_PRICES if old else "")


def _behind(one: ObjectConfig, cluster: ClusterConfig, plugins: Plugins, runtime: SystemRuntime) -> Iterator[Check]:
    """What a pool's world does behind us, and what we may there."""
    try:
        inspector = plugins.inspector(one.kind, one.settings, site_of(cluster, one.name, runtime))
        found = inspector.examine(LONG) if inspector else ()
    except AutoscalerError as error:
        yield _broken(f"pool {one.name}", error)
        return
    for each in found:
        yield Check(name=each.name, ok=each.ok, says=each.says, hint=each.hint)


def _queue(one: ObjectConfig, cluster: ClusterConfig, plugins: Plugins, runtime: SystemRuntime) -> Check:
    """How many wait: only who leads the cluster takes any."""
    name = f"notices {one.name}"
    try:
        waiting = plugins.notices(one.kind).open(one.settings, site_of(cluster, one.name, runtime)).waiting(DEADLINE)
    except AutoscalerError as error:
        return _broken(name, error)
    return Check(name=name, ok=True, says=f"{waiting} wait")


def _part(name: str, state: object) -> Check:
    if not isinstance(state, Unknown):
        return Check(name=name, ok=True, says="was read")
    detail = f" ({state.detail})" if state.detail else ""
    return Check(name=name, ok=False, says=f"{sentence(Reason(state.why))}{detail}", hint=HINTS.get(state.why, ""))


def _broken(name: str, error: AutoscalerError) -> Check:
    return Check(name=name, ok=False, says=str(error), hint=error.hint)
