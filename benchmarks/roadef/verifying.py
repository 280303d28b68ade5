"""The challenge's rules, written from its statement alone: knows the file of an instance and nothing of the engine.

What it finds is exact and slow; it is the judge of each result, and of the engine's own sums.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """A row of the file."""

    neighbourhood: int
    location: int
    capacity: list[int]
    safety: list[int]
    distance: list[int]


@dataclass(frozen=True, slots=True)
class Process:
    """A row of the file, and where it is at the start."""

    service: int
    requires: list[int]
    price: int
    home: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A whole file: `resources` are (transient, weight), `services` (spread, what it depends on), `balances` its four numbers."""

    resources: list[tuple[int, int]]
    machines: list[Machine]
    services: list[tuple[int, list[int]]]
    processes: list[Process]
    balances: list[tuple[int, int, int, int]]
    weights: tuple[int, int, int]


def instance(model: Path) -> Instance:
    """Of a `model_NAME.txt` and the `assignment_NAME.txt` beside it."""
    words = iter(model.read_text().split())
    homes = [int(word) for word in model.with_name(model.name.replace("model_", "assignment_")).read_text().split()]

    def some(count: int) -> list[int]:
        return [int(next(words)) for _ in range(count)]

    (kinds,) = some(1)
    resources = [(flag, weight) for flag, weight in (some(2) for _ in range(kinds))]
    (count,) = some(1)
    machines = [Machine(*some(2), some(kinds), some(kinds), some(count)) for _ in range(count)]
    services = [(spread, some(count)) for spread, count in (some(2) for _ in range(some(1)[0]))]
    processes = [Process(some(1)[0], some(kinds), some(1)[0], home) for home, _ in zip(homes, range(some(1)[0]), strict=True)]
    balances = [(first, second, target, weight) for first, second, target, (weight,) in ((*some(3), some(1)) for _ in range(some(1)[0]))]
    process, service, machine = some(3)
    return Instance(resources, machines, services, processes, balances, (process, service, machine))


def price(task: Instance, where: list[int]) -> int:
    """What the assignment costs, by the challenge's five sums."""
    kinds = range(len(task.resources))
    used = _used(task, where)
    load = sum(
        weight * max(0, used[at, kind] - machine.safety[kind])
        for at, machine in enumerate(task.machines)
        for kind, (_, weight) in enumerate(task.resources)
    )
    free = [[machine.capacity[kind] - used[at, kind] for kind in kinds] for at, machine in enumerate(task.machines)]
    balance = sum(weight * max(0, target * row[first] - row[second]) for row in free for first, second, target, weight in task.balances)
    moved = [(process, at) for process, at in zip(task.processes, where, strict=True) if at != process.home]
    by_process, by_service, by_machine = task.weights
    return (
        load
        + balance
        + by_process * sum(process.price for process, _ in moved)
        + by_service * max(Counter(process.service for process, _ in moved).values(), default=0)
        + by_machine * sum(task.machines[process.home].distance[at] for process, at in moved)
    )


def breaches(task: Instance, where: list[int]) -> list[str]:
    """What is broken, in words; nothing for a valid assignment."""
    return [*_over(task, where), *_together(task, where), *_narrow(task, where), *_alone(task, where)]


def _used(task: Instance, where: list[int]) -> Counter[tuple[int, int]]:
    used: Counter[tuple[int, int]] = Counter()
    for process, at in zip(task.processes, where, strict=True):
        for kind, amount in enumerate(process.requires):
            used[at, kind] += amount
    return used


def _over(task: Instance, where: list[int]) -> Iterator[str]:
    taken = _used(task, where)
    for process, at in zip(task.processes, where, strict=True):
        for kind, (transient, _) in enumerate(task.resources):
            if transient and at != process.home:
                taken[process.home, kind] += process.requires[kind]
    for (at, kind), amount in taken.items():
        if amount > task.machines[at].capacity[kind]:
            yield f"machine {at} holds {amount} of resource {kind}"


def _together(task: Instance, where: list[int]) -> Iterator[str]:
    for (service, at), count in Counter((process.service, at) for process, at in zip(task.processes, where, strict=True)).items():
        if count > 1:
            yield f"{count} processes of service {service} on machine {at}"


def _places(task: Instance, where: list[int], what: list[int]) -> dict[int, set[int]]:
    places: dict[int, set[int]] = defaultdict(set)
    for process, at in zip(task.processes, where, strict=True):
        places[process.service].add(what[at])
    return places


def _narrow(task: Instance, where: list[int]) -> Iterator[str]:
    locations = _places(task, where, [machine.location for machine in task.machines])
    for service, (spread, _) in enumerate(task.services):
        if len(locations[service]) < spread:
            yield f"service {service} in {len(locations[service])} locations"


def _alone(task: Instance, where: list[int]) -> Iterator[str]:
    near = _places(task, where, [machine.neighbourhood for machine in task.machines])
    for service, (_, needs) in enumerate(task.services):
        for other in needs:
            if not near[service] <= near[other]:
                yield f"service {service} far from service {other}"
