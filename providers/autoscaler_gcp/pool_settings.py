"""What a policy file says of a managed instance group: `gcp: {project: shop-prod, zone: europe-west4-a, instance_group: shop-general}`."""

import re
from dataclasses import dataclass

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.constraints import Taint
from autoscaler.model.quantities import Duration
from autoscaler_clouds.kinds import Furnishing, KindSpec, Labels, Reserve
from autoscaler_gcp.settings import PROJECT

COMPUTE = Url("https://compute.googleapis.com")
GROUP = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
REGION = re.compile(r"[a-z]{2,20}(-[a-z]{2,20}){0,2}-?[a-z]{2,20}[0-9]{1,2}")
ZONE = re.compile(REGION.pattern + r"-[a-z]")


def check_reach(url: Url, timeout: Duration) -> None:
    """PolicyError for what cannot be called."""
    if not url.text.startswith(("http://", "https://")) or "?" in url.text or "#" in url.text:
        raise PolicyError("Compute Engine is reached by http or https", hint=f"write {COMPUTE}, or leave it out")
    if not timeout.ms:
        raise PolicyError("a call without time has no answer", hint="write `timeout: 4s`, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpPool:
    """A managed instance group, of one `zone` or over a `region`.

    `url`: where Compute Engine is reached. `timeout`: of one call. `types`: what its machines have and cost; what it does not say comes of
    the catalogue, else of Google, without a price. `reserve`: what each node keeps for itself. `labels`, `taints`: of its nodes at their
    orchestrator, beside machine type and zone. Who we are is found as every Google client does, never in the policy file.
    """

    project: str
    instance_group: str
    zone: str = ""
    region: str = ""
    url: Url = COMPUTE
    timeout: Duration = Duration(4000)
    types: tuple[KindSpec, ...] = ()
    reserve: Reserve = Reserve()
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        if not GROUP.fullmatch(self.instance_group):
            hint = "write its name alone, as `gcloud compute instance-groups managed list` shows it"
            raise PolicyError(f"{self.instance_group[:70]!r} is no instance group", hint=hint)
        if bool(self.zone) == bool(self.region):
            raise PolicyError("a group is in one zone, or over a region", hint="write either zone: europe-west4-a or region: europe-west4")
        if self.zone and not ZONE.fullmatch(self.zone):
            raise PolicyError(f"{self.zone[:40]!r} is no zone", hint="write europe-west4-a; a group over its region has `region:` instead")
        if self.region and not REGION.fullmatch(self.region):
            raise PolicyError(f"{self.region[:40]!r} is no region", hint="write europe-west4; a group in one zone has `zone:` instead")
        check_reach(self.url, self.timeout)

    @property
    def furnishing(self) -> Furnishing:
        """What its nodes have in common."""
        return Furnishing(reserve=self.reserve, labels=self.labels, taints=self.taints)
