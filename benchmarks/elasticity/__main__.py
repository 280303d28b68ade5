"""`python -m benchmarks.elasticity [FILE …]`: our default policy and HPA's on recorded loads, side by side.

A file has two columns, a time and a count, evenly spaced. Without files, the traces beside the project are taken, if they are there.
"""

import csv
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from autoscaler.model.policies import Learning
from autoscaler.model.quantities import Duration, Share
from benchmarks.elasticity.policies import Hpa, Ours
from benchmarks.elasticity.world import Figures, Policy, Trace, figures, replay
from benchmarks.reporting import about, write

ROOT = Path(__file__).parents[2]
TRACES = ROOT.parent / "shared" / "data" / "load-traces"
DELAYS = (60, 180)
JUDGED = {  # file: minutes of one row, first row, rows, requests a minute that fill a replica
    "worldcup98-per-minute.csv": (1, 24_621, 10_080, 150.0),
    "nab-elb_request_count_8c0756.csv": (5, 288, 3_744, 10.0),
    "nab-nyc_taxi.csv": (5, 288, 2_016, 500.0),
}
EARLIER = 1440
"""Minutes of a day."""

SEASONAL = Learning(season=Duration(86_400_000), cost=Share(1030))
REPLICAS = 6
"""Replicas that the median load of any other file fills."""


def main() -> None:
    """Print a line per trace and start delay, and write all figures."""
    traces = [_any(Path(name)) for name in sys.argv[1:]] or list(_judged())
    if not traces:
        sys.exit(f"no traces: {TRACES} is not there; name files of time and count")
    rows = _all(traces, Learning())
    print("\nwith one earlier day, of which a season is learned:")
    longer = [replace(trace, earlier=EARLIER) for trace in traces if len(trace.load) >= 2 * EARLIER]
    seasonal = _all(longer if sys.argv[1:] else list(_judged(EARLIER)), SEASONAL)
    if not sys.argv[1:]:
        write("elasticity", {**about(), "runs": rows, "seasonal": seasonal})


def _all(traces: list[Trace], learning: Learning) -> list[dict[str, object]]:
    rows = [_compared(trace, delay, learning) for trace in traces for delay in DELAYS]
    if not rows:
        return []
    ratios, costs = ([float(str(row[name])) for row in rows] for name in ("short_ratio", "cost_ratio"))
    print(f"time short, of HPA's: mean {statistics.mean(ratios):.3f}, worst {max(ratios):.3f}")
    print(f"cost, of HPA's:       mean {statistics.mean(costs):.3f}, worst {max(costs):.3f}")
    return rows


def _compared(trace: Trace, delay: int, learning: Learning) -> dict[str, object]:
    ours, hpa = _figures(trace, Ours(learning), delay), _figures(trace, Hpa(), delay)
    ratio, cost = ours.short_time / max(hpa.short_time, 0.01), ours.cost / hpa.cost
    print(
        f"{trace.name:36} {delay:4} s  short {ours.short_time:6.2f} % of the time (HPA {hpa.short_time:6.2f} %, x {ratio:.2f})"
        f"  cost {ours.cost:.3f} (HPA {hpa.cost:.3f}, x {cost:.3f})",
        flush=True,
    )
    told = {f"{name}_{key}": value for name, one in (("ours", ours), ("hpa", hpa)) for key, value in asdict(one).items()}
    return {"trace": trace.name, "start_delay": delay, "short_ratio": ratio, "cost_ratio": cost, **told}


def _figures(trace: Trace, policy: Policy, delay: int) -> Figures:
    return figures(replay(trace, policy, delay)[trace.judged], trace.demand()[trace.judged])


def _judged(earlier: int = 0) -> Iterator[Trace]:
    """The traces beside the project, with so many minutes before what is judged."""
    for name, (minutes, first, rows, capacity) in JUDGED.items():
        if (TRACES / name).exists():
            counts = _counts(TRACES / name)[first - earlier // minutes : first + rows]
            yield Trace(Path(name).stem, [count for count in counts for _ in range(minutes)], capacity, earlier)


def _any(path: Path) -> Trace:
    """A row is a minute."""
    counts = _counts(path)
    return Trace(path.stem, counts, max(1.0, statistics.median(counts) / REPLICAS))


def _counts(path: Path) -> list[float]:
    with path.open(newline="") as file:
        return [float(row[1]) for row in list(csv.reader(file))[1:]]


if __name__ == "__main__":
    main()
