"""Sees who stands in the backend pools of an application gateway: one call for all pools, and one report of health."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.traffic import RotationState
from autoscaler_azure.gateway_calls import Gateways
from autoscaler_azure.gateways import Pool, members, pool_of, well_of
from autoscaler_azure.network import NetworkSession
from autoscaler_azure.traffic_settings import GatewayTraffic
from autoscaler_clouds.signing import signing_in_anew


class GatewayReader:
    """One application gateway."""

    def __init__(self, settings: GatewayTraffic, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._gateways = Gateways(settings, site)

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """Who was taken out finishes what it has, and is shown nowhere: all of its time is waited for, and that of the change before it."""
        now = self._site.runtime.now()
        with signing_in_anew(self._gateways.forget):
            session = self._gateways.within(deadline)
            gateway = self._gateways.gateway(session)
            pools = {workload: pool_of(workload, gateway, self._settings) for workload in workloads}
            well = self._well(session, pools, gateway.etag or "")
        return RotationState(
            traffic=TrafficName(self._site.name),
            read_at=now,
            members=tuple(one for workload, pool in pools.items() for one in members(workload, pool, well[workload])),
            drains=tuple((workload, Duration(pool.drains.ms + self._settings.change.ms)) for workload, pool in pools.items()),
            shows_draining=False,
        )

    def _well(self, session: NetworkSession, pools: dict[WorkloadRef, Pool], version: str) -> dict[WorkloadRef, frozenset[str]]:
        """Of pools without anybody nothing is asked."""
        if not any(pool.addresses for pool in pools.values()):
            return dict.fromkeys(pools, frozenset())
        health = self._gateways.health(session, version)
        return {workload: well_of(health, pool) for workload, pool in pools.items()}
