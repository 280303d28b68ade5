"""Whom Swarm ends when a count is lowered: not chosen by anyone, but predictable."""

from autoscaler.simulation.world.state import Unit

LAST = 2**31


def removal_order(units: list[Unit]) -> list[Unit]:
    """Live units in the order a lowered count would end them.

    Slots, healthy ones first, then by number, are counted per node; sorted by that count, the tail goes. A slot with two live units
    (its owner's update is replacing it) or without a node goes before all others, with all its units.
    """
    slots: dict[int, list[Unit]] = {}
    for unit in units:
        if unit.live:
            slots.setdefault(unit.slot, []).append(unit)
    by_health = sorted(slots.items(), key=lambda slot: (not any(unit.healthy for unit in slot[1]), slot[0]))
    keeping = sorted(_counted(by_health), key=lambda entry: entry[0])
    return [unit for _, members in reversed(keeping) for unit in members]


def _counted(slots: list[tuple[int, list[Unit]]]) -> list[tuple[int, list[Unit]]]:
    """Each slot as the n-th of its node."""
    seen: dict[str, int] = {}
    counted = []
    for _, members in slots:
        node = members[0].node
        if len(members) > 1 or not node:
            counted.append((LAST, members))
            continue
        seen[node] = seen.get(node, 0) + 1
        counted.append((seen[node], members))
    return counted
