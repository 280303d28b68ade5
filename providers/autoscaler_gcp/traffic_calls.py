"""What traffic at Google asks whichever kind of backend it has: services, machines by address, and how far a change is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from autoscaler.config.secrets import Url
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, NoCapacityError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler_gcp.calls import LATER, LONGEST, QUOTA_HINT, read
from autoscaler_gcp.compute_clients import SdkClients
from autoscaler_gcp.endpoints import Service
from autoscaler_gcp.group_api import PAGE, Time

if TYPE_CHECKING:
    from google.cloud import compute_v1

Found = TypeVar("Found")
STOPPED = ("STOPPING", "SUSPENDING", "SUSPENDED", "TERMINATED")
"""A machine that cannot answer."""

PAUSE = Duration(500)
FULL = ("QUOTA", "LIMIT_EXCEEDED")


class TrafficCalls(SdkClients):
    """Of one project."""

    def __init__(self, project: str, url: Url, scope: str) -> None:
        super().__init__(url, scope)
        self._project = project

    def operation(self, name: str, zone: str, time: Time) -> "compute_v1.Operation":
        """How far what was asked for is. The SDK's own waiting asks the public address, whatever address we were given."""
        client: compute_v1.ZoneOperationsClient = self._of("ZoneOperationsClient")
        asked = {"project": self._project, "zone": zone, "operation": name}
        return read(lambda: client.get(asked, retry=None, timeout=time.seconds()))

    def service(self, service: Service, time: Time) -> "compute_v1.BackendService":
        """A backend service, of a region or of none."""
        project, region, name = service
        asked = {"project": project, "backend_service": name}
        if region:
            regional: compute_v1.RegionBackendServicesClient = self._of("RegionBackendServicesClient")
            return read(lambda: regional.get({**asked, "region": region}, retry=None, timeout=time.seconds()))
        client: compute_v1.BackendServicesClient = self._of("BackendServicesClient")
        return read(lambda: client.get(asked, retry=None, timeout=time.seconds()))

    def machines(self, zone: str, time: Time) -> dict[str, str]:
        """Private address to the name of the machine that has it, of those of a zone that may answer: a call for each five hundred."""
        client: compute_v1.InstancesClient = self._of("InstancesClient")
        asked = {"project": self._project, "zone": zone, "max_results": PAGE}
        found = read(lambda: list(client.list(asked, retry=None, timeout=time.seconds())))
        return {door.network_i_p: one.name for one in found if one.status not in STOPPED for door in one.network_interfaces}


def known(what: str, seen: Found | Unknown) -> Found:
    """What was seen; UnavailableError where it could not be."""
    if isinstance(seen, Unknown):
        raise UnavailableError(f"{what} could not be read: {seen.detail or seen.why}", hint=LATER)
    return seen


def finish(calls: TrafficCalls, runtime: Runtime, operation: "compute_v1.Operation", zone: str, time: Time) -> None:
    """Wait for its end, while there is time; what is not known by then shows when the group is read."""
    for latest in _looks(calls, runtime, operation, zone, time):
        for error in latest.error.errors:
            raise _failed(error.code, error.message)
        if latest.status == latest.Status.DONE:
            return


def _looks(
    calls: TrafficCalls, runtime: Runtime, operation: "compute_v1.Operation", zone: str, time: Time
) -> "Iterator[compute_v1.Operation]":
    yield operation
    while time.left > 2 * PAUSE.ms:
        runtime.sleep(PAUSE)
        try:
            latest = calls.operation(operation.name, zone, time)
        except AutoscalerError:  # what was accepted stays so, whatever befalls the question how it goes
            continue
        yield latest


def _failed(code: str, words: str) -> AutoscalerError:
    said = f"Google says: {code}: {words}"[:LONGEST]
    if any(word in code for word in FULL):
        return NoCapacityError(said, hint=QUOTA_HINT)
    return SetupError(said, hint="see the group's settings at Google")
