"""Sees a managed instance group as a pool: its members in pages of 500, the group, what lately failed; what does not change, once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import InstanceState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import PoolName
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.compute_clients import READ_ONLY
from autoscaler_gcp.group_api import GroupApi, Time
from autoscaler_gcp.group_kinds import GroupKinds, zones_of
from autoscaler_gcp.groups import (
    active,
    base_of,
    count_of,
    failed_launches,
    failure_of,
    instance_of,
    sold_out_until,
    starts,
    state_of,
    zone_of,
)
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.standby import ready, standing_by
from autoscaler_sources.moments import moment

if TYPE_CHECKING:
    from google.cloud import compute_v1

MARGIN = Duration(100)
"""The last call ends that much before the deadline, so that its own reason is told."""


class GroupReader:
    """One group. Signs in to read only."""

    def __init__(self, settings: GcpPool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._api = GroupApi(settings, READ_ONLY)
        self._kinds = GroupKinds(settings, self._api, site.catalogues)
        self._births: dict[int, Instant] = {}
        self._starting: set[int] = set()

    @property
    def capabilities(self) -> PoolCapabilities:
        """We name what we launch, so a repeat finds the names taken; a group may be empty."""
        return PoolCapabilities(launch_token=True, to_zero=True)

    def observe(self, deadline: Duration) -> PoolState:
        """The list before the size: what comes between them is counted as not listed yet, and never missed."""
        time = Time(self._site.runtime, Duration(deadline.ms - MARGIN.ms), self._settings.timeout)
        with signing_in_anew(self._api.clients.forget):
            return self._observed(time)

    def _observed(self, time: Time) -> PoolState:
        now = self._site.runtime.now()
        every = self._api.members(time)
        members = active(every)
        group = self._api.group(time)
        failures = [failure_of(one) for one in self._api.failures(time)]
        self._learn_births(group, members, now, time)
        shelves, zones = self._kinds.here(group, members, time), zones_of(group)
        to_come = self._kinds.to_come(group, time)
        born = self._newest(members)
        until = sold_out_until(failures, born, now)
        older = sorted({one for one in shelves.values() if one.offering != to_come.offering}, key=lambda one: one.offering)
        *rest, last = self._kinds.offerings([*older, to_come], self._settings.furnishing, until, zones, time)
        return PoolState(
            pool=PoolName(self._site.name),
            read_at=now,
            wanted=count_of(group, members),
            instances=tuple(
                instance_of(one, shelves.get(one.version.instance_template, to_come).offering, self._births) for one in members
            ),
            offerings=(*rest, replace(last, standby=len(ready(group, every)))),
            failed_launches=failed_launches(failures, born, now),
            standing_by=standing_by(every),
        )

    def _learn_births(
        self, group: "compute_v1.InstanceGroupManager", members: "Sequence[compute_v1.ManagedInstance]", now: Instant, time: Time
    ) -> None:
        """When machines were made or started that are new to us: a call or two per zone that has some. Who is not found was made now.

        One that stood by and was seen before it started shows an earlier start, so it is asked for until it has started.
        """
        new = [one for one in members if one.id and (one.id not in self._births or one.id in self._starting)]
        for zone in sorted({zone_of(one.instance) for one in new}):
            found = self._api.machines(zone, base_of(group), time)
            self._births |= {one.id: _made(one, now) for one in found}
        here, self._starting = {one.id for one in members}, {one.id for one in members if starts(one)}
        self._births = {one: at for one, at in {**dict.fromkeys((each.id for each in new), now), **self._births}.items() if one in here}

    def _newest(self, members: "Iterable[compute_v1.ManagedInstance]") -> Instant:
        born = [self._births[one.id] for one in members if state_of(one) is InstanceState.RUNNING and one.id in self._births]
        return max(born, default=Instant(0))


def _made(machine: "compute_v1.Instance", now: Instant) -> Instant:
    """One that stood by was made long before it was launched."""
    times = [moment(told) for told in (machine.creation_timestamp, machine.last_start_timestamp) if told]
    return Instant(max((at for at in times if isinstance(at, int)), default=now))
