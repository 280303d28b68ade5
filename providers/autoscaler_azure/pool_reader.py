"""Sees a scale set as a pool: two calls, and one for each further page of its machines.

Once more where a kind of machine is new to us, and for its standby pool, if it has one.
"""

from dataclasses import replace

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.refs import InstanceRef, PoolName
from autoscaler_azure import scale_set_calls
from autoscaler_azure.compute import Compute, Session
from autoscaler_azure.compute_faults import sold_out
from autoscaler_azure.scale_sets import Machine, ScaleSet, count_of
from autoscaler_azure.settings import AzurePool, NodeName
from autoscaler_azure.standby import standing_by
from autoscaler_clouds.kinds import NEVER
from autoscaler_clouds.launches import AGAIN, FORGET
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_clouds.sold import Kinds, Lot


class ScaleSetReader:
    """One scale set. It remembers launches that failed, for Azure does so no longer than their machines are there."""

    def __init__(self, settings: AzurePool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._compute = Compute(settings, site)
        self._kinds = Kinds("azure", settings.types, site.catalogues)
        self._broken: dict[InstanceRef, Machine] = {}

    @property
    def capabilities(self) -> PoolCapabilities:
        """Azure takes no token: a repeat is told by the count and the set's etag."""
        return PoolCapabilities(launch_token=False, to_zero=True)

    def observe(self, deadline: Duration) -> PoolState:
        """The set, its machines, and what of it failed lately."""
        now = self._site.runtime.now()
        with signing_in_anew(self._compute.forget):
            session = self._compute.within(deadline)
            found = scale_set_calls.scale_set(self._settings, session)
            listed = scale_set_calls.listed(self._settings, session, found)
            self._learn(session, found)
            waiting = standing_by(self._settings, session) if self._settings.standby_pool else 0
        machines = tuple(one for one in listed if not one.waits)
        self._remember(machines, now)
        offered = replace(self._offered(found, now), standby=waiting)
        return PoolState(
            pool=PoolName(self._site.name),
            read_at=now,
            wanted=count_of(found, machines).low,
            instances=tuple(self._instance(one, offered) for one in machines),
            offerings=(offered,),
            standing_by=tuple(self._node(one) for one in listed if one.waits),
            failed_launches=sum(not sold_out(one.refusal) for one in self._broken.values()),
        )

    def _learn(self, session: Session, found: ScaleSet) -> None:
        lacking = frozenset(self._kinds.lacking(found.kinds, found.location))
        if lacking:
            self._kinds.learn(scale_set_calls.kinds(session, found.location, lacking))

    def _remember(self, machines: tuple[Machine, ...], now: Instant) -> None:
        """What broke since the last machine that did not, unless that is long ago."""
        self._broken |= {one.ref: one for one in machines if one.broken}
        last = max((one.created for one in machines if one.state is InstanceState.RUNNING), default=Instant(0))
        since = max(last, now - FORGET.ms)
        self._broken = {ref: one for ref, one in self._broken.items() if one.created >= since}

    def _offered(self, found: ScaleSet, now: Instant) -> Offering:
        """The one thing a set has to offer: which of its kinds and zones comes, Azure chooses. What is sure of all of them is offered."""
        zones = tuple(f"{found.location}-{zone}" for zone in found.zones)
        lot = Lot(kinds=found.kinds, called=found.kind, region=found.location, zones=zones, place=found.place, mixed=found.mixed)
        refused = [later(one.created, AGAIN) for one in self._broken.values() if sold_out(one.refusal)]
        until = max(refused, default=NEVER)
        return self._kinds.offered(lot, self._settings.furnishing, until if until > now else NEVER)

    def _instance(self, one: Machine, offered: Offering) -> Instance:
        return Instance(ref=one.ref, state=one.state, offering=offered.name, node_name=self._node(one), launched_at=one.created)

    def _node(self, one: Machine) -> str:
        """What it is called at its orchestrator."""
        return one.host.lower() if self._settings.node_name is NodeName.LOWER else one.host
