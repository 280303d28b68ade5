"""`python -m benchmarks.roadef [--seconds 10 60 300] [FOLDER or model file …]`: Google's machine reassignment, by our own search.

Score: (cost - best published) / cost at the start, in percent; for an instance whose best is not known, the gap to its lower bound. One
run of each instance and budget, seed 1, two streams on two threads; what judges the results knows nothing of the engine.
Without files, those beside the project are taken, if they are there.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from autoscaler.placement.rebalancing import WHOLE, Call, Rebalanced, of_rounds, rebalance
from benchmarks.reporting import about, write
from benchmarks.roadef.instances import lower_bound, read
from benchmarks.roadef.records import RECORDS
from benchmarks.roadef.verifying import breaches, instance, price

ROOT = Path(__file__).parents[2]
INSTANCES = ROOT.parent / "shared" / "data" / "roadef2012"
BUDGETS = (10, 60, 300)
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run. `score` in percent, against the best that is known or, where none is, the lower bound; -1 where there is neither."""

    instance: str
    budget: int
    start: int
    cost: int
    score: float
    against: str
    rounds: int
    compiled: bool
    moved: int
    wall_seconds: float
    cpu_seconds: float


def main() -> None:
    """Print a line per run, write all of them."""
    models, budgets = _asked()
    if not models:
        sys.exit(f"no instances: {INSTANCES} is not there; name model files or their folder")
    first = _first_call(models[0])
    print(f"first call of this process: {first:.2f} s of wall for one round of {models[0].stem}")
    with ThreadPoolExecutor(THREADS) as pool:
        rows = [_run(model, budget, pool) for budget in budgets for model in models]
    for budget in budgets:
        scores = [row.score for row in rows if row.budget == budget and row.against == "record"]
        if scores:
            print(f"{budget:4} s: mean {statistics.mean(scores):.3f} %, worst {max(scores):.3f} %")
    write("roadef", {**about(), "first_call_seconds": round(first, 2), "runs": [asdict(row) for row in rows]})


def _asked() -> tuple[list[Path], list[int]]:
    """Models and budgets; what follows the numbers after --seconds is a path again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roadef")
    parser.add_argument("paths", nargs="*", metavar="FOLDER or model file")
    parser.add_argument("--seconds", nargs="+", default=[])
    asked = parser.parse_args()
    budgets = [int(word) for word in asked.seconds if word.isdigit()] or list(BUDGETS)
    paths = [Path(word) for word in (*asked.paths, *asked.seconds) if not word.isdigit()] or [INSTANCES]
    return [model for path in paths for model in ([path] if path.is_file() else sorted(path.glob("model_*.txt")))], budgets


def _first_call(model: Path) -> float:
    """How long whoever calls first waits: what is compiled is read from disk, or compiled if it is not there."""
    board, began = read(model), time.perf_counter()
    rebalance(board, spent=of_rounds(1))
    return time.perf_counter() - began


def _run(model: Path, budget: int, pool: ThreadPoolExecutor) -> Row:
    def at_once(calls: Iterable[Call]) -> None:
        for done in [pool.submit(call) for call in calls]:
            done.result()

    board = read(model)
    began, used = time.perf_counter(), time.process_time()
    found = rebalance(board, spent=lambda _: int((time.perf_counter() - began) / budget * WHOLE), run=at_once)
    row = _judged(model, budget, found, time.perf_counter() - began, time.process_time() - used)
    print(
        f"{row.instance:6} {budget:4} s  cost {row.cost:>14,}  score {row.score:8.4f} % of {row.against}"
        f"  {row.rounds:>7,} rounds  wall {row.wall_seconds:6.1f} s  CPU {row.cpu_seconds:6.1f} s",
        flush=True,
    )
    return row


def _judged(model: Path, budget: int, found: Rebalanced, wall: float, cpu: float) -> Row:
    """With what the challenge's own rules say of it; a result that breaks one, or whose cost is another, ends the benchmark."""
    task, where, name = instance(model), found.node.tolist(), model.stem.removeprefix("model_")
    start, paid = price(task, [process.home for process in task.processes]), price(task, where)
    if broken := breaches(task, where):
        sys.exit(f"{name}: {broken[0]}, and {len(broken) - 1} more")
    if paid != found.cost.total:
        sys.exit(f"{name}: costs {paid}, the engine says {found.cost.total}")
    bound = lower_bound(model)
    best, against = (RECORDS[name], "record") if name in RECORDS else (bound, "bound")
    return Row(
        instance=name,
        budget=budget,
        start=start,
        cost=paid,
        score=-1 if best is None else round(100 * (paid - best) / start, 5),
        against="nothing" if best is None else against,
        rounds=found.rounds,
        compiled=found.compiled,
        moved=sum(at != process.home for process, at in zip(task.processes, where, strict=True)),
        wall_seconds=round(wall, 1),
        cpu_seconds=round(cpu, 1),
    )


if __name__ == "__main__":
    main()
