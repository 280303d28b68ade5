"""How Compute Engine says no: of a request at once, and of a machine afterwards.

https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-availability, https://cloud.google.com/compute/api-quota
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from autoscaler_standins.serving import Reply

JSON_TYPE = {"Content-Type": "application/json; charset=UTF-8"}
MESSAGES: Mapping[str, str] = {
    "rateLimitExceeded": "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'compute.googleapis.com'.",
    "forbidden": "Required 'compute.instanceGroupManagers.update' permission for 'projects/p/zones/z/instanceGroupManagers/g'",
    "authError": "Request had invalid authentication credentials. Expected OAuth 2 access token or other valid authentication credential.",
    "backendError": "Internal error. Please try again or contact Google Support.",
    "resourceNotReady": "The resource is not ready",
}


class Refused(Exception):  # noqa: N818 - an answer, which becomes an error at the caller's
    """A request that is refused. `reason`: as in the vendor's list of errors."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(message or MESSAGES.get(reason, reason))
        self.status = status
        self.reason = reason

    def reply(self) -> Reply:
        """As the vendor's JSON."""
        told = {"message": str(self), "domain": "global", "reason": self.reason}
        body = {"error": {"code": self.status, "message": str(self), "errors": [told]}}
        return Reply(body=json.dumps(body).encode(), status=self.status, headers=JSON_TYPE)


def not_found(what: str) -> Refused:
    """`what`: as `projects/p/zones/z/instanceGroupManagers/g`."""
    return Refused(404, "notFound", f"The resource '{what}' was not found")


def invalid(message: str) -> Refused:
    """Of a request that cannot be."""
    return Refused(400, "invalid", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a machine did not come up, or does not go."""

    code: str
    message: str


def sold_out(project: str, zone: str) -> Trouble:
    """No such machine in this zone."""
    where = f"The zone 'projects/{project}/zones/{zone}' does not have enough resources available to fulfill the request."
    return Trouble(code="ZONE_RESOURCE_POOL_EXHAUSTED", message=f"{where}  Try a different zone, or try again later.")


def over_quota(limit: int, region: str) -> Trouble:
    """The project may have no more."""
    return Trouble(code="QUOTA_EXCEEDED", message=f"Quota 'INSTANCES' exceeded.  Limit: {limit}.0 in region {region}.")


BROKEN = Trouble(code="INTERNAL_ERROR", message="Internal error. Please try again or contact Google Support. (Code: '58A3D2F5')")
PROTECTED = Trouble(
    code="INVALID_USAGE",
    message="Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'.",
)
