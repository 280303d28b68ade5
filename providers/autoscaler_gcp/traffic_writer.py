"""Attaches replicas to network endpoint groups, and detaches them: five hundred in one call, and a call for each zone."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_clouds.addresses import split_address
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.calls import LONGEST
from autoscaler_gcp.compute_clients import READ_WRITE
from autoscaler_gcp.endpoint_calls import EndpointCalls
from autoscaler_gcp.endpoints import address_of, is_draining
from autoscaler_gcp.group_api import Time
from autoscaler_gcp.traffic_calls import finish
from autoscaler_gcp.traffic_settings import GcpTraffic

if TYPE_CHECKING:
    from google.cloud import compute_v1

T = TypeVar("T")
WITHIN = Duration(8000)
"""For all of one change: less than the engine waits for a call."""

MOST_AT_ONCE = 500
"""Endpoints in one request."""

HINT = "let the orchestrator know its nodes by their private address, and name all zones they may run in"


class EndpointWriter:
    """The groups of one project. Every call reads what it rests on: there is no other memory."""

    def __init__(self, settings: GcpTraffic, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._calls = EndpointCalls(settings, READ_WRITE)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Attaches those that are not attached yet, each to the group of the zone its machine is in."""
        time, places = self._time(), {one: split_address(one) for one in addresses}
        there = self._read(lambda: self._there(workload, time))
        inside = {address_of(one) for each in there.values() for one in each if not is_draining(one)}
        missing = {one: place for one, place in places.items() if one not in inside}
        found = self._read(lambda: self._placed(missing, time)) if missing else {}
        for zone, endpoints in found.items():
            self._change("attach", workload, zone, endpoints, time)
        known = sum(map(len, found.values()))
        if known < len(missing):
            raise NotFoundError(f"no machine in {', '.join(self._settings.zones)} has one of these: {_strange(missing, found)}", hint=HINT)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Detaches those that are there: their connections drain for as long as the backend service says."""
        time = self._time()
        for zone, there in self._read(lambda: self._there(workload, time)).items():
            going = [one.network_endpoint for one in there if address_of(one) in addresses and not is_draining(one)]
            bodies = [{"instance": one.instance, "ip_address": one.ip_address, "port": one.port} for one in going]
            self._change("detach", workload, zone, bodies, time)

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Google knows no other way out than `leave`."""
        self.leave(workload, addresses)

    def _time(self) -> Time:
        return Time(self._runtime, WITHIN, self._settings.timeout)

    def _read(self, call: Callable[[], T]) -> T:
        """Nothing was sent yet, and we may have to sign in anew."""
        with signing_in_anew(self._calls.forget):
            return call()

    def _there(self, workload: WorkloadRef, time: Time) -> "Mapping[str, list[compute_v1.NetworkEndpointWithHealthStatus]]":
        return {zone: self._calls.listed(workload, zone, time) for zone in self._settings.zones}

    def _placed(self, missing: Mapping[str, tuple[str, int]], time: Time) -> dict[str, list[dict[str, Any]]]:
        """By zone, those whose machine is there."""
        found = dict[str, list[dict[str, Any]]]()
        for zone in self._settings.zones:
            names = self._calls.machines(zone, time)
            here = [(host, port) for host, port in missing.values() if host in names]
            if here:
                found[zone] = [{"instance": names[host], "ip_address": host, "port": port} for host, port in here]
        return found

    def _change(self, verb: str, workload: WorkloadRef, zone: str, endpoints: list[dict[str, Any]], time: Time) -> None:
        name = self._settings.group_of(workload)
        for start in range(0, len(endpoints), MOST_AT_ONCE):
            operation = self._calls.change(verb, name, zone, endpoints[start : start + MOST_AT_ONCE], time)
            finish(self._calls, self._runtime, operation, zone, time)


def _strange(missing: Mapping[str, tuple[str, int]], found: Mapping[str, list[dict[str, Any]]]) -> str:
    hosts = {one["ip_address"] for each in found.values() for one in each}
    return ", ".join(one for one, (host, _) in missing.items() if host not in hosts)[:LONGEST]
