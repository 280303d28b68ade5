"""A Swarm in memory with the engine's own JSON: versions, slots, tasks, drains. Every change has happened when its call returns."""

import copy
import json
from collections import Counter
from typing import Any

BEFORE = "2026-01-01T00:00:00.5Z"
OUT_OF_SEQUENCE = {"message": "rpc error: code = Unknown desc = update out of sequence"}
ENVIRONMENT = "PASSWORD=hunter2"
GIB = 2**30
Json = dict[str, Any]


class FakeSwarm:
    """The first node that is added is the manager."""

    def __init__(self) -> None:
        self.identity = "swarm-1"
        self.swarm: Json = {"Version": {"Index": 1}, "Spec": {"Name": "default", "Labels": {}, "Raft": {"HeartbeatTick": 1}}}
        self.services: list[Json] = []
        self.nodes: list[Json] = []
        self.tasks: list[Json] = []
        self.stats: dict[str, list[Json]] = {}
        self._index = 10
        self._made = 0

    # What a test sets up.

    def add_node(self, name: str, **status: str) -> Json:
        """An active node; the first one is the manager."""
        first = not self.nodes
        node = {
            "ID": f"id-{name}",
            "Version": {"Index": self._next()},
            "CreatedAt": BEFORE,
            "Spec": {"Role": "manager" if first else "worker", "Availability": "active", "Labels": {}},
            "Description": {
                "Hostname": name,
                "Platform": {"OS": "linux", "Architecture": "x86_64"},
                "Resources": {"NanoCPUs": 4 * 10**9, "MemoryBytes": 8 * GIB},
                "Engine": {"EngineVersion": "20.10.24"},
            },
            "Status": {"State": "ready", "Addr": f"10.0.0.{len(self.nodes) + 1}", **status},
        }
        if first:
            node["ManagerStatus"] = {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"}
        self.nodes.append(node)
        return node

    def add_service(self, name: str, replicas: int, **spec: object) -> Json:
        """A replicated service with a host-mode port that the engine picks; `spec` overrides parts of its specification."""
        template = {
            "ContainerSpec": {"Image": "web:1", "Env": [ENVIRONMENT], "Args": ["--key", "hunter2"]},
            "Resources": {"Reservations": {"NanoCPUs": 100_000_000, "MemoryBytes": 64 * 2**20}},
            "Placement": {},
            "ForceUpdate": 0,
            "Runtime": "container",
        }
        service = {
            "ID": f"id-{name}",
            "Version": {"Index": self._next()},
            "CreatedAt": BEFORE,
            "Spec": {
                "Name": name,
                "Labels": {"tier": name},
                "TaskTemplate": template,
                "Mode": {"Replicated": {"Replicas": replicas}},
                "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"Protocol": "tcp", "TargetPort": 8080, "PublishMode": "host"}]},
                **spec,
            },
        }
        self.services.append(service)
        self.reconcile()
        return service

    def update(self, name: str) -> None:
        """The owner's new version, whose roll-out has replaced nothing yet."""
        service = self._service(name)
        service["Spec"]["TaskTemplate"]["ForceUpdate"] += 1
        service["UpdateStatus"] = {"State": "updating", "Message": "update in progress"}
        service["Version"]["Index"] = self._next()

    # What an engine does.

    def answer(self, method: str, path: str, query: dict[str, str], body: Json) -> tuple[int, object]:  # noqa: PLR0911 - one line per kind of call
        """One call."""
        match method, path.strip("/").split("/"):
            case "GET", ["_ping"]:
                return 200, None
            case "GET", ["info"]:
                return 200, {"Name": self.nodes[0]["Description"]["Hostname"]}
            case "GET", ["swarm"]:
                return 200, {"ID": self.identity, **self.swarm, "JoinTokens": {"Worker": "SWMTKN-hunter2"}}
            case "GET", ["services" | "nodes" | "tasks" as kind]:
                return 200, self._listed(kind, json.loads(query.get("filters", "{}")))
            case "GET", ["containers", name, "stats"]:
                return self._stats(name)
            case _, [kind, name, *_]:
                return self._one(method, kind, name, query, body)
            case "POST", ["swarm", "update"]:
                return self._written(self.swarm, query, body)
        return 404, {"message": "page not found"}

    def reconcile(self) -> None:
        """Tasks follow counts and availabilities at once."""
        for service in self.services:
            if "Replicated" in service["Spec"]["Mode"]:
                self._leave_drained(service)
                self._remove(service)
                self._fill(service)

    def _one(self, method: str, kind: str, name: str, query: dict[str, str], body: Json) -> tuple[int, object]:
        if kind == "swarm":
            return self._written(self.swarm, query, body)
        found = self._find(kind, name)
        if found is None:
            return 404, {"message": f"{kind.removesuffix('s')} {name} not found"}
        if method == "GET":
            return 200, found
        if method == "DELETE":
            return self._deleted(found)
        return self._written(found, query, body)

    def _written(self, found: Json, query: dict[str, str], body: Json) -> tuple[int, object]:
        if int(query["version"]) != found["Version"]["Index"]:
            return 500, OUT_OF_SEQUENCE
        found["Spec"] = copy.deepcopy(body)
        found["Version"]["Index"] = self._next()
        found.pop("UpdateStatus", None)
        self.reconcile()
        return 200, {}

    def _deleted(self, node: Json) -> tuple[int, object]:
        if node["Status"]["State"] != "down":
            return 400, {"message": f"rpc error: code = FailedPrecondition desc = node {node['ID']} is not down and can't be removed"}
        self.nodes.remove(node)
        return 200, None

    def _stats(self, name: str) -> tuple[int, object]:
        found = self.stats.get(name)
        return (200, ["LINES", *found]) if found else (404, {"message": f"No such container: {name}"})

    def _listed(self, kind: str, filters: dict[str, list[str]]) -> list[Json]:
        found: list[Json] = getattr(self, kind)
        for key, field in (("service", "ServiceID"), ("node", "NodeID"), ("desired-state", "DesiredState")):
            found = [one for one in found if key not in filters or one.get(field) in filters[key]]
        return found

    def _leave_drained(self, service: Json) -> None:
        drained = {node["ID"] for node in self.nodes if node["Spec"]["Availability"] == "drain"}
        for task in self.live(service):
            if task.get("NodeID") in drained:
                task["DesiredState"] = task["Status"]["State"] = "shutdown"

    def _remove(self, service: Json) -> None:
        live = self.live(service)
        seen: Counter[str] = Counter()
        ranked: list[tuple[int, int, Json]] = []
        for task in sorted(live, key=lambda one: (one["Status"]["State"] != "running", one["Slot"])):
            seen[task.get("NodeID", "")] += 1
            ranked.append((seen[task["NodeID"]] if task.get("NodeID") else 10**9, len(ranked), task))
        for _, _, task in sorted(ranked, key=lambda one: one[:2])[service["Spec"]["Mode"]["Replicated"]["Replicas"] :]:
            self.tasks.remove(task)

    def _fill(self, service: Json) -> None:
        taken = {task["Slot"] for task in self.live(service)}
        free = (slot for slot in range(1, 10_000) if slot not in taken)
        for _ in range(service["Spec"]["Mode"]["Replicated"]["Replicas"] - len(taken)):
            self.tasks.append(self._task(service, next(free)))

    def _task(self, service: Json, slot: int) -> Json:
        self._made += 1
        here = Counter(task.get("NodeID") for task in self.tasks if task["DesiredState"] == "running")
        open_nodes = [node["ID"] for node in self.nodes if node["Spec"]["Availability"] == "active" and node["Status"]["State"] == "ready"]
        task: Json = {
            "ID": f"task-{self._made:03}",
            "Version": {"Index": self._next()},
            "CreatedAt": BEFORE,
            "ServiceID": service["ID"],
            "Slot": slot,
            "Spec": {key: value for key, value in copy.deepcopy(service["Spec"]["TaskTemplate"]).items() if key != "Runtime"},
            "DesiredState": "running",
            "Status": {"State": "pending", "Timestamp": BEFORE, "PortStatus": {}},
        }
        if open_nodes:
            task["NodeID"] = min(open_nodes, key=lambda node: (here[node], node))
            task["Status"] |= {"State": "running", "ContainerStatus": {"ContainerID": f"container-{self._made:03}"}}
            task["Status"]["PortStatus"] = {"Ports": [{"TargetPort": 8080, "PublishedPort": 32_000 + self._made, "PublishMode": "host"}]}
        return task

    def live(self, service: Json) -> list[Json]:
        """The tasks meant to run."""
        return [task for task in self.tasks if task["ServiceID"] == service["ID"] and task["DesiredState"] == "running"]

    def _service(self, name: str) -> Json:
        return next(one for one in self.services if one["Spec"]["Name"] == name)

    def _find(self, kind: str, name: str) -> Json | None:
        known: list[Json] = getattr(self, kind, [])
        exact = (one for one in known if name in (one["ID"], one["Spec"].get("Name")))
        # As the engine does: the beginning of an id will do.
        return next(exact, None) or next((one for one in known if one["ID"].startswith(name)), None)

    def _next(self) -> int:
        self._index += 1
        return self._index
