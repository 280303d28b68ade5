"""Sees which machines stand in the instance groups of backend services: two calls for each group, one of which is in each zone."""

from collections import defaultdict
from dataclasses import dataclass

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.traffic import Member, RotationState
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.compute_clients import READ_ONLY
from autoscaler_gcp.group_api import Time
from autoscaler_gcp.instance_group_calls import InstanceGroupCalls
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.instance_groups import Backend, Behind, addresses, hosts_of, member, named
from autoscaler_gcp.traffic_calls import known
from autoscaler_gcp.traffic_reader import REMEMBERED
from autoscaler_sources.asking import ask_each


@dataclass(frozen=True, slots=True)
class _Known:
    """`until`: when it is asked for anew."""

    behind: Behind
    until: int


class GroupTrafficReader:
    """The services of one project. Signs in to read only."""

    def __init__(self, settings: GcpGroupTraffic, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._calls = InstanceGroupCalls(settings, READ_ONLY)
        self._known: dict[WorkloadRef, _Known] = {}

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """All machines of their groups. Google lists nobody who drains."""
        now, time = self._site.runtime.now(), Time(self._site.runtime, deadline, self._settings.timeout)
        with signing_in_anew(self._calls.forget):
            self._calls.ready()
            behind = {workload: self._behind(workload, time) for workload in workloads}
            asked = [(workload, backend) for workload, one in behind.items() for backend in one.backends]
            seen = ask_each(self._site, asked, Duration(max(0, time.left)), lambda one, _: self._members(behind[one[0]], *one, time))
        return RotationState(
            traffic=TrafficName(self._site.name),
            read_at=now,
            members=tuple(each for (workload, _), found in seen.items() for each in known(f"the machines behind {workload}", found)),
            drains=tuple((workload, one.drain) for workload, one in behind.items()),
            shows_draining=False,
        )

    def _behind(self, workload: WorkloadRef, time: Time) -> Behind:
        now, known = self._site.runtime.monotonic(), self._known.get(workload)
        if known is None or now >= known.until:
            known = self._known[workload] = _Known(self._calls.behind(workload, time), now + REMEMBERED.ms)
        return known.behind

    def _members(self, behind: Behind, workload: WorkloadRef, backend: Backend, time: Time) -> list[Member]:
        """A check tells a machine's address; only of who was not checked yet Google is asked for it."""
        there, health = self._calls.members(backend, time), self._calls.health(behind, backend, time)
        states, hosts = defaultdict[str, list[str]](list), dict[str, str]()
        for one in health:
            states[named(one.instance)].append(one.health_state)
            hosts[named(one.instance)] = one.ip_address
        if any(named(one.instance) not in hosts for one in there):
            hosts = hosts_of(self._calls.machines(backend.zone, time)) | hosts
        return [member(workload, address, states[named(url)]) for address, url in addresses(backend, there, hosts)]
