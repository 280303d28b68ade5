"""What a test does to a real Swarm as its user would, and reads back as a bystander."""

import contextlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from autoscaler.errors import ProviderError
from autoscaler_lab import engine_api
from autoscaler_lab.layout import LabSpec

Json = dict[str, Any]
LIVE = ("running", "ready")
CLEAN = {"Availability": "active", "Labels": {}}


class Swarm:
    """The Swarm of a lab, through its manager."""

    def __init__(self, spec: LabSpec) -> None:
        self._spec = spec
        self._socket = spec.engine(1).socket

    def create(
        self,
        name: str,
        image: str,
        replicas: int,
        *,
        cpu: int = 100,
        memory: int = 64 * 2**20,
        well: int = 0,
        placement: Json | None = None,
    ) -> None:
        """A service with a host-mode port that each engine picks; `cpu` in milli-cores, `memory` in bytes, reserved.

        `well`: only the replicas in the first so many slots ever get healthy; 0 is all. `placement`: constraints and most per node.
        """
        body = {
            "Name": name,
            "Mode": {"Replicated": {"Replicas": replicas}},
            "TaskTemplate": {
                "ContainerSpec": {"Image": image, "StopGracePeriod": 10 * 10**9, "Env": ["SLOT={{.Task.Slot}}", f"WELL={well}"]},
                "Placement": placement or {},
                "Resources": {"Reservations": {"NanoCPUs": cpu * 10**6, "MemoryBytes": memory}},
            },
            "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"TargetPort": 8080, "PublishMode": "host"}]},
        }
        self._post("/services/create", body)

    def spec(self, name: str) -> Json:
        """What the service is told to be."""
        found: Json = self._one(f"/services/{name}")["Spec"]
        return found

    def updating(self, name: str) -> bool:
        """Whether a roll-out is under way."""
        return bool((self._one(f"/services/{name}").get("UpdateStatus") or {}).get("State") == "updating")

    def deploy(self, name: str, env: str, fields: Json) -> None:
        """A roll-out of another environment, as its user would order it; `fields` of the specification are replaced with it."""

        def edit(spec: Json) -> Json:
            container = {**spec["TaskTemplate"]["ContainerSpec"]}
            container["Env"] = [*container["Env"], env]
            return {**spec, **fields, "TaskTemplate": {**spec["TaskTemplate"], "ContainerSpec": container}}

        self._update(f"/services/{name}", edit)

    def scale(self, name: str, replicas: int) -> None:
        """Another count, as its user would order it."""
        self._update(f"/services/{name}", lambda spec: {**spec, "Mode": {"Replicated": {"Replicas": replicas}}})

    def tidy(self) -> None:
        """As new: no service, all nodes open, no mark of anybody, also not that of an owner."""
        for service in self._get("/services"):
            self.remove(service["ID"])
        there = (node for node in self._get("/nodes") if node["Status"]["State"] == "ready")  # others may be taken off the list meanwhile
        for node in there:
            self._update(f"/nodes/{node['ID']}", lambda spec: {**spec, **CLEAN})
        self._update("/swarm", lambda spec: {**spec, "Labels": {}})

    def remove(self, name: str) -> None:
        """The service goes; gone already is fine."""
        with contextlib.suppress(ProviderError):
            engine_api.call(self._socket, "DELETE", f"/services/{name}")

    def set_availability(self, hostname: str, value: str) -> None:
        """`active`, `pause` or `drain`."""
        self._update(f"/nodes/{self._node(hostname)['ID']}", lambda spec: {**spec, "Availability": value})

    def nodes(self) -> dict[str, str]:
        """Hostname to state, of all nodes the manager has on its list."""
        return {_hostname(node): node["Status"]["State"] for node in self._get("/nodes")}

    def sizes(self) -> set[tuple[int, int]]:
        """Processor time in billionths of a core and memory in bytes, as the nodes say they have it."""
        all_ = [node["Description"]["Resources"] for node in self._get("/nodes")]
        return {(int(one["NanoCPUs"]), int(one["MemoryBytes"])) for one in all_}

    def running(self, service: str) -> dict[str, tuple[str, int]]:
        """Task id to address and port, of the tasks whose containers run and are healthy.

        The port is 0 where the Swarm does not tell: it takes it off the list 2 s before it sends SIGTERM.
        """
        addresses = self._addresses()
        return {
            task["ID"]: (addresses[task["NodeID"]], _port(task)) for task in self._tasks(service) if task["Status"]["State"] == "running"
        }

    def placed(self, service: str) -> dict[str, list[str]]:
        """Hostname to the tasks meant to run there."""
        names = {node["ID"]: _hostname(node) for node in self._get("/nodes")}
        found: dict[str, list[str]] = {}
        for task in self._tasks(service):
            if task["DesiredState"] in LIVE and task["Status"]["State"] == "running":
                found.setdefault(names[task["NodeID"]], []).append(task["ID"])
        return found

    def _addresses(self) -> dict[str, str]:
        # By hostname: a manager gives its own address as 0.0.0.0.
        prefix = f"{self._spec.prefix}-"
        names = {node["ID"]: _hostname(node) for node in self._get("/nodes")}
        return {node: self._spec.engine(int(name.removeprefix(prefix))).address for node, name in names.items() if name}

    def _update(self, path: str, edit: Callable[[Json], Json]) -> None:
        """Somebody may write in between: the user's client says so, and the user repeats it."""
        for left in (2, 1, 0):
            found = self._one(path)
            target = path if path == "/swarm" else f"{path.rpartition('/')[0]}/{found['ID']}"
            try:
                self._post(f"{target}/update?version={found['Version']['Index']}", edit(found["Spec"]))
            except ProviderError:
                if not left:
                    raise
            else:
                return

    def _one(self, path: str) -> Json:
        found: Json = json.loads(engine_api.call(self._socket, "GET", path))
        return found

    def _node(self, hostname: str) -> Json:
        found: Json = next(node for node in self._get("/nodes") if _hostname(node) == hostname)
        return found

    def _tasks(self, service: str) -> list[Json]:
        return self._get("/tasks?filters=" + quote(json.dumps({"service": [service]})))

    def _get(self, url: str) -> list[Json]:
        found: list[Json] = json.loads(engine_api.call(self._socket, "GET", url))
        return found

    def _post(self, url: str, body: Json) -> None:
        engine_api.call(self._socket, "POST", url, json.dumps(body).encode())


def _hostname(node: dict[str, Any]) -> str:
    # A node that is just joining has none yet.
    return str(node["Description"].get("Hostname", ""))


def _port(task: dict[str, Any]) -> int:
    ports = task["Status"].get("PortStatus", {}).get("Ports") or [{}]
    return int(ports[0].get("PublishedPort", 0))
