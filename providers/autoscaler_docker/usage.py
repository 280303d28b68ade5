"""The built-in metrics `cpu` and `memory` of a Swarm: each replica's statistics from its own node's engine."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, NotFoundError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler_docker import replicas, stats, workloads
from autoscaler_docker.engine import Engine, Feed, Until
from autoscaler_docker.fields import Json, array, text, whole
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.stats import Counters

Pair = tuple[Counters | None, Counters]
"""An earlier reading, if there is one to compare with, and the latest."""


@dataclass(frozen=True, slots=True)
class Use:
    """One container's use: processor time in milli-cores (None when there was no second reading) and memory in bytes."""

    cpu: int | None
    memory: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the replicas of one workload run: container to node name; and what each of them requests."""

    containers: Mapping[str, str]
    requests: Resources


class SwarmUsage:
    """Keeps each container's last counters, so that from the second read on none is read twice."""

    def __init__(self, settings: SwarmSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._manager = Engine(settings.endpoint, site.runtime, settings.tls)
        self._engines: dict[str, Engine] = {}
        self._own_node = ""
        self._last: dict[str, Counters] = {}

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One list of tasks, then all engines at once, each container once (twice, a second apart, when it is new)."""
        until = self._manager.until(deadline)
        standings = self._standings({query.workload for query in queries}, until)
        on_node = defaultdict(list)
        for standing in standings.values():
            for container, node in standing.containers.items():
                on_node[node].append(container)
        # Engines get less than all that is left: one that hangs must not make the others' answers late.
        uses, problems = self._uses(on_node, self._manager.until(Duration(until.left().ms * 3 // 4)))
        return tuple(self._reading(query, standings.get(query.workload), uses, problems) for query in queries)

    def _standings(self, asked: set[WorkloadRef], until: Until) -> dict[WorkloadRef, Standing]:
        services = array(self._manager.get("/services", until), "/services")
        tasks = array(self._manager.get("/tasks", until, {"filters": '{"desired-state":["running"]}'}), "/tasks")
        names = {text(node, "ID"): text(node, "Description", "Hostname") for node in array(self._manager.get("/nodes", until), "/nodes")}
        found = {}
        for service in services:
            ref = WorkloadRef(self._site.cluster, workloads.name_of(service))
            if ref in asked:
                mine = [task for task in tasks if text(task, "ServiceID") == text(service, "ID")]
                requests = workloads.shape_of(service, self._site.request).requests
                found[ref] = Standing(_containers(mine, names), requests)
        return found

    def _uses(self, on_node: Mapping[str, list[str]], until: Until) -> tuple[dict[str, Use], dict[str, str]]:
        # A world of its own for each engine: one that hangs takes no slot of the others.
        calls = [Call(f"{self._site.cluster}/{node}", partial(self._ask, node, names, until)) for node, names in on_node.items()]
        answers = self._site.runtime.gather(calls, until.left())
        problems, uses = {}, {}
        latest: dict[str, Counters] = {}
        for node, answer in zip(on_node, answers, strict=True):
            if isinstance(answer, AutoscalerError):
                problems[node] = f"{node}: {answer}"
                continue
            for name, (earlier, later) in answer.items():
                latest[name] = later
                uses[name] = Use(stats.milli_cores(earlier, later), later.memory)
        self._last = latest
        return uses, problems

    def _ask(self, node: str, containers: list[str], until: Until) -> dict[str, Pair]:
        engine = self._engine(node, until)
        found: dict[str, Pair] = {}
        for start in range(0, len(containers), engine.feeds):
            found |= _read(engine, containers[start : start + engine.feeds], self._last, until)
        return found

    def _engine(self, node: str, until: Until) -> Engine:
        endpoint = self._settings.engine_of(node)
        if endpoint is None and node == self._own(until):
            return self._manager
        if endpoint is None:
            raise NotFoundError("no endpoint of its engine is known", hint="name it under `engines` of the cluster")
        if endpoint not in self._engines:
            self._engines[endpoint] = Engine(endpoint, self._site.runtime, self._settings.tls)
        return self._engines[endpoint]

    def _own(self, until: Until) -> str:
        if not self._own_node:
            self._own_node = text(whole(self._manager.get("/info", until), "/info"), "Name")
        return self._own_node

    def _reading(self, query: MetricQuery, standing: Standing | None, uses: Mapping[str, Use], problems: Mapping[str, str]) -> Reading:
        if standing is None:
            return Unknown(Code.NOT_FOUND, f"no service {query.workload.path}")
        shares = [share for name in standing.containers if (share := _share(query, uses.get(name), standing.requests)) is not None]
        if shares:
            return Sample(sum(shares) // len(shares), self._site.runtime.now(), covers=len(shares))
        if query.metric not in ("cpu", "memory"):
            return Unknown(Code.NOT_FOUND, "an engine tells cpu and memory alone")
        told = [problems[node] for node in sorted(set(standing.containers.values())) if node in problems]
        return Unknown(Code.UNAVAILABLE if told else Code.MISSING, "; ".join(told)[:200] or "no replica runs that could be read")


def _read(engine: Engine, containers: list[str], last: Mapping[str, Counters], until: Until) -> dict[str, Pair]:
    # An engine takes its counters once a second and makes every question wait for that: so all are asked before any is heard.
    with ExitStack() as open_feeds:
        feeds = {name: feed for name in containers if (feed := _feed(engine, name, until, open_feeds))}
        first = {name: _next(feed) for name, feed in feeds.items()}
        pairs = {name: (last.get(name), seen) for name, seen in first.items() if seen}
        for name, (earlier, seen) in pairs.items():
            if not stats.apart(earlier, seen) and (second := _next(feeds[name])):
                pairs[name] = (seen, second)
    return pairs


def _next(feed: Feed) -> Counters | None:
    try:
        return stats.counters(whole(feed.next(), "stats"))
    except NotFoundError:
        return None  # it ended meanwhile


def _feed(engine: Engine, container: str, until: Until, open_feeds: ExitStack) -> Feed | None:
    try:
        return open_feeds.enter_context(closing(engine.feed(f"/containers/{container}/stats", until)))
    except NotFoundError:
        return None  # ended since the tasks were read


def _containers(tasks: list[Json], names: Mapping[str, str]) -> dict[str, str]:
    running = [task for task in tasks if text(task, "Status", "State") == "running" and replicas.is_kept(task)]
    found = {text(task, "Status", "ContainerStatus", "ContainerID"): names.get(text(task, "NodeID"), "") for task in running}
    return {container: node for container, node in found.items() if container and node}


def _share(query: MetricQuery, use: Use | None, requests: Resources) -> int | None:
    if use is None:
        return None
    if query.metric == "cpu" and use.cpu is not None and requests.cpu:
        return use.cpu * 1000 // requests.cpu
    return use.memory * 1000 // requests.memory if query.metric == "memory" and requests.memory else None
