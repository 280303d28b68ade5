"""Rule 3: what serves never falls below its floor because of us, no request is lost, and no more than the surge comes on top."""

from autoscaler.model.policies import Unmanaged
from autoscaler.simulation.invariants.watch import Check, base_count, ours
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.state import Cause, Service


class FloorHolds(Check):
    """Each instant in which we take replicas out of service leaves enough of them.

    Replicas lost to others since the tick began are not held against us: no reader can have shown them yet.
    """

    def began(self) -> None:
        """Nothing is lost to others yet."""
        self._elsewhere: dict[str, int] = {}
        self._remember()

    def happened(self, happenings: list[Happening]) -> None:
        """Compare with the instant before."""
        foreign = {one.subject for one in happenings if one.cause is not Cause.OURS and one.what is What.STOPPING}
        acting = bool(ours(happenings))
        for path in self._managed():
            foreign |= self._ending(path)
            gone = self._serving.get(path, frozenset()) - self.watch.available(path)
            mine = gone - foreign if acting else frozenset()
            self._elsewhere[path] = self._elsewhere.get(path, 0) + len(gone) - len(mine)
            if mine:
                self._judge(path, mine)
        self._remember()

    def _ending(self, path: str) -> set[str]:
        """Replicas whose machine its cloud takes before their sessions would be over: they may leave traffic at once."""
        core, soon = self.watch.core, self.watch.core.state.now + self.watch.availability(path).drain.ms
        names = {one.name for one in core.state.machines.values() if one.ends_at <= soon}
        hosts = {host.id for host in core.state.hosts.values() if host.name in names} if names else set()
        return {unit.id for unit in core.state.of(path) if unit.node in hosts} if hosts else set()

    def _judge(self, path: str, gone: frozenset[str]) -> None:
        left, floor = len(self.watch.available(path)), self._floor(path)
        if left + self._elsewhere[path] < floor:
            self.watch.blame(3, f"{path}: {left} available, floor {floor}, after we took {', '.join(sorted(gone))}")

    def _floor(self, path: str) -> int:
        before = self._counts.get(path, 0)
        availability = self.watch.availability(path)
        if availability.allow_gap and self.watch.core.services[path].obstacles:
            return 0
        return availability.least(before, self.watch.decided(path, before))

    def _managed(self) -> list[str]:
        return [path for path, spec in self.watch.core.services.items() if not spec.everywhere]

    def _remember(self) -> None:
        self._serving = {path: self.watch.available(path) for path in self._managed()}
        self._counts = {path: _there(service) for path, service in self.watch.core.state.services.items()}


def _there(service: Service) -> int:
    """The count that can be there: neither our surge nor what somebody else has just set over it was there before."""
    return min((service.wanted, *(int(mark.was) for mark in service.marks if mark.field == "replicas")))


class NothingLost(Check):
    """No request is lost because of us: whoever is stopped has left the rotation and run dry."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look for losses."""
        for one in ours(happenings):
            if one.what is What.LOST:
                self.watch.blame(3, f"{one.subject} was stopped with {one.detail} requests")


class SinglesStaySingle(Check):
    """What cannot be in two places at once gets no surge, and nobody starts it twice because of us."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every count we set, and at every replica we started."""
        for path in {one.subject.partition(".")[0] for one in ours(happenings) if one.what in (What.SCALED, What.PLACED)}:
            service, units = self.watch.core.state.services[path], self.watch.core.state.of(path)
            running = sum(unit.live and bool(unit.node) for unit in units)
            if self.watch.core.services[path].obstacles and max(service.wanted, running) > base_count(service):
                self.watch.blame(3, f"{path} stands {running} times and is wanted {service.wanted} times, which it may not")


class TheUnmanagedAreLeft(Check):
    """Where the files say so, workloads without a policy stay where they are, however few replicas stand on a node."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at everybody we stopped. A node somebody asked to be emptied is theirs."""
        if self.watch.policies.unmanaged is not Unmanaged.LEAVE:
            return
        for one in ours(happenings):
            path = one.subject.partition(".")[0]
            if one.what is What.STOPPING and path in self._left() and not self.watch.drains():
                self.watch.blame(3, f"{one.subject} has no policy, and was stopped")

    def _left(self) -> set[str]:
        core, policies = self.watch.core, self.watch.policies
        return {path for path, spec in core.services.items() if not spec.everywhere and policies.of(core.ref(path)) is None}


class SurgeIsBounded(Check):
    """Our counts never pass what is decided plus the surge."""

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every count we set."""
        for one in ours(happenings):
            if one.what is What.SCALED:
                self._judge(one.subject)

    def _judge(self, path: str) -> None:
        service = self.watch.core.state.services[path]
        before = base_count(service)
        steady = max(before, self.watch.decided(path, before))
        most = steady + max(1, self.watch.availability(path).most_extra(steady))
        if service.wanted > most and service.marks:
            self.watch.blame(3, f"{path} is at {service.wanted}, with its surge {most} at most")
