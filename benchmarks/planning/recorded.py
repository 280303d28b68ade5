"""The command on what was recorded: `autoscaler plan --from FILE`, from the start of its process to its end."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from autoscaler.config import installed, parse
from autoscaler.engine.dry import rethink
from autoscaler.model import codec
from autoscaler.model.observations import Observation
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Money
from autoscaler.model.recordings import Frame, Recording
from autoscaler.model.refs import MetricName, OfferingName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.samples import MetricReading, Sample
from autoscaler.model.workloads import Shape
from benchmarks.clusters import NOW, SHOP, nodes, replica, request

WORKLOADS = 100
GIB = 2**30
RUNS = 5
POOL = "{cluster: shop, simulated: {offering: sixteen, cpu: 16, memory: 32Gi, price: 0.32 USD}, nodes: {min: 1, max: 2000, idle: 0s}}"
RULE = "{target_tracking: {metric: cpu, target: 60%}}"
HEAD = ("apiVersion: autoscaler/v1", "clusters: {shop: {simulated: {}}}", f"pools: {{general: {POOL}}}", "policies:")


def measure(machines: int) -> dict[str, object]:
    """Seconds of the processor and by the clock, median of five; how large the recording is, and what came out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.json"
        path.write_text(codec.dumps(recording(machines), kind="recording"))
        runs = [_run(path) for _ in range(1 + RUNS)][1:]  # the first one compiles
        kilobytes = path.stat().st_size // 1024
    spent, passed = (round(median(one[place] for one in runs), 3) for place in (0, 1))
    return {"seconds": spent, "wall": passed, "kilobytes": kilobytes, "says": runs[0][2]}


def recording(machines: int) -> Recording:
    """One tick as `plan --record` keeps it: ten replicas on each machine, of a hundred workloads of which some are busy."""
    files = (("shop.yaml", "\n".join([*HEAD, *(_policy(f"d{number}") for number in range(WORKLOADS))])),)
    policies = parse(files, installed()).clusters[0].policies
    return Recording(frames=(rethink(policies, Frame(observation=observation(machines))).frame,), policies=files)


def observation(machines: int) -> Observation:
    """Machines of 16 cores, three quarters of which is asked for; the processors' use is 45 to 75 percent of that."""
    kind = Offering(name=OfferingName("sixteen"), capacity=Resources(16_000, 32 * GIB), price=Money(320_000))
    workloads = {WorkloadRef(SHOP, f"d{number}"): Shape(requests=Resources(1200, 2400 * 2**20)) for number in range(WORKLOADS)}
    there, refs = nodes(machines, kind), list(workloads)
    replicas = tuple(replica(number, refs[(number * 7) % WORKLOADS], there[number // 10]) for number in range(10 * machines))
    covers = 10 * machines // WORKLOADS
    used = ((ref, Sample(450 + 3 * number, NOW, covers)) for number, ref in enumerate(refs))
    metrics = tuple(MetricReading(metric=MetricName("cpu"), workload=ref, reading=one) for ref, one in used)
    return replace(request(workloads, replicas, there, (kind,)).observation, metrics=metrics)


def _policy(name: str) -> str:
    return f"  {name}: {{workload: shop/{name}, replicas: {{min: 1, max: 1000}}, rules: [{RULE}]}}"


def _run(path: Path) -> tuple[float, float, str]:
    """A process of its own: of the processor, by the clock, the last line it said."""
    began, before = time.monotonic(), os.times()
    command = [sys.executable, "-m", "autoscaler", "plan", "--from", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=_compiled_in(path.parent)).stdout
    after, passed = os.times(), time.monotonic() - began
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, passed, said.strip().rpartition("\n")[2]


def _compiled_in(folder: Path) -> dict[str, str]:
    """Modules are read compiled, as an installed package's are, wherever this runs."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
