"""What a policy file says of network endpoint groups: `traffic: {edge: {neg: {project: shop-prod, zones: [europe-west4-a]}}}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.config.secrets import Url
from autoscaler.errors import NotFoundError, PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_gcp.pool_settings import COMPUTE, GROUP, ZONE, check_reach
from autoscaler_gcp.settings import PROJECT

NAMES = "write its name alone, as `gcloud compute network-endpoint-groups list` shows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpTraffic:
    """`zones`: where replicas may run; a workload has a group of one name in each of them.

    `groups`: workload path to that name, where it is not named as the workload. `url`: where Compute Engine is reached. `timeout`: of one
    call. Who we are is found as every Google client does, never in the policy file.
    """

    project: str
    zones: tuple[str, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    url: Url = COMPUTE
    timeout: Duration = Duration(4000)

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        wrong = [zone for zone in self.zones if not ZONE.fullmatch(zone)]
        if wrong or not self.zones:
            raise PolicyError(f"{wrong[0][:40]!r} is no zone" if wrong else "no zone is named", hint="write zones: [europe-west4-a]")
        for path, group in self.groups.items():
            if not GROUP.fullmatch(group):
                raise PolicyError(f"{group[:70]!r}, of {path[:60]}, is no network endpoint group", hint=NAMES)
        check_reach(self.url, self.timeout)

    def group_of(self, workload: WorkloadRef) -> str:
        """The name of the workload's groups; NotFoundError where none can be called as the workload is."""
        found = self.groups.get(workload.path, workload.name)
        if not GROUP.fullmatch(found):
            raise NotFoundError(f"no network endpoint group can be called {found[:60]!r}, as {workload} is", hint=self.hint(workload))
        return found

    @staticmethod
    def hint(workload: WorkloadRef) -> str:
        """What to write for a workload whose group was not found."""
        return f"write `groups: {{{workload.path}: NAME}}` at the traffic entry, and see that each of its zones has a group of that name"
