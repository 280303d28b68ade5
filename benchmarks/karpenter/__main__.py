"""`python -m benchmarks.karpenter`: W1 and W2, from one value per replica to the finished plan.

Machines and their price, beside one-pass greedy and what no machines could cost less than, whatever the zones; what a second opinion finds
wrong; seconds of the processor and by the clock: a median of five in a warm process up to `--often` pods, else one; and the first plan of a
process of its own. Beside them `mix` alone, asked once per zone, and greedy up to `--greedy`, for it takes minutes where replicas are many.
"""

import argparse
import time
from collections.abc import Sequence
from multiprocessing import get_context
from statistics import median

from autoscaler.cli.collecting import collect_seldom
from autoscaler.placement.mixing import Mix, Question, mix
from autoscaler.placement.mixing.proving import Pricer
from autoscaler.placement.mixing.tables import prepared
from autoscaler.placement.mixing.totalling import totalled
from autoscaler.planning.planner import plan
from autoscaler.planning.request import PlanRequest
from benchmarks.baselines.greedy import Stock, greedy
from benchmarks.karpenter.cluster import mixed, placed, preferring
from benchmarks.karpenter.judging import judged
from benchmarks.karpenter.timing import first, spent
from benchmarks.karpenter.w1 import Pod, pods, question, zoned
from benchmarks.reporting import about, write

PREFERRING = 4000
RUNS = 5


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.karpenter")
    parser.add_argument("--pods", type=int, nargs="+", default=[1000, 10_000, 20_000, 100_000])
    parser.add_argument("--often", type=int, default=10_000)
    parser.add_argument("--greedy", type=int, default=1000)
    asked = parser.parse_args()
    collect_seldom()
    plan(mixed(pods(1000)))  # compiled, or taken from disk
    mixes = [measured(count, asked.often, asked.greedy) for count in asked.pods]
    write("karpenter", {**about(), "w1": mixes, "w2": [wished(honoured=honoured) for honoured in (False, True)]})


def measured(count: int, often: int, simple: int) -> dict[str, object]:
    """One size of W1."""
    some = pods(count)
    made = mixed(some)
    found = placed(made)
    bound = _bound(question(some))
    row: dict[str, object] = {
        "pods": count,
        **_figures(made, RUNS if count <= often else 1),
        **_first(count),
        "left": sum(one.count for one in found.unplaced),
        "broken": dict(judged(some, found)),
        "over_bound": round(found.price / bound - 1, 4),
        "mix": _by_zone(some, bound, simple=count <= simple),
    }
    print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return row


def wished(*, honoured: bool) -> dict[str, object]:
    """W2, with and without what its pods would rather have."""
    row: dict[str, object] = {"pods": PREFERRING, "honoured": honoured, **_figures(preferring(PREFERRING, honoured=honoured), RUNS)}
    print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return row


def timed(asked: Sequence[Question]) -> tuple[float, list[Mix]]:
    """Seconds for all of them, one after the other."""
    began = time.process_time()
    found = [mix(one, lambda rounds: rounds < 1) for one in asked]
    return time.process_time() - began, found


def _bound(asked: Question) -> int:
    """What totals prove: packing all of it as one question would take a minute where replicas are many."""
    whole = prepared(asked)
    return totalled(Pricer.of(whole), whole.counts).bound(whole.counts, whole.tables.most)


def _first(count: int) -> dict[str, object]:
    with get_context("spawn").Pool(1) as alone:
        seconds, wall = alone.apply(first, (count,))
    return {"first": round(seconds, 3), "first_wall": round(wall, 3)}


def _figures(made: PlanRequest, runs: int) -> dict[str, object]:
    found = [spent(made) for _ in range(runs)]
    last = found[-1][2]
    return {
        "workloads": len(last.workloads),
        "seconds": round(median(one[0] for one in found), 3),
        "wall": round(median(one[1] for one in found), 3),
        "machines": sum(count for pool in last.pools for _, count in pool.opens),
        "price": last.price_after.micro,
    }


def _by_zone(some: Sequence[Pod], bound: int, *, simple: bool) -> dict[str, object]:
    """The same replicas as one question for each zone, and greedy's answer to it."""
    asked = [question(zone) for zone in zoned(some)]
    found = [timed(asked) for _ in range(3)]
    mixes = found[0][1]
    row: dict[str, object] = {
        "seconds": round(min(seconds for seconds, _ in found), 3),
        "machines": sum(one.machines for one in mixes),
        "left": sum(sum(one.left) for one in mixes),
        "price": sum(one.price for one in mixes),
    }
    return {**row, "greedy_over_bound": round(sum(_greedy_price(one) for one in asked) / bound - 1, 4)} if simple else row


def _greedy_price(asked: Question) -> int:
    parts = {name: getattr(asked, name) for name in ("requests", "counts", "capacity", "price", "allowed", "adds", "limits")}
    return greedy(Stock(**parts)).price


if __name__ == "__main__":
    main()
