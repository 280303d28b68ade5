"""What a test gets back from a call of the command."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ran:
    """What one call ended with."""

    code: int
    out: str
    err: str


class Call(Protocol):
    """`call("plan", "x.yaml")` runs the command in this process."""

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Ran: ...
