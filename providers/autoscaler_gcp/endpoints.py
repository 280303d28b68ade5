"""What Compute Engine says of endpoints of a group, as a rotation: pure.

https://cloud.google.com/compute/docs/reference/rest/v1/networkEndpointGroups/listNetworkEndpoints
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState
from autoscaler_clouds.addresses import joined_address

if TYPE_CHECKING:
    from google.cloud import compute_v1

HEALTHY, DRAINING = "HEALTHY", "DRAINING"
SERVICE = re.compile(r"(?:.*/)?projects/([^/]+)/(?:global|regions/([^/]+))/backendServices/([^/]+)")
Service = tuple[str, str, str]
"""Project, region (none of a global one) and name."""

SLACK = Duration(60_000)
"""Beside the time-out: https://cloud.google.com/load-balancing/docs/enabling-connection-draining"""


def address_of(found: "compute_v1.NetworkEndpointWithHealthStatus") -> str:
    """host:port."""
    return joined_address(found.network_endpoint.ip_address, found.network_endpoint.port)


def is_draining(found: "compute_v1.NetworkEndpointWithHealthStatus") -> bool:
    """Whether it was detached, and is still shown."""
    return any(one.health_state == DRAINING for one in found.healths)


def member(workload: WorkloadRef, found: "compute_v1.NetworkEndpointWithHealthStatus") -> Member:
    """Up where every service that checks it finds it healthy, and one does. Google tells no sessions of single endpoints."""
    return Member(
        workload=workload,
        address=address_of(found),
        state=MemberState.DRAINING if is_draining(found) else MemberState.READY,
        sessions=None,
        up=bool(found.healths) and all(one.health_state == HEALTHY for one in found.healths),
    )


def services_of(found: "Iterable[compute_v1.NetworkEndpointWithHealthStatus]") -> list[Service]:
    """The backend services that check them."""
    urls = {one.backend_service.backend_service for each in found for one in each.healths}
    matches = filter(None, map(SERVICE.fullmatch, sorted(urls)))
    return [(match[1], match[2] or "", match[3]) for match in matches]


def drain_of(services: "Iterable[compute_v1.BackendService]") -> Duration:
    """The longest time-out of those a group belongs to is the one that counts."""
    seconds = max((one.connection_draining.draining_timeout_sec for one in services), default=0)
    return Duration(seconds * 1000 + SLACK.ms)
