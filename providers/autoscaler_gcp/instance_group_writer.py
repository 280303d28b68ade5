"""Puts the machines of replicas into the instance groups of backend services, and takes them out: five hundred in one call."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError
from autoscaler.model.refs import WorkloadRef
from autoscaler_clouds.addresses import joined_address, split_address
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.calls import LONGEST
from autoscaler_gcp.compute_clients import READ_WRITE
from autoscaler_gcp.group_api import Time
from autoscaler_gcp.instance_group_calls import InstanceGroupCalls
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.instance_groups import Backend, Behind, addresses, hosts_of
from autoscaler_gcp.traffic_calls import finish
from autoscaler_gcp.traffic_writer import MOST_AT_ONCE, WITHIN

T = TypeVar("T")
Names = Mapping[str, Mapping[str, str]]
"""By zone, the name of the machine at each address."""

There = dict[Backend, dict[str, str]]
"""What Google calls the machine of each address that is in."""


class GroupTrafficWriter:
    """The services of one project. Every call reads what it rests on: there is no other memory."""

    def __init__(self, settings: GcpGroupTraffic, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._calls = InstanceGroupCalls(settings, READ_WRITE)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Adds the machines that are in no group of theirs yet, each to one of its zone that sends to the replica's port."""
        time = self._time()
        names, there = self._read(lambda: self._seen(workload, time))
        inside = {address for found in there.values() for address in found}
        missing = {one: split_address(one) for one in addresses if joined_address(*split_address(one)) not in inside}
        lots: dict[Backend, list[str]] = {}
        for host, port in missing.values():
            for backend in [one for one in there if host in names[one.zone] and one.port == port][:1]:
                lots.setdefault(backend, []).append(self._calls.address_of(backend.zone, names[backend.zone][host]))
        self._change("add", lots, time)
        _told(workload, missing, names, there)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Removes the machines that are in: their connections drain for as long as the backend service says."""
        time = self._time()
        _, there = self._read(lambda: self._seen(workload, time))
        lots = {backend: [url for address, url in found.items() if address in addresses] for backend, found in there.items()}
        self._change("remove", lots, time)

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Google knows no other way out than `leave`."""
        self.leave(workload, addresses)

    def _time(self) -> Time:
        return Time(self._runtime, WITHIN, self._settings.timeout)

    def _read(self, call: Callable[[], T]) -> T:
        """Nothing was sent yet, and we may have to sign in anew."""
        with signing_in_anew(self._calls.forget):
            return call()

    def _seen(self, workload: WorkloadRef, time: Time) -> tuple[Names, There]:
        behind: Behind = self._calls.behind(workload, time)
        names = {zone: self._calls.machines(zone, time) for zone in sorted({one.zone for one in behind.backends})}
        hosts = {zone: hosts_of(found) for zone, found in names.items()}
        members = {one: self._calls.members(one, time) for one in behind.backends}
        return names, {one: dict(addresses(one, there, hosts[one.zone])) for one, there in members.items()}

    def _change(self, verb: str, lots: Mapping[Backend, list[str]], time: Time) -> None:
        for backend, urls in lots.items():
            for start in range(0, len(urls), MOST_AT_ONCE):
                operation = self._calls.change(verb, backend, urls[start : start + MOST_AT_ONCE], time)
                finish(self._calls, self._runtime, operation, backend.zone, time)


def _told(workload: WorkloadRef, missing: Mapping[str, tuple[str, int]], names: Names, there: Iterable[Backend]) -> None:
    """NotFoundError for those that no group can have, once all others are in."""
    backends = list(there)
    known = {(host, one.port) for one in backends for host in names[one.zone]}
    odd = [one for one, place in missing.items() if place not in known]
    if not odd:
        return
    ports = ", ".join(sorted({str(one.port) for one in backends}))
    raise NotFoundError(
        f"no machine in {', '.join(sorted(names))} has one of these at port {ports}: {', '.join(odd)}"[:LONGEST],
        hint=f"let {workload} publish that port on its node, its node be known by its private address, and its zone have a group",
    )
