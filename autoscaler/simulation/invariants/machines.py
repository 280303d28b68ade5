"""Rules 4, 5, 6: no node overfilled, none given back unless empty, none launched twice."""

from autoscaler.model.pool_asks import Ceiling
from autoscaler.model.steps import GrowPool
from autoscaler.simulation.invariants.watch import Check, ours
from autoscaler.simulation.world import machines
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.scheduling import devices_left, used
from autoscaler.simulation.world.state import Cause


class NothingOverfilled(Check):
    """A replica that came because of us finds room on its node, whatever its scheduler was told."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every replica that was placed."""
        for one in happenings:
            unit = self.watch.core.state.units.get(one.subject)
            if one.what is What.PLACED and unit and unit.cause is Cause.OURS and unit.node in self.watch.core.state.hosts:
                host = self.watch.core.state.hosts[unit.node]
                taken = used(self.watch.core, host.id)
                if not taken.fits(host.capacity):
                    self.watch.blame(4, f"{host.name} has {taken} of {host.capacity} after {unit.id} came")
                need = self.watch.core.services[unit.service].device
                if need and (len(unit.devices) < need.ask.count or min(devices_left(self.watch.core, host)) < 0):
                    self.watch.blame(4, f"{host.name} has no devices free for {unit.id}")


class OnlyEmptyMachinesGo(Check):
    """What we give back runs nothing."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every machine given back."""
        for one in ours(happenings):
            if one.what is What.RELEASED and one.detail != "with 0 replicas":
                self.watch.blame(5, f"{one.subject} was given back {one.detail}")


class CeilingsHold(Check):
    """What we buy brings no pool's price above its ceiling, but for its minimum."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every pool we bought for."""
        if any(one.what is What.LAUNCHED for one in ours(happenings)):
            for pool in self.watch.policies.pools:
                for ask in pool.asks:
                    if isinstance(ask, Ceiling) and machines.count(self.watch.core, pool.spec.name) > pool.spec.min:
                        self._judge(pool.spec.name, ask.price.micro)

    def _judge(self, name: str, most: int) -> None:
        prices = {one.name: one.price.micro for one in self.watch.core.pools[name].offerings}
        paid = sum(prices[one.offering] for one in self.watch.core.state.machines.values() if one.pool == name and one.counts)
        if paid > most:
            self.watch.blame(7, f"pool {name} costs {paid}, its ceiling is {most}")


class NothingLaunchedTwice(Check):
    """A pool never counts more than is planned, nor more than its maximum."""

    def began(self) -> None:
        """Note the counts."""
        self._before = {name: machines.count(self.watch.core, name) for name in self.watch.core.pools}

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every pool that grew."""
        if any(one.what is What.LAUNCHED for one in ours(happenings)):
            for name in self.watch.core.pools:
                self._judge(name)

    def _judge(self, name: str) -> None:
        count, planned = machines.count(self.watch.core, name), self._planned(name)
        if count > max(planned, self._before.get(name, 0)):
            self.watch.blame(6, f"pool {name} counts {count}, planned {planned}")
        most = next((pool.spec.max for pool in self.watch.policies.pools if pool.spec.name == name), count)
        if count > max(most, self._before.get(name, 0)):
            self.watch.blame(7, f"pool {name} counts {count}, its maximum is {most}")

    def _planned(self, name: str) -> int:
        records = self.watch.store.journal(self.watch.policies.cluster).commitments().records
        steps = [(one.planned.step, one.intent) for one in records]
        return max((intent.wanted for step, intent in steps if isinstance(step, GrowPool) and step.pool == name and intent), default=0)
