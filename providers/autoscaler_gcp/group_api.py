"""The calls by which a group, its members and what they are made from are read. All end in time; none is repeated by the SDK."""

import re
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_gcp.calls import LATER, read
from autoscaler_gcp.compute_clients import ComputeClients
from autoscaler_gcp.pool_settings import GcpPool

if TYPE_CHECKING:
    from google.cloud import compute_v1

PAGE = 500
MOST_FAILURES = 4 * PAGE
TEMPLATE = re.compile(r"(?:.*/)?projects/([^/]+)/(?:global|regions/([^/]+))/instanceTemplates/([^/]+)")


class Time:
    """What is left of a deadline, call by call."""

    def __init__(self, runtime: Runtime, deadline: Duration, timeout: Duration) -> None:
        self._runtime = runtime
        self._timeout = timeout
        self._ends = runtime.monotonic() + deadline.ms

    @property
    def left(self) -> int:
        """Milliseconds; below zero when it is over."""
        return self._ends - self._runtime.monotonic()

    def seconds(self) -> float:
        """For the next call. UnavailableError when there are none: it is not sent."""
        if self.left <= 0:
            raise UnavailableError("no time was left to ask Compute Engine", hint=LATER)
        return min(self._timeout.ms, self.left) / 1000


class GroupApi:
    """One group, read."""

    def __init__(self, settings: GcpPool, scope: str) -> None:
        self._project = settings.project
        place = {"region": settings.region} if settings.region else {"zone": settings.zone}
        self._place = {"project": settings.project, **place}
        self.clients = ComputeClients(settings, scope)
        self.address = {**self._place, "instance_group_manager": settings.instance_group}

    def group(self, time: Time) -> "compute_v1.InstanceGroupManager":
        """The group itself."""
        client = self.clients.groups
        return read(lambda: client.get(self.address, retry=None, timeout=time.seconds()))

    def members(self, time: Time) -> "list[compute_v1.ManagedInstance]":
        """All of them, with what the group does to each; by pages where the group is set so."""
        client, asked = self.clients.groups, {**self.address, "max_results": PAGE}
        return read(lambda: list(client.list_managed_instances(asked, retry=None, timeout=time.seconds())))

    def failures(self, time: Time) -> "list[compute_v1.InstanceManagedByIgmError]":
        """What lately went wrong with machines, also with those that are no members any more."""
        client, asked = self.clients.groups, {**self.address, "max_results": PAGE}
        found = read(lambda: client.list_errors(asked, retry=None, timeout=time.seconds()))
        return read(lambda: [one for one, _ in zip(found, range(MOST_FAILURES), strict=False)])

    def machines(self, zone: str, base: str, time: Time) -> "list[compute_v1.Instance]":
        """Machines of a zone whose names begin as this group's do."""
        client = self.clients.instances
        asked = {"project": self._project, "zone": zone, "filter": f'name eq "{base}-.*"', "max_results": PAGE}
        return read(lambda: list(client.list(asked, retry=None, timeout=time.seconds())))

    def template(self, url: str, time: Time) -> "compute_v1.InstanceTemplate":
        """By its address; it never changes."""
        found = TEMPLATE.fullmatch(url)
        if found is None:
            raise SetupError(f"{url[:120]!r} is no instance template", hint="give the group an instance template")
        project, region, name = found.groups()
        asked = {"project": project, "instance_template": name}
        if region:
            client = self.clients.regional_templates
            return read(lambda: client.get({**asked, "region": region}, retry=None, timeout=time.seconds()))
        everywhere = self.clients.templates
        return read(lambda: everywhere.get(asked, retry=None, timeout=time.seconds()))

    def kind(self, name: str, zone: str, time: Time) -> "compute_v1.MachineType":
        """A machine type, as it is in a zone."""
        client = self.clients.kinds
        asked = {"project": self._project, "zone": zone, "machine_type": name}
        return read(lambda: client.get(asked, retry=None, timeout=time.seconds()))

    def operation(self, name: str, time: Time) -> "compute_v1.Operation":
        """How far what was asked for is."""
        client = self.clients.operations
        return read(lambda: client.get({**self._place, "operation": name}, retry=None, timeout=time.seconds()))
