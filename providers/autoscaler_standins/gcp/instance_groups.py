"""Unmanaged instance groups behind backend services: machines are put in, checked, taken out and drained, each in its time.

https://cloud.google.com/compute/docs/instance-groups/creating-groups-of-unmanaged-instances
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.gcp.words import Refused, invalid
from autoscaler_standins.machines import Condition, Machines

Json = dict[str, Any]
MOST_AT_ONCE = 500


@dataclass(slots=True, kw_only=True)
class InstanceGroup:
    """What a group is made with, and who is in it since when.

    `ports`: by name. `service`: the backend service it belongs to; `region`: where that is, if not everywhere; `sends_to`: the port it
    names, if any. `draining`, `checks`, `sick`: as of endpoints. `managed`: its members come and go with it. `left`: when they went.
    """

    name: str
    zone: str
    ports: Mapping[str, int] = field(default_factory=lambda: {"http": 8080})
    service: str = "web"
    region: str = ""
    sends_to: str = "http"
    draining: Duration = Duration(300_000)
    checks: Duration = Duration(10_000)
    managed: bool = False
    members: dict[str, Instant] = field(default_factory=dict)
    left: dict[str, Instant] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)


@dataclass(slots=True)
class InstanceGroups:
    """All of one project, by zone and name. `base`: begins the addresses of what is in it."""

    machines: Machines
    base: str
    all: dict[tuple[str, str], InstanceGroup] = field(default_factory=dict)

    def add(self, groups: Iterable[InstanceGroup]) -> None:
        """Further ones."""
        self.all |= {(group.zone, group.name): group for group in groups}

    def age(self) -> None:
        """Forget machines that are gone, and who has drained."""
        now = self.machines.clock.now()
        for group in self.all.values():
            group.members = {name: at for name, at in group.members.items() if self._there(name)}
            group.left = {name: at for name, at in group.left.items() if later(at, group.draining) > now}

    def put(self, group: InstanceGroup, instances: Iterable[str]) -> None:
        """All of them or none."""
        names = self._named(group, instances)
        for name in names:
            machine = self.machines.all.get(name)
            if machine is None or machine.zone != group.zone or not self._there(name):
                raise Refused(404, "notFound", f"The resource 'zones/{group.zone}/instances/{name}' was not found")
            if name in group.members:
                raise Refused(400, "memberAlreadyExists", f"The resource '{name}' is already a member of '{group.name}'")
        for name in names:
            group.members[name] = self.machines.clock.now()
            group.left.pop(name, None)

    def take(self, group: InstanceGroup, instances: Iterable[str]) -> None:
        """All of them or none; their connections drain."""
        names = self._named(group, instances)
        for name in names:
            if name not in group.members:
                raise Refused(400, "memberNotFound", f"The resource '{name}' is not a member of '{group.name}'")
        for name in names:
            del group.members[name]
            group.left[name] = self.machines.clock.now()
        self.age()

    def shown(self, group: InstanceGroup) -> Json:
        """An InstanceGroup."""
        return {
            "kind": "compute#instanceGroup",
            "name": group.name,
            "namedPorts": self._ports(group),
            "size": len(group.members),
            "zone": f"{self.base}/zones/{group.zone}",
            "selfLink": self.url(group),
        }

    def listed(self, group: InstanceGroup) -> list[Json]:
        """Its members, each an InstanceWithNamedPorts."""
        states = {Condition.BOOTING: "STAGING", Condition.RUNNING: "RUNNING"}
        return [
            {
                "instance": f"{self.base}/zones/{group.zone}/instances/{name}",
                "status": states.get(self.machines.all[name].condition, "STOPPING"),
                "namedPorts": self._ports(group),
            }
            for name in group.members
        ]

    def health(self, group: InstanceGroup) -> list[Json]:
        """Of those whose first checks are over."""
        now = self.machines.clock.now()
        checked = [name for name, since in group.members.items() if later(since, group.checks) <= now]
        return [
            {
                "instance": f"{self.base}/zones/{group.zone}/instances/{name}",
                "ipAddress": self.machines.all[name].address,
                "port": group.ports.get(group.sends_to, 80),
                "healthState": "HEALTHY" if self._well(group, name) else "UNHEALTHY",
            }
            for name in checked
        ]

    def behind(self, service: str, region: str) -> list[InstanceGroup]:
        """The backends of a service."""
        return [one for one in self.all.values() if (one.service, one.region) == (service, region)]

    def service(self, name: str, region: str) -> Json | None:
        """A BackendService with the groups that belong to it."""
        groups = self.behind(name, region)
        if not groups:
            return None
        named = {"portName": groups[0].sends_to} if groups[0].sends_to else {}
        return {
            "kind": "compute#backendService",
            "name": name,
            "selfLink": f"{self.base}/{f'regions/{region}' if region else 'global'}/backendServices/{name}",
            "backends": [{"group": self.url(one)} for one in groups],
            "connectionDraining": {"drainingTimeoutSec": max(one.draining.ms for one in groups) // 1000},
        } | named

    def url(self, group: InstanceGroup) -> str:
        """Where it is: one over a region is managed."""
        where = f"zones/{group.zone}" if group.zone.count("-") > 1 else f"regions/{group.zone}"
        return f"{self.base}/{where}/instanceGroups/{group.name}"

    def _named(self, group: InstanceGroup, instances: Iterable[str]) -> list[str]:
        names = [one.rpartition("/")[2] for one in instances]
        if group.managed:
            raise invalid(f"Invalid value for field 'instanceGroup': '{group.name}'. Operation not supported on managed instance groups.")
        if not 0 < len(names) <= MOST_AT_ONCE:
            raise invalid(f"Invalid value for field 'instances': {len(names)} of them.")
        return names

    def _well(self, group: InstanceGroup, name: str) -> bool:
        return self.machines.all[name].condition is Condition.RUNNING and name not in group.sick

    def _there(self, name: str) -> bool:
        machine = self.machines.all.get(name)
        return machine is not None and machine.condition is not Condition.GONE

    @staticmethod
    def _ports(group: InstanceGroup) -> list[Json]:
        return [{"name": name, "port": port} for name, port in group.ports.items()]
