"""What both halves of traffic through endpoint groups ask: who is in a workload's groups."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autoscaler.errors import NotFoundError
from autoscaler.model.refs import WorkloadRef
from autoscaler_gcp.calls import read, write
from autoscaler_gcp.group_api import PAGE, Time
from autoscaler_gcp.traffic_calls import TrafficCalls
from autoscaler_gcp.traffic_settings import GcpTraffic

if TYPE_CHECKING:
    from google.cloud import compute_v1

    Endpoints = list[compute_v1.NetworkEndpointWithHealthStatus]


class EndpointCalls(TrafficCalls):
    """Of one project."""

    def __init__(self, settings: GcpTraffic, scope: str) -> None:
        super().__init__(settings.project, settings.url, scope)
        self._settings = settings

    def ready(self) -> None:
        """For several threads to use; made by one."""
        _ = self._groups

    def listed(self, workload: WorkloadRef, zone: str, time: Time) -> "Endpoints":
        """The endpoints of its group in a zone, with their health; NotFoundError without that group."""
        name = self._settings.group_of(workload)
        body = {"health_status": "SHOW"}
        asked = {**self._group(name, zone), "network_endpoint_groups_list_endpoints_request_resource": body, "max_results": PAGE}
        client = self._groups
        try:
            return read(lambda: list(client.list_network_endpoints(asked, retry=None, timeout=time.seconds())))
        except NotFoundError as error:
            words = f"there is no network endpoint group {name} in {zone} for {workload}"
            raise NotFoundError(words, hint=self._settings.hint(workload)) from error

    def change(self, verb: str, name: str, zone: str, endpoints: "Iterable[dict[str, Any]]", time: Time) -> "compute_v1.Operation":
        """`attach` or `detach` them."""
        body = {f"network_endpoint_groups_{verb}_endpoints_request_resource": {"network_endpoints": list(endpoints)}}
        call = getattr(self._groups, f"{verb}_network_endpoints_unary")
        found: compute_v1.Operation = write(lambda: call({**self._group(name, zone), **body}, retry=None, timeout=time.seconds()))
        return found

    @property
    def _groups(self) -> "compute_v1.NetworkEndpointGroupsClient":
        found: compute_v1.NetworkEndpointGroupsClient = self._of("NetworkEndpointGroupsClient")
        return found

    def _group(self, name: str, zone: str) -> dict[str, Any]:
        return {"project": self._settings.project, "zone": zone, "network_endpoint_group": name}
