"""Rules 8 and 12 for operators: what they froze stays as it is, and what they asked for is answered."""

from autoscaler.contracts.store import Request, RequestKind
from autoscaler.engine.tick import TickReport
from autoscaler.model.freezes import EVERYTHING
from autoscaler.simulation.invariants.watch import Check, ours, told
from autoscaler.simulation.world.core import Happening, What

CHANGES = frozenset({What.SCALED, What.AVAILABILITY, What.LAUNCHED, What.RELEASED, What.REMOVED})
"""What no freeze lets happen. A rotation may go on: joining and leaving what was begun harms nobody."""


class FrozenStaysAsItIs(Check):
    """While a workload, a node, a pool or everything is frozen as a tick begins, we change nothing about it in that tick."""

    def began(self) -> None:
        """Note what is frozen, and whose pool each node is of."""
        records = self.watch.store.records(self.watch.policies.cluster)
        now = self.watch.runtime.now()
        self._frozen = {one.subject for one in records.freezes() if one.holds(now)}
        self._pools = {machine.name: machine.pool for machine in self.watch.core.state.machines.values()}

    def happened(self, happenings: list[Happening]) -> None:
        """Look at all we changed."""
        for one in ours(happenings) if self._frozen else ():
            if one.what in CHANGES and self._subjects(one) & self._frozen:
                self.watch.blame(8, f"{one.what} {one.subject} {one.detail} while frozen: {', '.join(sorted(self._frozen))}")

    def _subjects(self, one: Happening) -> set[str]:
        if one.what is What.SCALED:
            return {EVERYTHING, str(self.watch.core.ref(one.subject))}
        machine = next((each for each in self.watch.core.state.machines.values() if each.name == one.subject), None)
        pool = machine.pool if machine else self._pools.get(one.subject)
        return {EVERYTHING, f"node:{one.subject}"} | ({f"pool:{pool}"} if pool else set())


class EveryRequestAnswered(Check):
    """In the end every request was answered, but for drains of which the last plan says why they wait."""

    _told: frozenset[str] = frozenset()

    def ticked(self, report: TickReport) -> None:
        """Keep what the last plan remarks on, or keeps back."""
        self._told = told(report.thought.plan)

    def ended(self) -> None:
        """Look at what is left."""
        for one in self.watch.store.requests(self.watch.policies.cluster).pending():
            if not self._waits(one):
                self.watch.blame(12, f"nobody answered {one.kind} {one.subject}")

    def _waits(self, one: Request) -> bool:
        return one.kind is RequestKind.DRAIN and f"node:{one.subject}" in self._told
