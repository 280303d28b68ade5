"""`python -m benchmarks.openb [--nodes CSV] [--pods CSV ...] [--seeds 10] [--arrived 130%]`: the share of all GPUs that is allocated.

Replicas come one by one until they have asked for 130% of the GPUs; those that fit nowhere are refused, nothing leaves. Ours, best fit and
random side by side; then each after one rebalance that moves at most 2% of what stands. Ours is what plans call (`placement.fitting.fit`),
on one ledger; `--plans 100` makes whole plans too, each of all that is observed then, for a hundred arrivals at a time. Without files, the
lists beside the project serve. Published for the default list (FGD, USENIX ATC 2023): random 87.47, best fit 93.08, FGD 95.39.
"""

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.problem import always
from autoscaler.placement.stranding import Entry, Place, Placer, Standing, rebalance
from benchmarks.openb.cluster import Cluster, workload_of
from benchmarks.openb.ours import Ours
from benchmarks.openb.rivals import Rival
from benchmarks.openb.trace import Trace, arrivals, read
from benchmarks.reporting import about, write

LISTS = Path(__file__).parents[2].parent / "shared" / "data" / "openb"
MOVED = 50
"""One of so many replicas may move."""

Figures: TypeAlias = dict[str, float]
Way: TypeAlias = "Ours | Rival"
WAYS: dict[str, Callable[[Trace, int], Way]] = {
    "random": lambda trace, seed: Rival(trace.nodes, trace.classes, seed),
    "best fit": lambda trace, _: Rival(trace.nodes, trace.classes),
    "ours": lambda trace, _: Ours(trace),
}
HEADER = f"{'':10} {'allocated':>10} {'sd':>5} {'seconds':>8}   {'rebalanced':>10} {'moves':>6} {'entered':>8} {'seconds':>8}"


def main() -> None:
    """Print a table for each list of pods, and write all figures."""
    asked = _arguments()
    if not (asked.nodes.exists() and all(path.exists() for path in asked.pods)):
        sys.exit(f"no lists: {asked.nodes} or a list of pods is not there; name them by --nodes and --pods")
    share = float(asked.arrived.rstrip("%")) / 100
    lists = {path.stem: _table(read(asked.nodes, path), asked.seeds, share, asked.plans) for path in asked.pods}
    write("openb", {**about(), "nodes": asked.nodes.name, "seeds": asked.seeds, "arrived": asked.arrived, "lists": lists})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.openb")
    parser.add_argument("--nodes", type=Path, default=LISTS / "openb_node_list_gpu_node.csv")
    parser.add_argument("--pods", type=Path, nargs="+", default=[LISTS / "openb_pod_list_default.csv"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--arrived", default="130%")
    parser.add_argument("--plans", type=int, default=0, help="arrivals per plan; 0: no whole plans")
    return parser.parse_args()


def _table(trace: Trace, seeds: int, share: float, batch: int) -> dict[str, Figures]:
    """One row for each way, the mean of all seeds; whole plans are made for the first of them."""
    print(
        f"{trace.name}: {len(trace.nodes):,} nodes, {len(trace.classes)} classes, GPUs allocated in %, seconds of the processor\n{HEADER}"
    )
    found = {}
    for name, way in WAYS.items():
        runs = [_run(trace, way(trace, seed), arrivals(trace, seed, share)) for seed in range(1, seeds + 1)]
        mean = {key: round(statistics.mean(run[key] for run in runs), 3) for key in runs[0]}
        found[name] = {**mean, "sd": round(statistics.pstdev(run["allocated"] for run in runs), 3)}
        print(_row(name, found[name]), flush=True)
    if batch:
        found["plans"] = _planned(trace, arrivals(trace, 1, share), batch)
        one = found["plans"]
        print(f"{'plans':10} {one['allocated']:10.2f} {'':5} {one['seconds']:8.2f}   (the first order, {batch} arrivals each)", flush=True)
    return found


def _planned(trace: Trace, order: Ints, batch: int) -> Figures:
    """So many arrivals at a time: one plan of all that stands by then."""
    cluster, began = Cluster(trace), time.process_time()
    for first in range(0, len(order), batch):
        cluster.tick(Counter(workload_of(int(one)) for one in order[first : first + batch]))
    there = np.array([one for one in range(len(trace.classes)) for _ in range(cluster.counts[workload_of(one)])], np.int64)
    return {"allocated": _percent(trace, there), "seconds": time.process_time() - began, "batch": batch}


def _row(name: str, one: Figures) -> str:
    online = f"{name:10} {one['allocated']:10.2f} {one['sd']:5.2f} {one['seconds']:8.2f}"
    return f"{online}   {one['rebalanced']:10.2f} {one['moves']:6.1f} {one['entered']:8.1f} {one['rebalance_seconds']:8.2f}"


def _run(trace: Trace, way: Way, order: Ints) -> Figures:
    began = time.process_time()
    places = [way.arrive(int(one)) for one in order]
    seconds = time.process_time() - began
    return {"allocated": _percent(trace, order[[place is not None for place in places]]), "seconds": seconds} | _after(trace, order, places)


def _after(trace: Trace, order: Ints, places: list[Place | None]) -> Figures:
    """Once what was refused has been let in by moves. The rebalance is ours, whoever placed what stands."""
    began = time.process_time()
    placer = Placer(trace.nodes, trace.classes)
    for one, place in zip(order, places, strict=True):
        placer.see(int(one))
        if place:
            placer.take(int(one), place)
    standing = tuple(Standing(one=int(one), place=place) for one, place in zip(order, places, strict=True) if place)
    refused = np.bincount(order[[place is None for place in places]], minlength=len(trace.classes))
    found = rebalance(placer, standing, refused, len(standing) // MOVED, always)
    entered = [step.one for step in found.steps if isinstance(step, Entry)]
    there = [each.one for each in standing] + entered
    seconds = time.process_time() - began
    return {
        "rebalanced": _percent(trace, np.array(there, np.int64)),
        "moves": found.moves,
        "entered": len(entered),
        "rebalance_seconds": seconds,
    }


def _percent(trace: Trace, there: Ints) -> float:
    return 100 * int(trace.classes.milli[there].sum()) / int(trace.nodes.devices.sum())


if __name__ == "__main__":
    main()
