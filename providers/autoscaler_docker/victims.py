"""Which tasks Swarm ends when a service's count is lowered: there is no choosing, but it can be foretold.

Swarm's replicated orchestrator puts the slots that run before those that do not, each group by slot number; counts each slot as the
n-th of its node, in that order; sorts by that count, as `gosort` does; and lets the tail go. A slot without a node, or with two live
tasks (in the middle of an update), counts as the last.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autoscaler.model.refs import ReplicaId
from autoscaler_docker.gosort import go_sorted

LAST = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A task that Swarm means to keep. `node` is empty until it has one."""

    id: ReplicaId
    slot: int
    node: str
    running: bool


Slot = tuple[Live, ...]


def removal_order(tasks: Iterable[Live]) -> tuple[ReplicaId, ...]:
    """The replicas in the order they would go; both tasks of a slot go together."""
    return tuple(task.id for slot in slots_in_order(tasks) for task in slot)


def foretold(tasks: Iterable[Live], wanted: int) -> frozenset[ReplicaId]:
    """The replicas that would go if the count were set to `wanted`."""
    slots = slots_in_order(tasks)
    return frozenset(task.id for slot in slots[: max(0, len(slots) - wanted)] for task in slot)


def slots_in_order(tasks: Iterable[Live]) -> list[Slot]:
    """The slots, the first to go first."""
    slots = sorted(_slots(tasks), key=lambda slot: (not any(task.running for task in slot), slot[0].slot))
    seen: Counter[str] = Counter()
    places = [(_place(slot, seen), slot) for slot in slots]
    return go_sorted(places)[::-1]


def _slots(tasks: Iterable[Live]) -> list[Slot]:
    found: dict[int, list[Live]] = {}
    for task in tasks:
        found.setdefault(task.slot, []).append(task)
    return [tuple(sorted(slot, key=lambda task: task.id)) for slot in found.values()]


def _place(slot: Slot, seen: Counter[str]) -> int:
    node = slot[0].node
    if len(slot) > 1 or not node:
        return LAST
    seen[node] += 1
    return seen[node]
