"""`python -m benchmarks.clouds [--machines 10 100 1000]`: what a pool's reader takes and asks for at each cloud's stand-in.

The stand-in is a process of its own, asked over HTTP by the vendor's SDK: the clock sees both work, the processor's seconds are
of the reader alone. The first read of a pool opens its clients and learns what does not change; each tick after it is as the second.
Best of five, for a shared machine only adds.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import httpx2

from autoscaler.config import installed, parse
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.model.quantities import Duration
from autoscaler.service.eyes import eyes
from autoscaler.service.runtime import SystemRuntime
from autoscaler_standins.demo import CLOUDS, Wish, demo
from benchmarks.reporting import about, write

SIZES = (10, 100, 1000)
READS = 5
PATIENCE = Duration(60_000)
BAR_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One read: seconds by the clock and of our processor, and what was asked for, by the names the vendor has for its calls."""

    wall_s: float
    cpu_s: float
    calls: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Of a pool of so many machines: the first read of it, and the best of those after it."""

    cloud: str
    machines: int
    first: Look
    tick: Look

    def __str__(self) -> str:
        calls = ", ".join(f"{call} {count}" for call, count in sorted(self.tick.calls.items()))
        took = f"{self.first.wall_s:8.2f} {self.tick.wall_s:7.3f} {self.tick.cpu_s:7.3f}"
        return f"{self.cloud:6} {self.machines:8,} {took}  {sum(self.tick.calls.values())}: {calls}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool at a stand-in that listens at `url`."""

    reader: PoolReader
    url: str
    machines: int

    def look(self) -> Look:
        """Read it once; all of its machines must be seen."""
        before, wall, cpu = self._asked(), time.perf_counter(), time.process_time()
        seen = self.reader.observe(PATIENCE)
        took = time.perf_counter() - wall, time.process_time() - cpu
        if len(seen.instances) != self.machines:
            raise RuntimeError(f"{len(seen.instances)} of {self.machines} machines were seen")
        return Look(wall_s=round(took[0], 3), cpu_s=round(took[1], 3), calls=dict(self._asked() - before))

    def _asked(self) -> Counter[str]:
        served = httpx2.get(f"{self.url}/_standin/calls", trust_env=False).json()
        return Counter(one["operation"] for one in served)


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.clouds", description=__doc__)
    parser.add_argument("--machines", type=int, nargs="+", default=SIZES, help="how many a pool has")
    sizes = parser.parse_args().machines
    print(f"{'':6} {'machines':>8} {'first s':>8} {'s':>7} {'cpu s':>7}  calls")
    rows = [row for name in CLOUDS for row in _rows(name, sizes)]
    late = [f"{row.cloud} {row.machines:,}" for row in rows if row.tick.wall_s > BAR_S]
    print(f"bar {BAR_S:.0f} s: " + (f"missed by {', '.join(late)}" if late else "met by all"))
    write("clouds", {**about(), "bar_s": BAR_S, "pools": [asdict(row) for row in rows]})


def _rows(name: str, sizes: list[int]) -> Iterator[Row]:
    environment = demo(name, SystemRuntime(), Wish()).environment
    for machines in sizes:
        with served(name, machines) as pool:
            os.environ |= {key: value.replace("{url}", pool.url) for key, value in environment.items()}
            first, *others = (pool.look() for _ in range(READS + 1))
        best = Look(wall_s=min(one.wall_s for one in others), cpu_s=min(one.cpu_s for one in others), calls=others[-1].calls)
        row = Row(cloud=name, machines=machines, first=first, tick=best)
        print(row)
        yield row


@contextmanager
def served(name: str, machines: int) -> Iterator[Pool]:
    """A stand-in of its own with so many machines, as a user would begin it, and the reader of the policy file it prints."""
    words = ["lab", "cloud", name, "--machines", str(machines), "--boot", "0s"]
    command = [sys.executable, "-m", "autoscaler", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - what a pipe was asked for is there
        try:
            text = "".join(iter(process.stdout.readline, "\n"))
            yield Pool(reader=_reader(text), url=_url(text), machines=machines)
        finally:
            process.terminate()


def _reader(text: str) -> PoolReader:
    plugins = installed()
    (cluster,) = parse((("policy.yaml", text),), plugins).clusters
    ((_, reader),) = eyes(cluster, plugins, SystemRuntime()).pools
    return reader


def _url(text: str) -> str:
    return text.partition('url: "')[2].partition('"')[0]


if __name__ == "__main__":
    main()
