"""Rule 7: counts stay within their bounds, and change no faster than allowed."""

from autoscaler.contracts.policy import Policy
from autoscaler.engine.tick import TickReport
from autoscaler.model.commitments import IN_FLIGHT, Commitments, StepStatus
from autoscaler.model.policies import Mode
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import SetReplicas
from autoscaler.planning.conditions.floors import base_of
from autoscaler.simulation.invariants.watch import Check, Watch, base_count, ours
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.state import Cause

MINUTE = 60_000
CONTENDED = 600_000


class _OurCounts(Check):
    """Judges each count of a policy that we set. A surge that comes or goes moves none."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._counts = _bases(watch)

    def happened(self, happenings: list[Happening]) -> None:
        """Look at every count we set."""
        before, self._counts = self._counts, _bases(self.watch)
        for path in {one.subject for one in ours(happenings) if one.what is What.SCALED}:
            policy = self.watch.policies.of(self.watch.core.ref(path))
            if policy:
                self._judge(policy, before.get(path, self._counts[path]), self._counts[path])

    def _judge(self, policy: Policy, before: int, after: int) -> None:
        raise NotImplementedError


class WithinBounds(_OurCounts):
    """We never move a count away from its bounds."""

    def _judge(self, policy: Policy, before: int, after: int) -> None:
        path, bounds = policy.workload.path, policy.bounds
        if after > max(before, bounds.max):
            self.watch.blame(7, f"{path} {before} -> {after}, its maximum is {bounds.max}")
        if after < min(before, bounds.min):
            self.watch.blame(7, f"{path} {before} -> {after}, its minimum is {bounds.min}")


class ModesHold(_OurCounts):
    """What a policy may only recommend nobody carries out; what may only grow does not shrink."""

    def _judge(self, policy: Policy, before: int, after: int) -> None:
        shrinks = after < before and policy.mode is not Mode.ACTIVE
        if shrinks or (after != before and policy.mode in (Mode.RECOMMEND, Mode.OFF)):
            self.watch.blame(7, f"{policy.workload.path} {before} -> {after}, its mode is {policy.mode}")


class NotTooFast(Check):
    """Per minute, no more replicas of a workload and no more machines change than the limits say."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._changes: list[tuple[int, str, int]] = []
        self._counts = _bases(watch)

    def happened(self, happenings: list[Happening]) -> None:
        """Add up what we changed."""
        at, now = self.watch.core.state.now, _bases(self.watch)
        mine = ours(happenings)
        for path in {one.subject for one in mine if one.what is What.SCALED}:
            self._changes.append((at, path, abs(now[path] - self._counts.get(path, now[path]))))
        self._changes += [(at, "", 1) for one in mine if one.what in (What.LAUNCHED, What.RELEASED)]
        self._counts = now
        self._judge(at)

    def _judge(self, at: int) -> None:
        self._changes = [change for change in self._changes if change[0] > at - MINUTE]
        limits, sums = self.watch.policies.limits, dict.fromkeys((path for _, path, _ in self._changes), 0)
        for _, path, change in self._changes:
            sums[path] += change
        for path, changed in sums.items():
            most = limits.replicas_per_minute if path else limits.nodes_per_minute
            if changed > most:
                self.watch.blame(7, f"{path or 'machines'}: {changed} changed within a minute, {most} at most")


def _bases(watch: Watch) -> dict[str, int]:
    """Every count without our surge."""
    return {path: base_count(service) for path, service in watch.core.state.services.items()}


class NoFight(Check):
    """A count we had set, and somebody else set twice within ten minutes, is left alone.

    Only what a tick could have seen counts: two changes between two ticks are one, and none when the count is what it was before them.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._known: dict[str, int] = {}
        self._unseen: set[str] = set()
        self._seen: list[tuple[int, str]] = []
        self._contended: frozenset[str] = frozenset()

    def began(self) -> None:
        """Whoever is contended now stays as they are in this tick."""
        recent = [path for when, path in self._seen if when > self.watch.core.state.now - CONTENDED]
        self._contended = frozenset(path for path in recent if recent.count(path) > 1) - self._agreed()
        self._counts = {path: base_count(one) for path, one in self.watch.core.state.services.items()}

    def _agreed(self) -> frozenset[str]:
        """Workloads in a plan that its operator wants carried out as it is: that is no fight of ours."""
        pending = self.watch.store.requests(self.watch.policies.cluster).pending()
        return frozenset(change.workload.path for one in pending if one.plan for change in one.plan.workloads)

    def happened(self, happenings: list[Happening]) -> None:
        """Note what others set after we had, and look at what we set."""
        for one in happenings:
            if one.what is not What.SCALED:
                continue
            if one.cause is Cause.OURS:
                self._judge(one)
            elif one.subject in self._known:
                self._unseen.add(one.subject)

    def ticked(self, report: TickReport) -> None:
        """What others set was seen."""
        if report.problem is None and not isinstance(report.thought.observation.state, Unknown):
            self.seen(_explained(report.thought.past.commitments))

    def seen(self, explained: frozenset[tuple[str, int]]) -> None:
        """A tick could see whatever others did before it, but for a count that a call of ours in flight may just as well explain."""
        for path in sorted(self._unseen):
            if self._counts[path] != self._known[path] and (path, self._counts[path]) not in explained:
                self._seen.append((self.watch.core.state.now, path))
            self._known[path] = base_count(self.watch.core.state.services[path])
        self._unseen.clear()

    def _judge(self, one: Happening) -> None:
        count = base_count(self.watch.core.state.services[one.subject])
        changed = count != self._counts[one.subject]
        if changed and one.subject in self._contended:
            self.watch.blame(7, f"{one.subject} {one.detail} although others set it twice within ten minutes")
        if (changed or one.subject in self._known) and one.subject not in self._unseen:
            self._known[one.subject] = count


def _explained(commitments: Commitments) -> frozenset[tuple[str, int]]:
    """Counts without surge, by workload, that calls in flight had found, as long as nobody saw more, or ask for without a reply."""
    flying = [(one, one.planned.step, one.intent) for one in commitments.records if one.status in IN_FLIGHT]
    sent = [(one.status, step.workload.path, intent) for one, step, intent in flying if isinstance(step, SetReplicas) and intent]
    found = {(path, base_of(intent) - intent.wanted + intent.seen) for _, path, intent in sent}
    asked = {(path, base_of(intent)) for status, path, intent in sent if status is StepStatus.INTENDED}
    return frozenset(found | asked)
