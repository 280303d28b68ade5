"""Rules 12, 13, 14: all is well in the end, the healthy go on, and secrets stay where they are."""

from collections.abc import Iterable

from autoscaler.engine.tick import TickReport
from autoscaler.model.codec import dumps
from autoscaler.model.nodes import InstanceState, NodeAvailability
from autoscaler.model.samples import Unknown
from autoscaler.simulation.invariants.counts import CONTENDED
from autoscaler.simulation.invariants.watch import Check, Watch, live, told
from autoscaler.simulation.world import machines
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.state import Cause, Host, Machine


class AllIsWell(Check):
    """After faults: no mark, no closed node, no surge, no leaked machine; every workload at its count, healthy, in rotation.

    A workload of which the last plan says why not all of it has a place is let off the last three. A count that others set twice within
    ten minutes is theirs, wherever they set it.
    """

    _told: frozenset[str] = frozenset()

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._theirs: list[tuple[int, str]] = []

    def happened(self, happenings: list[Happening]) -> None:
        """Keep who else set a count."""
        foreign = (one for one in happenings if one.what is What.SCALED and one.cause is Cause.FOREIGN)
        self._theirs += [(one.at, one.subject) for one in foreign]

    def ticked(self, report: TickReport) -> None:
        """Keep what the last plan remarks on, or keeps back."""
        self._told = told(report.thought.plan)

    def ended(self) -> None:
        """Look at everything."""
        self._nodes()
        self._machines()
        for path in self.watch.core.state.services:
            self._workload(path)

    def _nodes(self) -> None:
        drains = self.watch.drains()
        for host in self.watch.core.state.hosts.values():
            if host.name in drains or self._like_drained(host):
                continue
            if host.marks or host.availability is not NodeAvailability.OPEN:
                self.watch.blame(12, f"{host.name} is {host.availability} with {len(host.marks)} marks left")

    def _like_drained(self, host: Host) -> bool:
        """Its cloud took the machine while all was frozen: to us a node of nobody's that was drained on request and is switched off."""
        hired = any(one.name == host.name for one in self._hired())
        return not (host.up or hired) and host.availability is NodeAvailability.FENCED

    def _hired(self) -> Iterable[Machine]:
        return self.watch.core.state.machines.values()

    def _machines(self) -> None:
        for machine in self.watch.core.state.machines.values():
            comes = machine.joins_at > self.watch.core.state.now  # some take minutes, and the plan says what waits for them
            if machine.state is InstanceState.RUNNING and machines.host_of(self.watch.core, machine) is None and not comes:
                self.watch.blame(6, f"{machine.name} is paid for and in no cluster")

    def _workload(self, path: str) -> None:
        service, core = self.watch.core.state.services[path], self.watch.core
        if service.marks:
            self.watch.blame(12, f"{path} still has a mark of plan {service.marks[0].plan}")
        if core.services[path].everywhere or str(core.ref(path)) in self._told:
            return
        counts = (len(live(core.state.of(path))), len(self.watch.available(path)))
        if counts != (service.wanted, service.wanted):
            self.watch.blame(12, f"{path}: {counts[0]} live and {counts[1]} available of {service.wanted}")
        policy = self.watch.policies.of(core.ref(path))
        since = core.state.now - CONTENDED
        theirs = sum(at > since and whose == path for at, whose in self._theirs) > 1
        if policy and policy.mode == "active" and not theirs and not policy.bounds.min <= service.wanted <= policy.bounds.max:
            self.watch.blame(7, f"{path} ended at {service.wanted}, outside {policy.bounds.min} to {policy.bounds.max}")


class TheHealthyGoOn(Check):
    """Every policy is decided on at every tick that saw the cluster, whatever another policy does."""

    def ticked(self, report: TickReport) -> None:
        """Count the decisions."""
        if isinstance(report.thought.observation.state, Unknown):
            return
        decided = {decision.policy for decision in report.thought.decisions}
        missing = sorted(policy.name for policy in self.watch.policies.policies if policy.name not in decided)
        if missing:
            self.watch.blame(13, f"nothing was decided for {', '.join(missing)}")


class SecretsStay(Check):
    """No workload's environment is in what we saw, planned or kept."""

    def ticked(self, report: TickReport) -> None:
        """Keep the last report."""
        self._last = report

    def ended(self) -> None:
        """Look into everything that can be written down."""
        secrets = [spec.secret for spec in self.watch.core.services.values() if spec.secret]
        if not secrets:
            return
        texts = [dumps(self._last.thought.frame, kind="frame"), dumps(self._last.commitments, kind="commitments")]
        if any(secret in text for secret in secrets for text in texts):
            self.watch.blame(14, "a workload's secret was written down")
