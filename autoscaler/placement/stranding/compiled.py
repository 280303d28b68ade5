"""The same scores compiled: one state, choice and expected class after another, nothing allocated between them."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.stranding.columns import WHOLE
from autoscaler.placement.stranding.scoring import LIMIT, NEVER, UNKNOWN, Need, Outlook, Room
from autoscaler.placement.stranding.worth import STEPS


class State(NamedTuple):
    """One of those in a `Room`."""

    free: Ints
    devices: Ints
    model: Ints
    kind: int


@kernel
def losses(room: Room, base: Ints, todo: Ints, need: Need, outlook: Outlook) -> tuple[Ints, Ints]:
    """As `plain.losses`."""
    ranked = np.zeros((2, len(outlook.expected.weight)), np.int64)
    loss, column = np.full(len(todo), NEVER, np.int64), np.zeros(len(todo), np.int64)
    for index in range(len(todo)):
        slot = todo[index]
        if need.allowed[room.kind[slot]] and np.all(room.free[slot] >= need.requests):
            worth, column[index] = _best(room, slot, need, outlook, ranked)
            if worth >= 0:
                if base[slot] == UNKNOWN:
                    base[slot] = _worth(State(room.free[slot], room.devices[slot], room.model[slot], room.kind[slot]), outlook, ranked)
                loss[index] = base[slot] - worth
    return loss, column


@kernel
def _best(room: Room, slot: int, need: Need, outlook: Outlook, ranked: Ints) -> tuple[int, int]:
    """The most that the state may still be worth with one replica more, and on which device; -1 where no device has room."""
    devices, model = room.devices[slot].copy(), room.model[slot]
    state = State(room.free[slot] - need.requests, devices, model, room.kind[slot])
    if need.share == 0:
        left = need.whole
        for column in range(len(devices)):
            if left > 0 and devices[column] == WHOLE and need.accepts[model[column]]:
                devices[column] = 0
                left -= 1
        return (-1, 0) if left > 0 else (_worth(state, outlook, ranked), 0)
    best, chosen, last, before = -1, 0, -1, -1
    for column in range(len(devices) - 1, -1, -1):
        milli = devices[column]
        if milli < need.share or not need.accepts[model[column]] or (milli == last and model[column] == before):
            continue
        devices[column] -= need.share
        worth = _worth(state, outlook, ranked)
        devices[column] = last = milli
        before = model[column]
        if worth > best:
            best, chosen = worth, column
    return best, chosen


@kernel
def _worth(state: State, outlook: Outlook, ranked: Ints) -> int:
    count = _rank(state, outlook, ranked)
    worth, seen, before = 0, 0, 0
    for index in range(count):
        seen += ranked[1, index]
        counted = outlook.ahead[seen * STEPS // outlook.total]
        worth += ranked[0, index] * (counted - before)
        before = counted
    return worth


@kernel
def _rank(state: State, outlook: Outlook, ranked: Ints) -> int:
    """What each expected class would make of the state and how often it comes, most first, into `ranked`; how many there are."""
    expected, count = outlook.expected, 0
    for one in range(len(expected.weight)):
        if not expected.allowed[one, state.kind]:
            continue
        most = _most(state.free, expected.requests[one])
        if most > 0 and expected.whole[one]:
            most = min(most, _held(state, expected.accepts[one], WHOLE) // expected.whole[one])
        elif most > 0 and expected.share[one]:
            most = min(most, _held(state, expected.accepts[one], expected.share[one]))
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
def _held(state: State, accepts: Bools, share: int) -> int:
    """How many of them the devices hold."""
    count = 0
    for column in range(len(state.devices)):
        if state.devices[column] >= share and accepts[state.model[column]]:
            count += state.devices[column] // share
    return count


@kernel
def _insert(ranked: Ints, count: int, amount: int, weight: int) -> None:
    """In its place among the first `count`, most first."""
    index = count
    while index > 0 and ranked[0, index - 1] < amount:
        ranked[0, index], ranked[1, index] = ranked[0, index - 1], ranked[1, index - 1]
        index -= 1
    ranked[0, index], ranked[1, index] = amount, weight
