"""Long-running operations: what was asked is under way for a while, then done or failed; and what is asked twice is done once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.clock import Clock
from autoscaler_standins.gcp.words import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`place`: the zone or region it is in; none of what is global. `trouble`: why it fails, at its end. `request`: its caller's id."""

    number: int
    kind: str
    place: str
    regional: bool
    target: str
    begun_at: Instant
    done_at: Instant
    request: str = ""
    trouble: Trouble | None = None

    @property
    def name(self) -> str:
        """Its own."""
        return f"operation-{self.begun_at}-{self.number:08x}"


@dataclass(slots=True, kw_only=True)
class Operations:
    """`lasts`: how long each takes."""

    clock: Clock
    lasts: Duration = Duration(400)
    all: dict[str, Operation] = field(default_factory=dict)
    requests: dict[tuple[str, str], Operation] = field(default_factory=dict)

    def repeated(self, kind: str, query: Mapping[str, str]) -> Operation | None:
        """The one that was begun by the same request."""
        return self.requests.get((kind, query.get("requestId", "")))

    def begin(self, kind: str, place: tuple[str, bool], target: str, request: str = "", trouble: Trouble | None = None) -> Operation:
        """Of a request that was accepted. `place`: where, and whether that is a region."""
        now = self.clock.now()
        operation = Operation(
            number=len(self.all) + 1,
            kind=kind,
            place=place[0],
            regional=place[1],
            target=target,
            begun_at=now,
            done_at=later(now, self.lasts),
            request=request,
            trouble=trouble,
        )
        self.all[operation.name] = operation
        if request:
            self.requests[kind, request] = operation
        return operation

    def find(self, name: str, place: str) -> Operation | None:
        """By its name, in the zone or region it is in."""
        found = self.all.get(name)
        return found if found and found.place == place else None
