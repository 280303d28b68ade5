"""The answer: where everything goes, what to open, what could be closed, and why the rest stays as it is."""

from dataclasses import dataclass
from typing import NamedTuple

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import OfferingName, PoolName, WorkloadRef


# Named tuples, where an answer has tens of thousands of them.
class Assignment(NamedTuple):
    """`count` replicas to come go to machine `host`; `new-1` is the first one opened.

    `devices`: where they are ours to name, those of each of them, none of one that asks for none; else nothing.
    """

    workload: WorkloadRef
    count: int  # type: ignore[assignment]  # no tuple's own
    host: str
    devices: tuple[tuple[int, ...], ...] = ()


class Opening(NamedTuple):
    """A machine to open: `key` as assignments name it. `spare`: only for room that its pool keeps free, so nobody waits for it."""

    key: str
    pool: PoolName
    offering: OfferingName
    reasons: tuple[Reason, ...] = ()
    spare: bool = False


class Relocation(NamedTuple):
    """`count` replicas leave `source` for `target`. `devices`: as of an `Assignment`."""

    workload: WorkloadRef
    count: int  # type: ignore[assignment]  # no tuple's own
    source: str
    target: str
    devices: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """`count` replicas fit nowhere, and why."""

    workload: WorkloadRef
    count: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgone:
    """A preference of a workload that what is bought does not keep to, and why."""

    workload: WorkloadRef
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A machine that stays, and what decided it."""

    host: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Replicas of a workload that stay on a machine until its cloud takes it, and why."""

    host: str
    workload: WorkloadRef
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An offering that was not taken, and why."""

    pool: PoolName
    offering: OfferingName
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A pool that cannot be given the room its rules ask for, and why."""

    pool: PoolName
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Machines to close because others cost less, and those to open in their place: all of them or none."""

    closes: tuple[str, ...]
    opens: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """`unfence`: machines being closed that are needed after all. `closes`: machines that can go, best first; any part of them may.

    `moves` are those of `closes` and of machines already leaving. `tight`: machine and workload, where surge and replacements do not
    both fit: some replacements wait until the surge is given back. `price` per hour of what stays and opens, if all of `closes` go.
    `left`: what no way was found for off machines that end. `swap`: those of `closes` and `opens` that are there for each other.
    `joins`: of workloads that come, whom they have to join that comes as well.
    `bound`: the same with the least that machines for what is to come could cost, where that is proven. `rounds`: candidates tried.
    """

    assignments: tuple[Assignment, ...] = ()
    opens: tuple[Opening, ...] = ()
    unfence: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    moves: tuple[Relocation, ...] = ()
    tight: tuple[tuple[str, WorkloadRef], ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    kept: tuple[Kept, ...] = ()
    left: tuple[Left, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    forgone: tuple[Forgone, ...] = ()
    joins: tuple[tuple[WorkloadRef, tuple[WorkloadRef, ...]], ...] = ()
    swap: Swap | None = None
    price: int = 0
    bound: int | None = None
    rounds: int = 0
