"""Rule 15: what we start, move and end keeps to what workloads ask of their nodes and of their neighbours."""

from collections import Counter
from itertools import permutations

from autoscaler.simulation.invariants.watch import Check, Watch, ours
from autoscaler.simulation.world.core import Core, Happening, What
from autoscaler.simulation.world.specs import WorkloadSpec
from autoscaler.simulation.world.standing import counts, domain, least, partners, selects, standing, welcome
from autoscaler.simulation.world.state import Cause, Host, Unit

Stands = tuple[Unit, Host]


class NeighboursHold(Check):
    """Whoever comes because of us is welcome on its node, and apart from whom it must be at every instant, the ending included.

    No deed of ours makes a spread more uneven, or leaves more replicas without their company, than it found. A lower count is let off:
    somebody must go, and that may be somebody's company; who goes counts for spreads where that is ours to choose.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._clashing: frozenset[str] = frozenset()
        self._amiss: Counter[str] = Counter()
        self._remember()

    def happened(self, happenings: list[Happening]) -> None:
        """Compare with the instant before."""
        for unit, host in self._came(happenings):
            if not welcome(self.watch.core.services[unit.service], host):
                self.watch.blame(15, f"{unit.id} came to {host.name}, where it may not stand")
        if not self._constrained():
            return
        clashing, amiss = self._clashing, self._amiss
        self._remember()
        if any(self._came(happenings)) or ours(happenings):
            for each in sorted(self._clashing - clashing):
                self.watch.blame(15, f"{each} must be apart")
        for rule, count in (self._amiss - amiss).items():
            if ours(happenings) and self._judged(rule, happenings):
                self.watch.blame(15, f"{rule}: {count} worse than before, {self._amiss[rule]} amiss")

    def _judged(self, rule: str, happenings: list[Happening]) -> bool:
        what = {one.what for one in ours(happenings)}
        lowered = {What.SCALED, What.STOPPING} <= what
        return not lowered or (self.watch.core.spec.bound and ".spread" in rule)

    def _came(self, happenings: list[Happening]) -> list[Stands]:
        """Who was placed because of us and has a node still."""
        state = self.watch.core.state
        units = (state.units.get(one.subject) for one in happenings if one.what is What.PLACED)
        return [(unit, state.hosts[unit.node]) for unit in units if unit and unit.cause is Cause.OURS and unit.node in state.hosts]

    def _constrained(self) -> bool:
        return any(spec.constrained for spec in self.watch.core.services.values())

    def _remember(self) -> None:
        if self._constrained():
            core = self.watch.core
            self._clashing = frozenset(_clashing(core))
            self._amiss = sum((_uneven(core, spec) + _alone(core, spec) for spec in core.services.values()), Counter())


def _clashing(core: Core) -> list[str]:
    """Pairs of which one must be apart from the other and is not."""
    there = standing(core)
    wanting = [(own, other) for own, other in permutations(there, 2) if core.services[own[0].service].apart]
    return [f"{own[0].id} and {other[0].id}" for own, other in wanting if _clash(core, own, other)]


def _clash(core: Core, own: Stands, other: Stands) -> bool:
    spec, whom = core.services[own[0].service], core.services[other[0].service]
    rules = [rule for rule in spec.apart if selects(rule.from_, spec, whom)]
    return any(domain(own[1], rule.topology) == domain(other[1], rule.topology) is not None for rule in rules)


def _uneven(core: Core, spec: WorkloadSpec) -> Counter[str]:
    """By how many replicas domains have more than each spread of the workload allows."""
    found = Counter[str]()
    closing = frozenset(host.id for host in core.state.hosts.values() if host.marks)  # fenced by us, to be emptied one by one
    for number, rule in enumerate(spec.spread):
        counted = counts(core, spec, rule, closing=closing)
        most = least(rule, counted) + rule.max_skew
        found[f"{spec.name}.spread[{number}]"] = sum(max(0, count - most) for count in counted.values())
    return found


def _alone(core: Core, spec: WorkloadSpec) -> Counter[str]:
    """How many replicas are not where those are whom each rule of the workload wants them with."""
    found = Counter[str]()
    for number, rule in enumerate(spec.together):
        company, itself = partners(core, spec, rule), selects(rule.with_, spec, spec)
        for unit, host in standing(core):
            others = [at for one, at in company if one is not unit]
            lone = domain(host, rule.topology) not in others and (others or not itself)
            found[f"{spec.name}.together[{number}]"] += bool(unit.service == spec.name and unit.live and lone)
    return found
