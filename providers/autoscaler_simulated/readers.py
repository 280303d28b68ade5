"""Sees a simulated world: cluster, pools, balancer, metrics."""

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.errors import NotFoundError
from autoscaler.model.observations import Capabilities, ClusterState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler.model.traffic import RotationState
from autoscaler.simulation.world import metering, rotation, views
from autoscaler.simulation.world.core import Core
from autoscaler_simulated.worlds import Handle

POOL = PoolCapabilities(launch_token=True, to_zero=True)
QUERIES = ("cpu", "memory", "rps", "sessions")


class SimulatedClusterReader:
    """The orchestrator's side."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    @property
    def capabilities(self) -> Capabilities:
        """Swarm's, or those of plain hosts."""
        return views.BOUND if self._handle.bound else views.SWARM

    def observe(self, deadline: Duration) -> ClusterState:
        """Everything at once."""
        del deadline
        return self._handle.look("observe cluster", lambda core: views.cluster_state(core, Instant(self._handle.now())))


class SimulatedPoolReader:
    """The cloud's side of one pool."""

    def __init__(self, handle: Handle, name: str) -> None:
        self._handle = handle
        self._name = name

    @property
    def capabilities(self) -> PoolCapabilities:
        """Tokens are recognised; a pool may be empty."""
        return POOL

    def observe(self, deadline: Duration) -> PoolState:
        """Count, machines, offerings."""
        del deadline
        return self._handle.look("observe pool", lambda core: views.pool_state(core, self._name, Instant(self._handle.now())))


class SimulatedTrafficReader:
    """The balancer's side."""

    def __init__(self, handle: Handle, name: TrafficName) -> None:
        self._handle = handle
        self._name = name

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """The members of these workloads."""
        del deadline
        return self._handle.look("observe traffic", lambda core: self._members(core, workloads))

    def _members(self, core: Core, workloads: tuple[WorkloadRef, ...]) -> RotationState:
        for ref in workloads:
            backend(core, ref)
        return views.rotation_state(core, self._name, workloads, Instant(self._handle.now()))


class SimulatedMetricsReader:
    """What the replicas use, and how many requests come."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One reading per query, in one call."""
        del deadline
        return self._handle.look("read metrics", lambda core: tuple(self._reading(core, query) for query in queries))

    def _reading(self, core: Core, query: MetricQuery) -> Reading:
        name, path = query.text or query.metric, query.workload.path
        if name not in QUERIES:
            return Unknown(Code.MALFORMED, f"no query {name[:60]!r}: there are {', '.join(QUERIES)}")
        if query.workload != core.ref(path) or path not in core.state.services:
            return Unknown(Code.NOT_FOUND, str(query.workload))
        count = len(metering.healthy(core, path))
        if not metering.serving(core, path) and name in ("cpu", "memory"):
            return Unknown(Code.MISSING, "no replica serves")
        value, at = self._handle.weather.sample(name, path, _value(core, name, path), self._handle.now())
        if value is None:
            return Unknown(Code.NOT_A_NUMBER)
        if self._handle.now() - at > query.stale_after.ms:
            return Unknown(Code.STALE)
        return Sample(value, Instant(at), covers=count if name in ("cpu", "memory") else 0)


def backend(core: Core, ref: WorkloadRef) -> str:
    """The workload's path, if the balancer has a backend for it; else NotFoundError."""
    known = core.services.get(ref.path)
    if ref != core.ref(ref.path) or known is None or not known.traffic:
        raise NotFoundError(f"the balancer has no backend for {ref}", hint="set traffic: true on the simulated workload")
    return ref.path


def _value(core: Core, name: str, path: str) -> int:
    """In milli-units. Memory does not follow load: every replica uses half of what it asked for."""
    if name == "cpu":
        return metering.cpu(core, path)
    if name == "rps":
        return metering.load(core, path) * 1000
    if name == "sessions":
        return sum(rotation.in_flight(core, seat) for seat in core.state.seats.values() if seat.service == path) * 1000
    return 500
