"""`python -m benchmarks.karpenter`: the machines of W1, bought in one question per zone.

Their number, what they cost beside one-pass greedy and what no machines could cost less than, and how long it takes; seconds are of the
processor. Greedy takes minutes where replicas are many, so it is asked up to `--greedy` of them.
"""

import argparse
import time
from collections.abc import Sequence

from autoscaler.placement.mixing import Mix, Question, mix
from benchmarks.baselines.greedy import Stock, greedy
from benchmarks.karpenter.w1 import pods, question, zoned
from benchmarks.reporting import about, write


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.karpenter")
    parser.add_argument("--pods", type=int, nargs="+", default=[1000, 10_000, 20_000, 100_000])
    parser.add_argument("--greedy", type=int, default=10_000)
    asked = parser.parse_args()
    first, _ = timed([question(pods(1000))])  # compiled, or taken from disk
    rows = [measured(count, simple=count <= asked.greedy) for count in asked.pods]
    write("karpenter", {**about(), "first": round(first, 3), "cases": rows})


def measured(count: int, *, simple: bool) -> dict[str, object]:
    """One size of it."""
    asked = [question(zone) for zone in zoned(pods(count))]
    found = [timed(asked) for _ in range(3)]
    mixes = found[0][1]
    price, bound = sum(one.price for one in mixes), sum(one.bound for one in mixes)
    row: dict[str, object] = {
        "pods": count,
        "classes": [len(one.counts) for one in asked],
        "seconds": round(min(seconds for seconds, _ in found), 3),
        "machines": sum(one.machines for one in mixes),
        "left": sum(sum(one.left) for one in mixes),
        "price": price,
        "over_bound": round(price / bound - 1, 4),
    }
    if simple:
        row["greedy_over_bound"] = round(sum(_greedy_price(one) for one in asked) / bound - 1, 4)
    print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return row


def timed(asked: Sequence[Question]) -> tuple[float, list[Mix]]:
    """Seconds for all of them, one after the other."""
    began = time.process_time()
    found = [mix(one, lambda rounds: rounds < 1) for one in asked]
    return time.process_time() - began, found


def _greedy_price(asked: Question) -> int:
    parts = {name: getattr(asked, name) for name in ("requests", "counts", "capacity", "price", "allowed", "adds", "limits")}
    return greedy(Stock(**parts)).price


if __name__ == "__main__":
    main()
