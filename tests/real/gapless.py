"""The whole product on real parts: a service process, a lab, HAProxy, Prometheus, and a policy that ties them."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import open_store
from autoscaler_lab.layout import LabSpec
from tests.real.prom import Prometheus
from tests.real.proxy import Proxy
from tests.real.swarm import Swarm
from tests.real.waiting import free_port, until

CPU_PER_REPLICA = 500
QUIET, BUSY = 200, 600
"""Requests per second before and after the load triples."""

GROWN = 13
"""Replicas for the busy rate, at least; four fit on one machine of two cores."""

RPS = 'sum(rate(haproxy_frontend_http_requests_total{proxy="front-web"}[8s]))'
"""The policy's own query."""

POLICY = """\
apiVersion: autoscaler/v1
service: {{interval: 2s, listen: "127.0.0.1:{listen}"}}
clusters:
  shop: {{swarm: {{endpoint: "unix://{manager}"}}}}
sources:
  prom: {{prometheus: {{url: "http://127.0.0.1:{prometheus}"}}}}
metrics:
  rps:
    source: prom
    query: 'sum(rate(haproxy_frontend_http_requests_total{{proxy="front-$workload"}}[8s]))'
    stale_after: 10s
traffic:
  edge: {{haproxy: {{socket: {socket}}}}}
pools:
  workers:
    cluster: shop
    lab: {{folder: {folder}, price: 0.10 USD}}
    nodes: {{min: 1, max: 4, idle: 6s}}
    mode: {mode}
policies:
  web:
    workload: shop/web
    replicas: {{min: 2, max: 16}}
    rules:
      - target_tracking: {{metric: rps, target: {target}, per: replica}}
    behaviour:
      scale_down: {{stabilise: 8s}}
    availability: {{floor: 100%, surge: 100%, traffic: edge, drain: 15s}}
    mode: {mode}
"""


def write_policy(folder: Path, lab: LabSpec, proxy: Proxy, prometheus: Prometheus, *, mode: str = "active", target: int = 45) -> Path:
    """The policy file of a test, beside everything else of it."""
    path = folder / "shop.yaml"
    text = POLICY.format(
        listen=free_port(),
        manager=lab.engine(1).socket,
        prometheus=prometheus.url.rpartition(":")[2],
        socket=proxy.socket,
        folder=lab.folder,
        target=target,
        mode=mode,
    )
    path.write_text(text)
    return path


class Service:
    """`autoscaler run` in a process of its own, which a test may kill."""

    def __init__(self, policy: Path) -> None:
        self.policy = policy
        self.store = policy.parent / "store.db"
        self.log = policy.parent / "service.log"
        self.record = policy.parent / "record"
        self.process: subprocess.Popen[bytes] | None = None
        self.took_to_stop = 0.0

    def edit(self, old: object, new: object) -> None:
        """Say something else in the policy file."""
        text = self.policy.read_text()
        assert str(old) in text
        self.policy.write_text(text.replace(str(old), str(new)))

    def least(self, replicas: int) -> None:
        """The fewest the policy lets it keep, from now on; of what the file says, the load decides the rest."""
        self.policy.write_text(re.sub(r"replicas: \{min: \d+", f"replicas: {{min: {replicas}", self.policy.read_text()))

    def keep_nodes(self) -> None:
        """No node is closed because it is not needed: only those are that somebody drains."""
        self.edit("idle: 6s", "idle: 1h")

    def start(self) -> None:
        """Begin, or go on after a kill."""
        command = [
            CLI[0],
            "-X",
            "faulthandler",
            *CLI[1:],
            "run",
            str(self.policy),
            "--store",
            str(self.store),
            "--record",
            str(self.record),
            "--log",
            "json",
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is tidied."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def end_lease(self) -> None:
        """As if the time had passed after which nobody waits for a process that was killed any more."""
        store = open_store(str(self.store), SystemRuntime())
        lease = store.leases.current(ClusterName("shop"))
        if lease:
            store.leases.release(lease)
        store.close()

    def stop(self) -> None:
        """SIGTERM, and until it is gone."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # its log ends with what each of its threads was doing
            self.process.wait(20)
            pytest.fail(f"not stopped after 20 s:\n{self.log.read_text()[-12_000:]}")
        self.took_to_stop = time.monotonic() - began

    def end(self) -> None:
        """Stop it, whatever state it is in."""
        if self.process and self.process.poll() is None:
            self.stop()

    def events(self, name: str) -> list[dict[str, object]]:
        """The log's lines of one kind."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == name]


CLI = [sys.executable, "-m", "autoscaler"]


def run_cli(*words: str | Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run([*CLI, *map(str, words)], capture_output=True, text=True, timeout=seconds, check=False)


def begin_cli(*words: str | Path) -> subprocess.Popen[str]:
    """One command that runs beside the test."""
    return subprocess.Popen([*CLI, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@dataclass
class Watch:
    """Samples of the world while a test runs: times, replicas in rotation, nodes, running replicas."""

    samples: list[tuple[float, int, int, int]] = field(default_factory=list)

    def first(self, since: float, reached: int, column: int) -> float:
        """Seconds after `since` at which a column first reached a value."""
        when = (sample[0] for sample in self.samples if sample[0] >= since and sample[column] >= reached)
        return next(when, float("inf")) - since

    def drops(self, column: int) -> list[float]:
        """When a column fell."""
        pairs = zip(self.samples, self.samples[1:], strict=False)
        return [after[0] for before, after in pairs if after[column] < before[column]]

    def highest(self, column: int) -> int:
        """The most a column ever showed."""
        return int(max(sample[column] for sample in self.samples))

    def lowest(self, column: int) -> int:
        """The least a column ever showed."""
        return int(min(sample[column] for sample in self.samples))


@contextmanager
def watched(proxy: Proxy, swarm: Swarm, service: str = "web") -> Iterator[Watch]:
    """Look five times a second, beside everything else."""
    over, seen = threading.Event(), Watch()

    def look() -> None:
        while not over.wait(0.2):
            nodes = sum(state == "ready" for state in swarm.nodes().values())
            seen.samples.append((time.monotonic(), proxy.in_rotation(service), nodes, len(swarm.running(service))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def settled(proxy: Proxy, swarm: Swarm, replicas: int, nodes: int | None = None) -> bool:
    """Whether exactly so many run and serve, on so many machines."""
    right = len(swarm.running("web")) == replicas == proxy.in_rotation("web")
    return right and (nodes is None or sum(state == "ready" for state in swarm.nodes().values()) == nodes)


def wait_settled(proxy: Proxy, swarm: Swarm, replicas: int, nodes: int | None = None, seconds: float = 120) -> float:
    """Until that is so."""
    return until(lambda: settled(proxy, swarm, replicas, nodes), f"{replicas} replicas in rotation on {nodes} nodes", seconds)


def wait_grown(proxy: Proxy, seconds: float = 120) -> float:
    """Until more are in rotation than three machines hold; a busy machine's rate is not even, so it may be some more."""
    return until(lambda: proxy.in_rotation("web") >= GROWN, f"{GROWN} replicas in rotation", seconds)


def traces(lab: LabSpec) -> list[str]:
    """Marks of ours left on the cluster: labels on services and nodes, pauses."""
    swarm = Swarm(lab)
    services = [one["Spec"] for one in swarm._get("/services")]
    nodes = [one["Spec"] for one in swarm._get("/nodes")]
    marked = [spec for spec in (*services, *nodes) if _ours(spec.get("Labels") or {})]
    return [str(spec) for spec in (*marked, *(spec for spec in nodes if spec["Availability"] != "active"))]


def _ours(labels: dict[str, str]) -> bool:
    return any("autoscaler" in key for key in labels)


def steps_of(service: Service, kind: str, status: str) -> list[dict[str, object]]:
    """The log's steps of one kind that came to a status."""
    return [one for one in service.events("step") if (one["kind"], one["status"]) == (kind, status)]
