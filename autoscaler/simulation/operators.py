"""What operators ask for through the store while the service runs: freezes, drains, plans they agreed to. Some think better of it."""

from collections.abc import Callable

from autoscaler.contracts.runtime import Rng
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.dry import Thought
from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.refs import ClusterName
from autoscaler.simulation.faults import Dice
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.world import World

WHO = "operator"


class Operators:
    """One possible request of each kind per tick. `think`: what a command run beside the service would see, decide and plan."""

    def __init__(self, world: World, store: Store, runtime: VirtualRuntime, dice: Dice, think: Callable[[], Thought]) -> None:
        self._world = world
        self._cluster: ClusterName = world.core.cluster
        self._store = store
        self._runtime = runtime
        self._dice = dice
        self._think = think

    def strike(self) -> None:
        """Roll for every kind of request."""
        rates = self._dice.rates
        for rate, happen in ((rates.freezes, self._freeze), (rates.drains, self._drain), (rates.applies, self._apply)):
            if self._dice.roll(rate):
                happen()

    def relent(self) -> None:
        """Every freeze is lifted; half of the drains not done yet are called off."""
        records = self._store.records(self._cluster)
        for freeze in records.freezes():
            records.resume(freeze.subject)
        for drain in self._pending(RequestKind.DRAIN):
            if self._rng.randrange(2):
                self._submit(RequestKind.CANCEL_DRAIN, drain.subject)

    def _freeze(self) -> None:
        """Freeze something; or lift one of the freezes there are."""
        records = self._store.records(self._cluster)
        there = records.freezes()
        if there and self._rng.randrange(2):
            records.resume(self._rng.choice(there).subject)
        else:
            freeze = Freeze(subject=self._rng.choice(self._subjects()), who=WHO, why="a try", at=self._runtime.now())
            records.freeze(freeze)

    def _drain(self) -> None:
        """Have a node emptied; or call off one of the drains there are."""
        there = self._pending(RequestKind.DRAIN)
        if there and self._rng.randrange(2):
            self._submit(RequestKind.CANCEL_DRAIN, self._rng.choice(there).subject)
        else:
            self._submit(RequestKind.DRAIN, self._rng.choice(self._hosts()))

    def _apply(self) -> None:
        """Make a plan as a command does, and hand it over."""
        plan = self._think().plan
        if plan.steps:
            request = Request(
                id=self._runtime.new_id(), kind=RequestKind.APPLY, subject=plan.id, who=WHO, at=self._runtime.now(), plan=plan
            )
            self._store.requests(self._cluster).submit(request)

    def _submit(self, kind: RequestKind, node: str) -> None:
        request = Request(id=self._runtime.new_id(), kind=kind, subject=node, who=WHO, at=self._runtime.now())
        self._store.requests(self._cluster).submit(request)

    def _pending(self, kind: RequestKind) -> list[Request]:
        return [one for one in self._store.requests(self._cluster).pending() if one.kind is kind]

    def _subjects(self) -> list[str]:
        workloads = [str(self._world.core.ref(path)) for path in self._world.state.services]
        pools = [f"pool:{name}" for name in self._world.core.pools]
        return [EVERYTHING, *workloads, *pools, *(f"node:{name}" for name in self._hosts())]

    def _hosts(self) -> list[str]:
        return [host.name for host in self._world.state.hosts.values()]

    @property
    def _rng(self) -> Rng:
        return self._dice.rng
