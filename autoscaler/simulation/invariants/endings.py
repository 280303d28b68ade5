"""Rules 12, 13, 14: all is well in the end, the healthy go on, and secrets stay where they are."""

from autoscaler.engine.tick import TickReport
from autoscaler.model.codec import dumps
from autoscaler.model.nodes import InstanceState, NodeAvailability
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler.simulation.invariants.counts import CONTENDED
from autoscaler.simulation.invariants.watch import Check, Watch, live, told
from autoscaler.simulation.world import machines
from autoscaler.simulation.world.core import Happening, What
from autoscaler.simulation.world.state import Cause, Host


class AllIsWell(Check):
    """After faults: no mark, no closed node, no surge, no leaked machine; every workload at its count, healthy, in rotation.

    A workload of which the last plan says why not all of it has a place is let off the last three. A count that others set twice within
    ten minutes is theirs, wherever they set it. A node that we had fenced, and that its cloud gave notice of and took while a
    freeze held its close back, may stay down and fenced if the last plan says so: decision 0021.
    """

    _told: frozenset[str] = frozenset()

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._theirs: list[tuple[int, str]] = []
        self._noticed: set[str] = set()
        self._lost_frozen: set[str] = set()

    def happened(self, happenings: list[Happening]) -> None:
        """Keep who else set a count, and of which machines there was notice."""
        self._noticed |= {one.subject for one in happenings if one.what is What.NOTICED}
        foreign = (one for one in happenings if one.what is What.SCALED and one.cause is Cause.FOREIGN)
        self._theirs += [(one.at, one.subject) for one in foreign]

    def ticked(self, report: TickReport) -> None:
        """Keep what the last plan remarks on, or keeps back, and whose close a freeze holds back while its cloud takes it."""
        self._told = told(report.thought.plan)
        frozen = (one for one in report.thought.plan.withheld if any(why.code is Code.FROZEN for why in one.reasons))
        self._lost_frozen |= {one.step.operation.removeprefix("close ") for one in frozen} & self._noticed

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
        """Its cloud took it while its close was frozen: to us a node of nobody's that was drained on request and is switched off."""
        fenced = not host.up and host.availability is NodeAvailability.FENCED
        return fenced and host.name in self._lost_frozen and f"node:{host.name}" in self._told

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
