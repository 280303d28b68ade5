"""Rules 8, 9, 10: no harm to a sick cluster, one owner, and nobody else's settings undone."""

from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.simulation.invariants.watch import Check, ours
from autoscaler.simulation.world.core import Happening, What

DESTRUCTIVE = (What.STOPPING, What.RELEASED, What.REMOVED)


class SickClusterLeftAlone(Check):
    """With too many nodes down when the tick began, nothing is taken away in it; forgetting a dead node takes nothing."""

    _given_back: frozenset[str] = frozenset()

    def began(self) -> None:
        """Count the nodes that are down, those aside whose machine was given back."""
        gone = self._given_back | {machine.name for machine in self.watch.core.state.machines.values() if not machine.counts}
        there = {machine.name for machine in self.watch.core.state.machines.values() if machine.counts}
        # What we closed because its cloud takes it is gone as if we had given it back.
        gone |= {host.name for host in self.watch.core.state.hosts.values() if host.marks and not host.up and host.name not in there}
        hosts = [host for host in self.watch.core.state.hosts.values() if host.name not in gone]
        down = sum(not host.up for host in hosts)
        self._sick = down * 1000 > self.watch.policies.limits.unhealthy.milli * len(hosts)

    def happened(self, happenings: list[Happening]) -> None:
        """Look for harm."""
        self._given_back |= {one.subject for one in ours(happenings) if one.what is What.RELEASED}
        for one in ours(happenings):
            emptied = one.what is What.AVAILABILITY and one.detail == NodeAvailability.EMPTYING
            forgotten = one.what is What.REMOVED and one.detail == "down"
            if self._sick and (emptied or one.what in DESTRUCTIVE) and not forgotten:
                self.watch.blame(8, f"{one.what} {one.subject} with too many nodes down")


class OneOwner(Check):
    """Whoever writes holds the lease and owns the cluster by its mark, whose term never goes back."""

    _term = 0

    def happened(self, happenings: list[Happening]) -> None:
        """Look at everything we wrote."""
        owner, store = self.watch.core.state.owner, self.watch.store
        if owner and owner.store == store.id:
            if owner.term < self._term:
                self.watch.blame(9, f"{owner.holder} claimed under term {owner.term} what was claimed under {self._term}")
            self._term = max(self._term, owner.term)
        mine = [one for one in ours(happenings) if one.what is not What.CLAIMED]
        if not mine:
            return
        lease = store.leases.current(self.watch.policies.cluster)
        if owner is None or owner.store != store.id:
            self.watch.blame(9, f"{mine[0].what} {mine[0].subject} while {owner.store if owner else 'nobody'} owns the cluster")
        if lease is None or lease.holder != self.watch.holder:
            self.watch.blame(9, f"{mine[0].what} {mine[0].subject} by {self.watch.holder}, which holds no lease")


class OthersFieldsKept(Check):
    """A node that somebody else closed is not opened by us; none is closed without a mark."""

    def began(self) -> None:
        """Note what is ours."""
        self._remember()

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every node we opened or closed."""
        for one in ours(happenings):
            if one.what is What.AVAILABILITY:
                self._judge(one)
        self._remember()

    def _judge(self, one: Happening) -> None:
        marked = bool(self._marks.get(one.subject))
        if one.detail == NodeAvailability.OPEN and not marked:
            self.watch.blame(10, f"{one.subject} was closed by somebody else and opened by us")
        closed = [host for host in self.watch.core.state.hosts.values() if host.name == one.subject]
        if one.detail != NodeAvailability.OPEN and not any(host.marks for host in closed):
            self.watch.blame(10, f"{one.subject} was set to {one.detail} without a mark")

    def _remember(self) -> None:
        self._marks: dict[str, tuple[Mark, ...]] = {host.name: host.marks for host in self.watch.core.state.hosts.values()}
