"""Faults on demand: what befalls the next calls of an operation."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """REFUSE: an error of the vendor's, nothing done. DELAY: late. CUT: done, and no reply. STALE: what was read before."""

    REFUSE = "refuse"
    DELAY = "delay"
    CUT = "cut"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """For the next `times` of `operation`, as the stand-in calls it; `*` is every one. `code`, `status`: of a refusal. `ms`: of a delay."""

    operation: str
    kind: Kind
    times: int = 1
    code: str = ""
    status: int = 400
    ms: int = 0

    def meets(self, operation: str) -> bool:
        """Whether it befalls such a call."""
        return self.times > 0 and self.operation in ("*", operation)


@dataclass(slots=True)
class Faults:
    """Those still to come; `met`: those that came, by operation."""

    coming: list[Fault] = field(default_factory=list)
    met: list[tuple[str, Fault]] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """More, after those that are there."""
        self.coming.extend(faults)

    def take(self, operation: str) -> Fault | None:
        """What befalls this call; each fault once per time it is meant for."""
        for place, fault in enumerate(self.coming):
            if fault.meets(operation):
                self.coming[place] = replace(fault, times=fault.times - 1)
                self.met.append((operation, fault))
                return fault
        return None
