"""What both halves of traffic through instance groups ask: what is behind a workload's service, who is in it, how each is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.refs import WorkloadRef
from autoscaler_gcp.calls import read, write
from autoscaler_gcp.endpoints import drain_of
from autoscaler_gcp.group_api import PAGE, Time
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.instance_groups import Backend, Behind, groups_of, port_of
from autoscaler_gcp.traffic_calls import TrafficCalls

if TYPE_CHECKING:
    from google.cloud import compute_v1


class InstanceGroupCalls(TrafficCalls):
    """Of one project."""

    def __init__(self, settings: GcpGroupTraffic, scope: str) -> None:
        super().__init__(settings.project, settings.url, scope)
        self._settings = settings

    def ready(self) -> None:
        """For several threads to use; made by one."""
        _ = self._groups, self._services

    def behind(self, workload: WorkloadRef, time: Time) -> Behind:
        """What the workload's service sends to: a call for it, and one for each group where it names a port."""
        service, hint = self._settings.service_of(workload), self._settings.hint(workload)
        try:
            found = self.service(service, time)
        except NotFoundError as error:
            raise NotFoundError(f"there is no backend service {service[2]} for {workload}", hint=hint) from error
        groups = groups_of(workload, found, hint)
        backends = tuple(Backend(zone, name, url, self._port(workload, found.port_name, zone, name, time)) for zone, name, url in groups)
        return Behind(service, drain_of([found]), backends)

    def members(self, backend: Backend, time: Time) -> "list[compute_v1.InstanceWithNamedPorts]":
        """Its machines."""
        body = {"instance_groups_list_instances_request_resource": {"instance_state": "ALL"}}
        client, asked = self._groups, {**self._group(backend.zone, backend.name), **body, "max_results": PAGE}
        return read(lambda: list(client.list_instances(asked, retry=None, timeout=time.seconds())))

    def health(self, behind: Behind, backend: Backend, time: Time) -> "list[compute_v1.HealthStatus]":
        """What the service's checks found last; none of who is new, or of a service that checks nothing."""
        project, region, name = behind.service
        asked = {"project": project, "backend_service": name, "resource_group_reference_resource": {"group": backend.url}}
        client, where = self._services, {"region": region} if region else {}
        return read(lambda: list(client.get_health({**asked, **where}, retry=None, timeout=time.seconds()).health_status))

    def change(self, verb: str, backend: Backend, instances: Iterable[str], time: Time) -> "compute_v1.Operation":
        """`add` or `remove` them."""
        body = {f"instance_groups_{verb}_instances_request_resource": {"instances": [{"instance": url} for url in instances]}}
        call = getattr(self._groups, f"{verb}_instances_unary")
        asked = {**self._group(backend.zone, backend.name), **body}
        found: compute_v1.Operation = write(lambda: call(asked, retry=None, timeout=time.seconds()))
        return found

    def address_of(self, zone: str, name: str) -> str:
        """What a machine is called in a request."""
        return f"projects/{self._settings.project}/zones/{zone}/instances/{name}"

    def _port(self, workload: WorkloadRef, named: str, zone: str, name: str, time: Time) -> int:
        if named:
            client, asked = self._groups, self._group(zone, name)
            return port_of(read(lambda: client.get(asked, retry=None, timeout=time.seconds())), named)
        if workload.path not in self._settings.ports:
            hint = f"write `ports: {{{workload.path}: PORT}}` at the traffic entry"
            raise SetupError(f"the service of {workload} names no port of its machines", hint=hint)
        return self._settings.ports[workload.path]

    @property
    def _groups(self) -> "compute_v1.InstanceGroupsClient":
        found: compute_v1.InstanceGroupsClient = self._of("InstanceGroupsClient")
        return found

    @property
    def _services(self) -> "compute_v1.BackendServicesClient | compute_v1.RegionBackendServicesClient":
        found: compute_v1.BackendServicesClient = self._of(
            "RegionBackendServicesClient" if self._settings.region else "BackendServicesClient"
        )
        return found

    def _group(self, zone: str, name: str) -> dict[str, Any]:
        return {"project": self._settings.project, "zone": zone, "instance_group": name}
