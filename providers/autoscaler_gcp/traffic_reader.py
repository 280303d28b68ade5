"""Sees who stands in network endpoint groups: a call for each group, of which a workload has one in each zone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.traffic import RotationState
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.compute_clients import READ_ONLY
from autoscaler_gcp.endpoint_calls import EndpointCalls
from autoscaler_gcp.endpoints import SLACK, drain_of, member, services_of
from autoscaler_gcp.group_api import Time
from autoscaler_gcp.traffic_calls import known
from autoscaler_gcp.traffic_settings import GcpTraffic
from autoscaler_sources.asking import ask_each

if TYPE_CHECKING:
    from autoscaler_gcp.endpoint_calls import Endpoints

REMEMBERED = Duration(300_000)
"""How long a group's time-out is not asked for again."""


@dataclass(frozen=True, slots=True)
class _Delay:
    """`until`: when it is asked for anew."""

    span: Duration
    until: int


class EndpointReader:
    """The groups of one project. Signs in to read only."""

    def __init__(self, settings: GcpTraffic, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._calls = EndpointCalls(settings, READ_ONLY)
        self._delays: dict[WorkloadRef, _Delay] = {}

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """All endpoints of their groups. Google lists those that drain, or does not: nobody may rest on that they are gone."""
        now, time = self._site.runtime.now(), Time(self._site.runtime, deadline, self._settings.timeout)
        with signing_in_anew(self._calls.forget):
            found = self._listed(workloads, time)
            drains = tuple((workload, self._delay(workload, found[workload], time)) for workload in workloads)
        return RotationState(
            traffic=TrafficName(self._site.name),
            read_at=now,
            members=tuple(member(workload, one) for workload, endpoints in found.items() for one in endpoints),
            drains=drains,
            shows_draining=False,
        )

    def _listed(self, workloads: tuple[WorkloadRef, ...], time: Time) -> "dict[WorkloadRef, Endpoints]":
        """Of all zones."""
        self._calls.ready()
        asked = [(workload, zone) for workload in workloads for zone in self._settings.zones]
        seen = ask_each(self._site, asked, Duration(max(0, time.left)), lambda one, _: self._calls.listed(*one, time))
        found: dict[WorkloadRef, Endpoints] = {workload: [] for workload in workloads}
        for (workload, _), one in seen.items():
            found[workload] += known(f"the endpoints of {workload}", one)
        return found

    def _delay(self, workload: WorkloadRef, endpoints: "Endpoints", time: Time) -> Duration:
        """As the services say that check its endpoints; of a group without any, as they said last."""
        now, known = self._site.runtime.monotonic(), self._delays.get(workload)
        if known and now < known.until:
            return known.span
        services = services_of(endpoints)
        if not services:
            return known.span if known else SLACK
        delay = drain_of([self._calls.service(one, time) for one in services])
        self._delays[workload] = _Delay(delay, now + REMEMBERED.ms)
        return delay
