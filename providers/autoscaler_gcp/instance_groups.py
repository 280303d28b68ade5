"""What Compute Engine says of instance groups behind a backend service, as a rotation: pure.

https://cloud.google.com/load-balancing/docs/backend-service#backends
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState
from autoscaler_clouds.addresses import joined_address
from autoscaler_gcp.endpoints import HEALTHY, Service

if TYPE_CHECKING:
    from google.cloud import compute_v1

ZONAL = re.compile(r"(?:.*/)?zones/([^/]+)/instanceGroups/([^/]+)")
REGIONAL = re.compile(r"(?:.*/)?regions/([^/]+)/instanceGroups/([^/]+)")
UNMANAGED = "members of a managed group come and go with it: make an unmanaged group in each zone, and let it be the backend"


@dataclass(frozen=True, slots=True)
class Backend:
    """An instance group behind a service, and the port of its machines that the service sends to. `url`: as the service calls it."""

    zone: str
    name: str
    url: str
    port: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A workload's service, how long it drains, and what is behind it."""

    service: Service
    drain: Duration
    backends: tuple[Backend, ...]


def groups_of(workload: WorkloadRef, service: "compute_v1.BackendService", hint: str) -> list[tuple[str, str, str]]:
    """Zone, name and address of each; SetupError where machines can neither be put in nor taken out."""
    urls = [one.group for one in service.backends]
    if managed := next(filter(None, map(REGIONAL.fullmatch, urls)), None):
        raise SetupError(f"group {managed[2]} behind {workload} is over a region, so it is a managed one", hint=UNMANAGED)
    found = [(match[1], match[2], url) for url in urls if (match := ZONAL.fullmatch(url))]
    if not found:
        raise NotFoundError(f"no instance group is a backend of service {service.name} for {workload}", hint=hint)
    return found


def port_of(group: "compute_v1.InstanceGroup", named: str) -> int:
    """The one of that name."""
    ports = {one.port for one in group.named_ports if one.name == named}
    if len(ports) != 1:
        hint = f"gcloud compute instance-groups set-named-ports {group.name} --named-ports {named}:PORT"
        raise SetupError(f"instance group {group.name} has {len(ports)} ports called {named}, and must have one", hint=hint)
    return ports.pop()


def named(url: str) -> str:
    """The last part of an address."""
    return url.rpartition("/")[2]


def hosts_of(machines: Mapping[str, str]) -> dict[str, str]:
    """By name, the address of each machine's first interface, which balancers send to. `machines`: names by address, of all interfaces."""
    return {name: host for host, name in reversed(list(machines.items()))}


def addresses(
    backend: Backend, there: "Iterable[compute_v1.InstanceWithNamedPorts]", hosts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The address of each of its machines, and what Google calls it; a machine that has none any more goes by that. `hosts`: by name."""
    for one in there:
        name = named(one.instance)
        yield joined_address(hosts.get(name, name), backend.port), one.instance


def member(workload: WorkloadRef, address: str, states: Iterable[str]) -> Member:
    """Up where each check of it finds it healthy, and there is one. Google tells no sessions of single machines."""
    told = list(states)
    up = bool(told) and all(one == HEALTHY for one in told)
    return Member(workload=workload, address=address, state=MemberState.READY, sessions=None, up=up)
