"""The promises of a metrics source, kept by files of each format."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_file.metrics_reader import FileReader
from autoscaler_file.settings import FileSettings
from tests.parquet_files import INSTANTS, written

RUNTIME = SystemRuntime()
SITE = Site(name="recorded", cluster=ClusterName("shop"), runtime=RUNTIME)
Lines = tuple[tuple[float, str, str], ...]
"""Rows of seconds before now, `rps` and `depth`."""

GOOD: Lines = ((90, "1", "1"), (2, "12.3456", "7"), (-60, "99", "99"))


def csv(rows: Lines) -> str:
    now = RUNTIME.now() / 1000
    return "time,rps,depth\n" + "".join(f"{now - ago:.3f},{rps},{depth}\n" for ago, rps, depth in rows)


def jsonl(rows: Lines) -> str:
    now = RUNTIME.now() / 1000
    return "".join(json.dumps({"time": now - ago, "rps": rps, "depth": depth}) + "\n" for ago, rps, depth in rows)


def parquet(rows: Lines) -> bytes:
    now, (ago, rps, depth) = RUNTIME.now(), zip(*rows, strict=True)
    return written(
        ("time", pa.array([now - round(each * 1000) for each in ago], INSTANTS)),
        ("rps", [float(each) for each in rps]),
        ("depth", [int(each) for each in depth]),
    )


class FileContract(MetricsContract):
    """The same for each format."""

    ending: str

    @pytest.fixture
    def metrics(self, tmp_path: Path) -> Metrics:
        path = tmp_path / f"recorded.{self.ending}"
        made: dict[str, Callable[[Lines], str | bytes]] = {"csv": csv, "jsonl": jsonl, "parquet": parquet}

        def becomes(*rows: tuple[float, str, str]) -> None:
            body = made[self.ending](rows)
            path.write_bytes(body if isinstance(body, bytes) else body.encode())

        becomes(*GOOD)
        return Metrics(
            reader=FileReader(FileSettings(path=str(path)), SITE),
            good=tuple(MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text) for text in ("rps", "depth")),
            values=(12_346, 7000),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes((1, "NaN", "7")),
                Code.MISSING: lambda: becomes((-5, "1", "7")),
                Code.STALE: lambda: becomes((90, "1", "7")),
                Code.CONTRADICTORY: lambda: becomes((2, "1", "7"), (2, "2", "7")),
                Code.TOO_LARGE: lambda: becomes(*[(1, "1" * 90, "7")] * 200_000),
                Code.MALFORMED: lambda: path.write_bytes(b"time,rps\n1,2,3\n\xff\n"),  # type: ignore[dict-item]
            },
            break_down=path.unlink,
        )


class TestCsv(FileContract):
    ending = "csv"


class TestJsonLines(FileContract):
    ending = "jsonl"


class TestParquet(FileContract):
    ending = "parquet"
