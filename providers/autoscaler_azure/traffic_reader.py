"""Sees who stands in the backend pools of an Azure Load Balancer: one call for all pools, and a report of health for each rule."""

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.traffic import RotationState
from autoscaler_azure.backends import Backend, backend_of, members, well_of
from autoscaler_azure.compute_faults import LATER
from autoscaler_azure.network import Network, NetworkSession
from autoscaler_azure.traffic_settings import AzureTraffic
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_sources.asking import ask_each


class BackendReader:
    """One load balancer."""

    def __init__(self, settings: AzureTraffic, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._network = Network(settings, site)

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """Azure lets go of nobody by itself, and counts nothing: who is set down stays draining until it is taken out."""
        now = self._site.runtime.now()
        with signing_in_anew(self._network.forget):
            session = self._network.within(deadline)
            balancer = self._network.balancer(session)
            backends = {workload: backend_of(workload, balancer, self._settings) for workload in workloads}
            well = self._well(session, backends)
        found = (one for workload, backend in backends.items() for one in members(workload, backend, well))
        return RotationState(traffic=TrafficName(self._site.name), read_at=now, members=tuple(found))

    def _well(self, session: NetworkSession, backends: dict[WorkloadRef, Backend]) -> dict[str, frozenset[str]]:
        """By rule. Of a pool without anybody nothing is asked."""
        rules = [rule for backend in backends.values() if backend.addresses for rule in backend.rules]
        found = ask_each(self._site, rules, session.left, lambda rule, _: well_of(self._network.health(session, rule)))
        return {rule: _known(rule, one) for rule, one in found.items()}


def _known(rule: str, well: frozenset[str] | Unknown) -> frozenset[str]:
    if isinstance(well, Unknown):
        raise UnavailableError(f"the health of rule {rule} could not be read: {well.detail or well.why}", hint=LATER)
    return well
