"""Swarm's amounts in ours: nano-cores to milli-cores, generic resources by kind."""

from collections import Counter

from autoscaler.model.resources import Resources
from autoscaler_docker.fields import Json, number, rows, table, text

NANO_PER_MILLI = 1_000_000


def reserved(resources: Json) -> Resources:
    """What a task reserves; processor time is rounded up, so that sums never come out too small."""
    return _read(resources, round_up=True)


def offered(resources: Json) -> Resources:
    """What a node has; rounded down."""
    return _read(resources, round_up=False)


def _read(resources: Json, *, round_up: bool) -> Resources:
    nano = number(resources, "NanoCPUs")
    milli = -(-nano // NANO_PER_MILLI) if round_up else nano // NANO_PER_MILLI
    return Resources(milli, number(resources, "MemoryBytes"), _generic(rows(resources, "GenericResources")))


def _generic(found: list[Json]) -> tuple[tuple[str, int], ...]:
    sums: Counter[str] = Counter()
    for one in found:
        discrete, named = table(one, "DiscreteResourceSpec"), table(one, "NamedResourceSpec")
        if discrete:
            sums[text(discrete, "Kind")] += number(discrete, "Value")
        if named:
            sums[text(named, "Kind")] += 1
    return tuple(sorted((kind, amount) for kind, amount in sums.items() if amount))
