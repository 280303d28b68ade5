"""The same scores compiled: one state, choice and expected class after another, nothing allocated between them."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.stranding.columns import WHOLE
from autoscaler.placement.stranding.scoring import LIMIT, NEVER, Need, Outlook, Room
from autoscaler.placement.stranding.worth import STEPS


@kernel
def worths(room: Room, todo: Ints, outlook: Outlook) -> Ints:
    """As `plain.worths`."""
    ranked = np.zeros((2, len(outlook.expected.weight)), np.int64)
    found = np.zeros(len(todo), np.int64)
    for index in range(len(todo)):
        slot = todo[index]
        found[index] = _worth(room.free[slot], room.devices[slot], room.kind[slot], outlook, ranked)
    return found


@kernel
def losses(room: Room, base: Ints, todo: Ints, need: Need, outlook: Outlook) -> tuple[Ints, Ints]:
    """As `plain.losses`."""
    ranked = np.zeros((2, len(outlook.expected.weight)), np.int64)
    loss, level = np.full(len(todo), NEVER, np.int64), np.zeros(len(todo), np.int64)
    for index in range(len(todo)):
        slot = todo[index]
        if need.allowed[room.kind[slot]] and np.all(room.free[slot] >= need.requests):
            worth, level[index] = _best(room, slot, need, outlook, ranked)
            loss[index] = base[slot] - worth if worth >= 0 else NEVER
    return loss, level


@kernel
def _best(room: Room, slot: int, need: Need, outlook: Outlook, ranked: Ints) -> tuple[int, int]:
    """The most that the state may still be worth with one replica more, and on what device; -1 where no device has room."""
    free, devices, kind = room.free[slot] - need.requests, room.devices[slot].copy(), room.kind[slot]
    if need.share == 0:
        if np.sum(devices == WHOLE) < need.whole:
            return -1, 0
        devices[: need.whole] = 0
        return _worth(free, devices, kind, outlook, ranked), 0
    best, level, last = -1, 0, -1
    for column in range(len(devices) - 1, -1, -1):
        milli = devices[column]
        if milli < need.share or milli == last:
            continue
        devices[column] -= need.share
        worth = _worth(free, devices, kind, outlook, ranked)
        devices[column] = last = milli
        if worth > best:
            best, level = worth, milli
    return best, level


@kernel
def _worth(free: Ints, devices: Ints, kind: int, outlook: Outlook, ranked: Ints) -> int:
    count = _rank(free, devices, kind, outlook, ranked)
    worth, seen, before = 0, 0, 0
    for index in range(count):
        seen += ranked[1, index]
        counted = outlook.ahead[seen * STEPS // outlook.total]
        worth += ranked[0, index] * (counted - before)
        before = counted
    return worth


@kernel
def _rank(free: Ints, devices: Ints, kind: int, outlook: Outlook, ranked: Ints) -> int:
    """What each expected class would make of the state and how often it comes, most first, into `ranked`; how many there are."""
    expected, count = outlook.expected, 0
    whole = np.sum(devices == WHOLE)
    for one in range(len(expected.weight)):
        if not expected.allowed[one, kind]:
            continue
        most = _most(free, expected.requests[one])
        if most > 0 and expected.whole[one]:
            most = min(most, whole // expected.whole[one])
        elif most > 0 and expected.share[one]:
            most = min(most, _shares(devices, expected.share[one]))
        if most > 0:
            _insert(ranked, count, most * expected.worth[one], expected.weight[one])
            count += 1
    return count


@kernel
def _most(free: Ints, requests: Ints) -> int:
    """How many of them the resources hold."""
    most = LIMIT
    for index in range(len(requests)):
        if requests[index] > 0:
            most = min(most, free[index] // requests[index])
    return most


@kernel
def _shares(devices: Ints, share: int) -> int:
    """How many of them the devices hold."""
    count = 0
    for milli in devices:
        if milli >= share:
            count += milli // share
    return count


@kernel
def _insert(ranked: Ints, count: int, amount: int, weight: int) -> None:
    """In its place among the first `count`, most first."""
    index = count
    while index > 0 and ranked[0, index - 1] < amount:
        ranked[0, index], ranked[1, index] = ranked[0, index - 1], ranked[1, index - 1]
        index -= 1
    ranked[0, index], ranked[1, index] = amount, weight
