"""Scores in plain numpy: every state, choice and expected class at once."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding.columns import WHOLE
from autoscaler.placement.stranding.mix import Expected
from autoscaler.placement.stranding.scoring import LIMIT, NEVER, Need, Outlook, Room
from autoscaler.placement.stranding.worth import STEPS

BATCH = 256
"""States at a time, so that memory stays small."""


def worths(room: Room, todo: Ints, outlook: Outlook) -> Ints:
    """What the room of these states is worth, [todo]."""
    parts = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
    found = [_worth(room.free[part], room.devices[part], room.kind[part], outlook) for part in parts]
    return np.concatenate([*found, np.zeros(0, np.int64)])


def losses(room: Room, base: Ints, todo: Ints, need: Need, outlook: Outlook) -> tuple[Ints, Ints]:
    """The least that a replica takes from the worth of these states, [todo], and the free milli of the device it takes that way.

    Of choices that cost the same the fullest device is taken. NEVER where it does not fit.
    """
    loss, level = np.full(len(todo), NEVER, np.int64), np.zeros(len(todo), np.int64)
    for index, milli in _choices(room, todo, need):
        part = todo[index]
        devices = _without(room.devices[part], milli, need)
        free = room.free[part] - need.requests
        cost = base[part] - worths(Room(free, devices, room.kind[part]), np.arange(len(part)), outlook)
        better = cost < loss[index]
        loss[index[better]], level[index[better]] = cost[better], milli[better]
    return loss, level


def _choices(room: Room, todo: Ints, need: Need) -> list[tuple[Ints, Ints]]:
    """Which of the states could take it, and with what milli free on the device it would share; the fullest devices first."""
    fits = (room.free[todo] >= need.requests).all(axis=1) & need.allowed[room.kind[todo]]
    if not need.share:
        index = np.flatnonzero(fits & ((room.devices[todo] == WHOLE).sum(axis=1) >= need.whole))
        return [(index, np.zeros(len(index), np.int64))] if len(index) else []
    found = []
    for column in reversed(range(room.devices.shape[1])):
        milli = room.devices[todo, column]
        index = np.flatnonzero(fits & (milli >= need.share))
        if len(index):
            found.append((index, milli[index]))
    return found


def _without(devices: Ints, milli: Ints, need: Need) -> Ints:
    """The devices once it has taken its own: the whole ones stand in front."""
    left = devices.copy()
    if need.share:
        left[np.arange(len(left)), np.argmax(left == milli[:, None], axis=1)] -= need.share
    else:
        left[:, : need.whole] = 0
    return left


def _worth(free: Ints, devices: Ints, kind: Ints, outlook: Outlook) -> Ints:
    expected = outlook.expected
    amounts = _replicas(free, devices, expected) * expected.worth * expected.allowed[:, kind].T
    order = np.argsort(-amounts, axis=1, kind="stable")
    chance = np.cumsum(expected.weight[order], axis=1) * STEPS // outlook.total
    counted = np.diff(outlook.ahead[chance], axis=1, prepend=0)
    return np.asarray((np.take_along_axis(amounts, order, axis=1) * counted).sum(axis=1), np.int64)


def _replicas(free: Ints, devices: Ints, expected: Expected) -> Ints:
    """How many of each expected class fit, if nothing else comes, [S, M]."""
    most = np.full((len(free), len(expected.whole)), LIMIT, np.int64)
    for amount, asks in zip(free.T, expected.requests.T, strict=True):
        most = np.minimum(most, np.where(asks > 0, amount[:, None] // np.maximum(1, asks), LIMIT))
    whole = (devices == WHOLE).sum(axis=1)[:, None] // np.maximum(1, expected.whole)
    shares = (devices[:, :, None] // np.maximum(1, expected.share)).sum(axis=1)
    most = np.where(expected.whole > 0, np.minimum(most, whole), most)
    most = np.where(expected.share > 0, np.minimum(most, shares), most)
    return np.maximum(0, most)
