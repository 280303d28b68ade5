"""Zonal network endpoint groups: endpoints are attached, checked, detached and drained, each in its time.

https://cloud.google.com/load-balancing/docs/negs/zonal-neg-concepts
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.gcp.words import Trouble, invalid
from autoscaler_standins.machines import Condition, Machine, Machines

Json = dict[str, Any]
MOST_AT_ONCE = 500
"""Endpoints in one request."""

Place = tuple[str, int]
"""An address and a port."""


@dataclass(slots=True)
class Endpoint:
    """`left_at`: when it was detached."""

    instance: str
    attached_at: Instant
    left_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class EndpointGroup:
    """What a group is made with, and who is in it.

    `service`: the backend service it belongs to, if any; `region`: where that is, if not everywhere. `draining`: its time-out. `checks`:
    how long the first health checks of an endpoint take. `shows`: it lists endpoints while they drain. `most`: that it may have. `sick`:
    endpoints whose checks fail although their machine runs.
    """

    name: str
    zone: str
    service: str = "web"
    region: str = ""
    draining: Duration = Duration(300_000)
    checks: Duration = Duration(10_000)
    shows: bool = True
    most: int = 10_000
    endpoints: dict[Place, Endpoint] = field(default_factory=dict)
    sick: set[Place] = field(default_factory=set)


@dataclass(slots=True)
class EndpointGroups:
    """All of one project, by zone and name. `base`: begins the addresses of what is in it."""

    machines: Machines
    base: str
    all: dict[tuple[str, str], EndpointGroup] = field(default_factory=dict)

    def add(self, groups: Iterable[EndpointGroup]) -> None:
        """Further ones."""
        self.all |= {(group.zone, group.name): group for group in groups}

    def age(self) -> None:
        """Let go of those whose time is over."""
        now = self.machines.clock.now()
        for group in self.all.values():
            ended = [
                place for place, one in group.endpoints.items() if one.left_at is not None and later(one.left_at, group.draining) <= now
            ]
            for place in ended:
                del group.endpoints[place]

    def attach(self, group: EndpointGroup, asked: Iterable[Json]) -> Trouble | None:
        """All of them or none; one that drains is taken back, and who is there already is let be."""
        wanted = {_place(one): str(one.get("instance", "")).rpartition("/")[2] for one in asked}
        for place, instance in wanted.items():
            machine = self.machines.all.get(instance)
            if machine is None or machine.zone != group.zone or machine.condition is Condition.GONE:
                raise invalid(f"Invalid value for field 'networkEndpoints[].instance': '{instance}'. It must be a VM in zone {group.zone}.")
            if machine.address != place[0]:
                raise invalid(f"Invalid value for field 'networkEndpoints[].ipAddress': '{place[0]}'. It is no address of '{instance}'.")
        if len({*group.endpoints, *wanted}) > group.most:
            return Trouble(code="LIMIT_EXCEEDED", message=f"Exceeded limit 'NETWORK_ENDPOINTS_PER_NEG' of {group.most}.")
        for place, instance in wanted.items():
            known = group.endpoints.get(place)
            if known is None or known.left_at is not None:
                group.endpoints[place] = Endpoint(instance, self.machines.clock.now())
        return None

    def detach(self, group: EndpointGroup, asked: Iterable[Json]) -> Trouble | None:
        """Their connections drain. An endpoint that is not there is an error of the request."""
        places = [_place(one) for one in asked]
        strange = [place for place in places if place not in group.endpoints or group.endpoints[place].left_at is not None]
        if strange:
            raise invalid(
                f"Invalid value for field 'networkEndpoints': the network endpoint {strange[0][0]}:{strange[0][1]} does not exist."
            )
        for place in places:
            group.endpoints[place].left_at = self.machines.clock.now()
        self.age()
        return None

    def listed(self, group: EndpointGroup, *, health: bool) -> list[Json]:
        """Those it shows."""
        there = [(place, one) for place, one in group.endpoints.items() if one.left_at is None or group.shows]
        return [self._shown(group, place, one, health=health) for place, one in there]

    def gets_new(self, group: EndpointGroup, place: Place) -> bool:
        """Whether an endpoint is sent new requests: what no API tells."""
        found = group.endpoints.get(place)
        return found is not None and self._health(group, place, found) == "HEALTHY"

    def draining(self, group: EndpointGroup) -> list[str]:
        """Addresses of those whose connections may still be open."""
        return [f"{host}:{port}" for (host, port), one in group.endpoints.items() if one.left_at is not None]

    def service(self, name: str, region: str) -> Json | None:
        """A BackendService with the groups that belong to it."""
        groups = [one for one in self.all.values() if (one.service, one.region) == (name, region)]
        if not groups:
            return None
        return {
            "kind": "compute#backendService",
            "name": name,
            "selfLink": self._service_url(groups[0]),
            "backends": [{"group": f"{self.base}/zones/{one.zone}/networkEndpointGroups/{one.name}"} for one in groups],
            "connectionDraining": {"drainingTimeoutSec": max(one.draining.ms for one in groups) // 1000},
        }

    def _shown(self, group: EndpointGroup, place: Place, endpoint: Endpoint, *, health: bool) -> Json:
        url = f"{self.base}/zones/{group.zone}/instances/{endpoint.instance}"
        shown: Json = {"networkEndpoint": {"instance": url, "ipAddress": place[0], "port": place[1]}}
        if health and group.service:
            service = {"backendService": self._service_url(group)}
            shown["healths"] = [{"backendService": service, "healthState": self._health(group, place, endpoint)}]
        return shown

    def _health(self, group: EndpointGroup, place: Place, endpoint: Endpoint) -> str:
        machine: Machine | None = self.machines.all.get(endpoint.instance)
        if endpoint.left_at is not None:
            return "DRAINING"
        if self.machines.clock.now() < later(endpoint.attached_at, group.checks):
            return "UNKNOWN"
        up = machine is not None and machine.condition is Condition.RUNNING and place not in group.sick
        return "HEALTHY" if up else "UNHEALTHY"

    def _service_url(self, group: EndpointGroup) -> str:
        where = f"regions/{group.region}" if group.region else "global"
        return f"{self.base}/{where}/backendServices/{group.service}"


def _place(endpoint: Json) -> Place:
    return str(endpoint.get("ipAddress", "")), int(endpoint.get("port", 0))
