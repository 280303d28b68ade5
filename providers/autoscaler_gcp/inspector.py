"""Looks at what a pool at Google Cloud rests on: who we are, our clock, permissions, quotas, and what Google does behind us. Reads only."""

from autoscaler.config.secrets import Url
from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import ANYONE, Row, table
from autoscaler_clouds.rest import LARGEST, SECURE, Rest
from autoscaler_gcp.behind import of_group, quotas_of
from autoscaler_gcp.compute_clients import READ_ONLY
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.sign_in import SignIn
from autoscaler_sources.bounded_http import BoundedHttp, Bounds

RESOURCE_MANAGER = Url("https://cloudresourcemanager.googleapis.com")
SCOPES = (READ_ONLY, "https://www.googleapis.com/auth/cloud-platform.read-only")
ROWS = "autoscaler_gcp"
OTHERS = frozenset({"compute.machineTypes.list", "compute.regions.get"})
"""Calls of catalogues and of ours here: no pool needs them."""

OF_TRAFFIC = ("networkEndpointGroups", "instanceGroups", "backendServices", "regionBackendServices")
"""Whose calls are a rotation's: no pool needs them either."""

OF_EITHER = ("instances", "instanceTemplates", "regionInstanceTemplates", "machineTypes")
GRANT = "let the module gcp-roles make the role, or grant it on the project"
QUOTA = "ask Google for more of it: gcloud compute regions describe, and the console's page of quotas"


class GroupInspector:
    """One managed instance group."""

    def __init__(self, settings: GcpPool, site: Site) -> None:
        http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=LARGEST, proxied=True))
        self._settings = settings
        self._site = site
        self._sign_in = SignIn(site, http, SCOPES)
        self._rest = Rest(site.runtime, settings.timeout, self._sign_in.headers, http)
        self._secure = settings.url.text.startswith(SECURE)
        self._project = f"{settings.url.text.rstrip('/')}/compute/v1/projects/{settings.project}"

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """Each call has its own time; there are four."""
        del deadline
        found = Findings(f"pool {self._site.name}", f"gcp {self._settings.project}")
        if found.part("identity", lambda: self._who(found)) and found.part("group", lambda: self._group(found)):
            found.guess("permissions", lambda: self._granted(found))
            found.guess("quota", lambda: self._quotas(found))
        return tuple(found.found)

    def _who(self, found: Findings) -> None:
        if not self._secure:
            found.fine("identity", "nobody: over plain http nobody signs in")
            return
        self._sign_in.headers(self._settings.timeout)
        found.fine("identity", f"we are {self._sign_in.who or 'signed in, as whom Google does not tell'}")

    def _group(self, found: Findings) -> None:
        settings = self._settings
        kind, place = ("region", settings.region) if settings.region else ("zone", settings.zone)
        told = self._rest.get(f"{self._project}/{kind}s/{place}/instanceGroupManagers/{settings.instance_group}")
        found.clock(told.date, self._site.runtime.now())
        of_group(told.body, f"--{kind} {place}", found)

    def _granted(self, found: Findings) -> None:
        """Of the project: what a group alone is granted is not seen."""
        rows = rows_of_pool(table(ROWS), regional=bool(self._settings.region))
        wanted = sorted({row.permission for row in rows})
        manager = (RESOURCE_MANAGER if self._secure else self._settings.url).text.rstrip("/")
        told = self._rest.post(f"{manager}/v3/projects/{self._settings.project}:testIamPermissions", {"permissions": wanted})
        have = told.body.get("permissions", [])
        found.permissions(rows, {*wanted} - {*(have if isinstance(have, list) else [])}, GRANT)

    def _quotas(self, found: Findings) -> None:
        region = self._settings.region or self._settings.zone.rpartition("-")[0]
        found.quotas(quotas_of(self._rest.get(f"{self._project}/regions/{region}").body), QUOTA, region=region)


def rows_of_pool(rows: tuple[Row, ...], *, regional: bool) -> list[Row]:
    """What a group of a region needs, or one of a zone, to be seen and to be changed."""
    here = [row for row in rows if row.call.startswith("compute.")]
    found = [(row, row.call.split(".")[1]) for row in here if row.role != ANYONE and row.call not in OTHERS]
    ours = [(row, resource) for row, resource in found if resource not in OF_TRAFFIC]
    return [row for row, resource in ours if resource in OF_EITHER or resource.startswith("region") == regional]
