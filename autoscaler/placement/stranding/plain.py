"""Scores in plain numpy: every state, choice and expected class at once."""

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.stranding.columns import WHOLE
from autoscaler.placement.stranding.scoring import LIMIT, NEVER, UNKNOWN, Expected, Need, Outlook, Room
from autoscaler.placement.stranding.worth import STEPS

BATCH = 256
"""States at a time, so that memory stays small."""


def worths(room: Room, todo: Ints, outlook: Outlook) -> Ints:
    """What the room of these states is worth, [todo]."""
    parts = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
    found = [_worth(Room(*(each[part] for each in room)), outlook) for part in parts]
    return np.concatenate([*found, np.zeros(0, np.int64)])


def losses(room: Room, base: Ints, todo: Ints, need: Need, outlook: Outlook) -> tuple[Ints, Ints]:
    """The least that a replica takes from the worth of these states, [todo], and the column of the device it shares that way.

    Devices stand most free first. Of choices that cost the same the fullest device is taken. NEVER where it does not fit. `base`: what
    the states are worth as they are; what is UNKNOWN of it and needed is written there.
    """
    loss, column = np.full(len(todo), NEVER, np.int64), np.zeros(len(todo), np.int64)
    for index, at in _choices(room, todo, need):
        part = todo[index]
        unknown = part[base[part] == UNKNOWN]
        base[unknown] = worths(room, unknown, outlook)
        left = Room(room.free[part] - need.requests, _without(room, part, at, need), room.model[part], room.kind[part])
        cost = base[part] - worths(left, np.arange(len(part)), outlook)
        better = cost < loss[index]
        loss[index[better]], column[index[better]] = cost[better], at
    return loss, column


def _choices(room: Room, todo: Ints, need: Need) -> list[tuple[Ints, int]]:
    """Which of the states could take it, and on the device of which column it would share; the fullest devices first."""
    fits = (room.free[todo] >= need.requests).all(axis=1) & need.allowed[room.kind[todo]]
    if not need.share:
        index = np.flatnonzero(fits & (_whole(room, todo, need).sum(axis=1) >= need.whole))
        return [(index, 0)] if len(index) else []
    found = []
    for column in reversed(range(room.devices.shape[1])):
        able = (room.devices[todo, column] >= need.share) & need.accepts[room.model[todo, column]]
        index = np.flatnonzero(fits & able)
        if len(index):
            found.append((index, column))
    return found


def _whole(room: Room, part: Ints, need: Need) -> Bools:
    found: Bools = (room.devices[part] == WHOLE) & need.accepts[room.model[part]]
    return found


def _without(room: Room, part: Ints, column: int, need: Need) -> Ints:
    """The devices once it has taken its own."""
    left: Ints = room.devices[part].copy()
    if need.share:
        left[:, column] -= need.share
    else:
        whole = _whole(room, part, need)
        left[whole & (np.cumsum(whole, axis=1) <= need.whole)] = 0
    return left


def _worth(room: Room, outlook: Outlook) -> Ints:
    expected = outlook.expected
    amounts = _replicas(room, expected) * expected.worth * expected.allowed[:, room.kind].T
    order = np.argsort(-amounts, axis=1, kind="stable")
    chance = np.cumsum(expected.weight[order], axis=1) * STEPS // outlook.total
    counted = np.diff(outlook.ahead[chance], axis=1, prepend=0)
    return np.asarray((np.take_along_axis(amounts, order, axis=1) * counted).sum(axis=1), np.int64)


def _replicas(room: Room, expected: Expected) -> Ints:
    """How many of each expected class fit, if nothing else comes, [S, M]."""
    most = np.full((len(room.free), len(expected.whole)), LIMIT, np.int64)
    for amount, asks in zip(room.free.T, expected.requests.T, strict=True):
        most = np.minimum(most, np.where(asks > 0, amount[:, None] // np.maximum(1, asks), LIMIT))
    usable = np.where(expected.accepts[:, room.model], room.devices, 0)
    whole = (usable == WHOLE).sum(axis=2).T // np.maximum(1, expected.whole)
    shares = (usable // np.maximum(1, expected.share)[:, None, None]).sum(axis=2).T
    most = np.where(expected.whole > 0, np.minimum(most, whole), most)
    most = np.where(expected.share > 0, np.minimum(most, shares), most)
    return np.maximum(0, most)
