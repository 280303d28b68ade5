"""What a policy file says of a recorded file: `sources: {recorded: {file: {path: /var/lib/metrics/depth.csv}}}`."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Memory

Format = Literal["csv", "jsonl", "parquet"]
BY_SUFFIX: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """`format`: where the path's ending does not tell it. `time`: the column of a sample's own time. Over `max_size` it is unknown."""

    path: str
    format: Format | None = None
    time: str = "time"
    max_size: Memory = Memory(4 * 2**20)

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or "\0" in self.path:
            raise PolicyError(f"{self.path[:40]!r} is no whole path", hint="write the whole path, as in /var/lib/metrics/depth.csv")
        if not (self.time and self.max_size.bytes):
            raise PolicyError("a file without times or room has no sample", hint="write `time: at` and `max_size: 4Mi`, or leave them out")
        if not self.format and PurePosixPath(self.path).suffix not in BY_SUFFIX:
            raise PolicyError("the file's ending does not tell its format", hint="write `format: csv`, `jsonl` or `parquet`")

    @property
    def kind(self) -> Format:
        """How it is written."""
        return self.format or BY_SUFFIX[PurePosixPath(self.path).suffix]
