"""`python -m benchmarks.price`: what machines for 10,000 containers cost, and what no machines could cost less than.

Our mix after so many seconds beside one-pass greedy, both over the same bound. Seconds are of the processor, on one core: on a shared
machine the clock on the wall measures the neighbours; it is told, too. `--catalogue` and `--demand` take any files of their kind.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoscaler.placement.mixing import Mix, Question, mix, question_of
from autoscaler.placement.mixing.tables import prepared
from benchmarks.baselines.greedy import Stock, greedy
from benchmarks.price.catalogue import PODS, Kind, kinds
from benchmarks.price.demand import Demand, drawn, read
from benchmarks.reporting import about, write

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT.parent / "shared" / "data" / "catalogue" / "instance-types.csv"
REGION = "us-east-1"
WARM = 3
"""Rounds in which every kernel is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One demand on one market."""

    name: str
    question: Question


def main() -> None:
    """Print and keep the figures."""
    asked = _arguments()
    mix(next(_cases(asked)).question, lambda rounds: rounds < WARM)  # compiled, or taken from disk
    rows = []
    for case in _cases(asked):
        simple = _greedy_price(case.question)
        for seconds in asked.seconds:
            row = _measured(case, seconds, simple)
            print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
            rows.append(row)
    write("price", {**about(), "containers": asked.containers, "cases": rows})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--demand", type=Path)
    parser.add_argument("--containers", type=int, default=10_000)
    parser.add_argument("--classes", type=int, nargs="+", default=[45, 430])
    parser.add_argument("--seconds", type=float, nargs="+", default=[5, 60])
    parser.add_argument("--seed", type=int, default=1, help="of the demand that is drawn")
    return parser.parse_args()


def _cases(asked: argparse.Namespace) -> Iterator[Case]:
    """The given demand, or drawn ones, on one region and on all."""
    markets = {"all regions": kinds(asked.catalogue, None)}
    if one := kinds(asked.catalogue, REGION):
        markets = {REGION: one, **markets}
    for market, offers in markets.items():
        for name, demand in _demands(asked):
            yield Case(name=f"{name}, {market}", question=asking(demand, offers))


def _demands(asked: argparse.Namespace) -> Iterator[tuple[str, Demand]]:
    if asked.demand:
        yield asked.demand.stem, read(asked.demand)
        return
    for classes in asked.classes:
        for picky in (False, True):
            yield f"{classes} {'picky ' if picky else ''}classes", drawn(classes, asked.containers, picky=picky, seed=asked.seed)


def asking(demand: Demand, offers: list[Kind]) -> Question:
    """Millicores, MiB, pods and GPUs; a class may stand where its architecture is."""
    return question_of(
        np.array([(shape.cpu, shape.memory, 1, shape.gpus) for shape, _ in demand], np.int64),
        np.array([count for _, count in demand], np.int64),
        np.array([(one.cpu, one.memory, PODS, one.gpus) for one in offers], np.int64),
        np.array([one.price for one in offers], np.int64),
        allowed=np.array([[shape.arch in {"", one.arch} for one in offers] for shape, _ in demand], np.bool_),
    )


def _greedy_price(question: Question) -> int:
    """One pass, over the kinds that are worth buying: the others would only make it slower."""
    tables = prepared(question).tables
    parts = {name: getattr(tables, name) for name in ("requests", "capacity", "price", "allowed", "adds", "limits")}
    return greedy(Stock(counts=question.counts, **parts)).price


def _measured(case: Case, seconds: float, simple: int) -> dict[str, object]:
    wall, began = time.monotonic(), time.process_time()
    found = mix(case.question, lambda _: time.process_time() - began < seconds)
    spent = {"cpu_seconds": round(time.process_time() - began, 1), "wall_seconds": round(time.monotonic() - wall, 1)}
    return {"case": case.name, "seconds": seconds, **_figures(found, simple), **spent, "rounds": found.rounds, "solver": found.solver}


def _figures(found: Mix, simple: int) -> dict[str, object]:
    return {
        "price": found.price / 1_000_000,
        "bound": found.bound / 1_000_000,
        "gap_percent": round(100 * (found.price / found.bound - 1), 2),
        "greedy_gap_percent": round(100 * (simple / found.bound - 1), 2),
        "machines": found.machines,
        "left": sum(found.left),
    }


if __name__ == "__main__":
    main()
