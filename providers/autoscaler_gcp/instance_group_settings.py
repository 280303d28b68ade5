"""What a policy file says of instance groups behind backend services: `traffic: {edge: {instance_group: {project: shop-prod}}}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from autoscaler.config.markers import Least
from autoscaler.config.secrets import Url
from autoscaler.errors import NotFoundError, PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_clouds.addresses import HIGHEST_PORT
from autoscaler_gcp.endpoints import Service
from autoscaler_gcp.pool_settings import COMPUTE, GROUP, REGION, check_reach
from autoscaler_gcp.settings import PROJECT

NAMES = "write its name alone, as `gcloud compute backend-services list` shows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpGroupTraffic:
    """`region`: where the backend services are, if not everywhere.

    `services`: workload path to its backend service, where that is not named as the workload. `ports`: workload path to the port of a
    machine that its service sends to, where the service names none. `url`, `timeout`: as of a pool.
    """

    project: str
    region: str = ""
    services: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, Annotated[int, Least(1)]] = field(default_factory=dict)
    url: Url = COMPUTE
    timeout: Duration = Duration(4000)

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        if self.region and not REGION.fullmatch(self.region):
            raise PolicyError(f"{self.region[:40]!r} is no region", hint="write europe-west4, or leave it out for global backend services")
        for path, service in self.services.items():
            if not GROUP.fullmatch(service):
                raise PolicyError(f"{service[:70]!r}, of {path[:60]}, is no backend service", hint=NAMES)
        for path, port in self.ports.items():
            if port > HIGHEST_PORT:
                raise PolicyError(f"{port}, of {path[:60]}, is no port", hint=f"a port is 1 to {HIGHEST_PORT}")
        check_reach(self.url, self.timeout)

    def service_of(self, workload: WorkloadRef) -> Service:
        """The workload's; NotFoundError where none can be called as the workload is."""
        found = self.services.get(workload.path, workload.name)
        if not GROUP.fullmatch(found):
            raise NotFoundError(f"no backend service can be called {found[:60]!r}, as {workload} is", hint=self.hint(workload))
        return self.project, self.region, found

    @staticmethod
    def hint(workload: WorkloadRef) -> str:
        """What to write for a workload whose service was not found."""
        return f"write `services: {{{workload.path}: NAME}}` at the traffic entry, and `region:` where the services are a region's"
