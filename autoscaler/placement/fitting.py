"""Puts replicas on machines that are there: packed where we choose, spread where a scheduler is expected to."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from autoscaler.model.resources import Resources
from autoscaler.placement.arrays import Ints
from autoscaler.placement.choosing import choosy, chosen, filled
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.naming import Choice
from autoscaler.placement.problem import HostState, Load

MOST_SUMS = 2000
"""Ways to fill a machine that are looked at; where there are more, one of them is taken to leave too little."""


def fit(ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...], *, spread: bool, told: bool = False) -> Counter[str]:
    """Put up to `count` of the workload on machines of these states; where they went, fewer than `count` if there is no more room.

    `told`: the orchestrator knows of them already, and gives them what devices it likes.
    """
    if count <= 0:
        return Counter()
    choice = None if spread or told else Choice.of(ledger, load)
    if choosy(ledger, load):
        return _fit_choosy(ledger, load, count, states, choice, spread=spread)
    if choice is None:
        return _fit_plain(ledger, load, count, states, spread=spread)
    went = choice.fit(count, states)
    # Where not all devices that are in use are known, none is named.
    left = count - went.total() if load.shape.device else 0
    return went + _fit_plain(ledger, load, left, states, spread=spread) if left else went


def _fit_plain(ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...], *, spread: bool) -> Counter[str]:
    """Where nobody minds beside whom they stand."""
    if load.sure and count == 1:
        return _fit_one(ledger, load, states, spread=spread)
    rows = ledger.open_rows(load, states)
    if not len(rows):
        return Counter()
    if not load.sure:
        return _fit_unsure(ledger, load, count, rows)
    return _put(ledger, load, rows, filled(ledger, load, rows, ledger.fits_at(load, rows), count, spread=spread))


def _fit_choosy(
    ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...], choice: Choice | None, *, spread: bool
) -> Counter[str]:
    """As many looks as it takes: where some stand may decide where the next may."""
    went = Counter[str]()
    while (left := count - went.total()) > 0 and len(rows := ledger.open_rows(load, states)):
        room, seats = ledger.times_at(load, rows), ledger.seats_at(load, rows)
        able = left if load.sure else min(_able(ledger, load, left, rows), _harmless(ledger, load, left, states))
        placed = chosen(ledger, load, rows, np.minimum(room, seats) if load.sure else seats, able, spread=spread)
        if not placed.any():
            break
        went += _put(ledger, load, rows, placed, choice)
        if not load.sure:
            _keep_everywhere(ledger, load, rows, placed)
    return went


def _fit_one(ledger: Ledger, load: Load, states: tuple[HostState, ...], *, spread: bool) -> Counter[str]:
    """The same for a single one: the most frequent case, and only the best machine need be found."""
    rows = ledger.rows_for_one(load, states)
    if not len(rows):
        return Counter()
    if spread:
        rows = _least(rows, ledger.here(load, rows))
        rows = _least(rows, ledger.totals(rows))
    else:
        rows = _least(rows, ledger.tightness(load, rows))
    found = ledger.key_of(int(rows[ledger.ranks(rows).argmin()]))
    ledger.put(load.workload, found, 1)
    return Counter({found: 1})


def size(load: Load, whole: tuple[int, int]) -> int:
    """How much of the largest machine one replica takes, in millionths: the larger of its shares."""
    requests = load.shape.requests
    return max(requests.cpu * 1_000_000 // max(1, whole[0]), requests.memory * 1_000_000 // max(1, whole[1]))


def _fit_unsure(ledger: Ledger, load: Load, count: int, rows: Ints) -> Counter[str]:
    """Whoever places them looks at no requests: all of them may go to any one machine, so each must have room for all."""
    able = _able(ledger, load, count, rows)
    placed = filled(ledger, load, rows, ledger.places_at(load, rows), able, spread=True)
    found = _put(ledger, load, rows, placed)
    _keep_everywhere(ledger, load, rows, placed)
    return found


def _able(ledger: Ledger, load: Load, count: int, rows: Ints) -> int:
    """How many may come without harm wherever they go: where its own limits do not keep them away there must be room for all."""
    places, room = ledger.places_at(load, rows), ledger.times_at(load, rows)
    return min(count, int(np.where(places <= room, count, room).min()))


def _harmless(ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...]) -> int:
    """The same whatever rules keep them away now: where one of them stands may be what lets the next come."""
    rows = ledger.matching_rows(load, states, roomy=False)
    seats, room = ledger.seats_at(load, rows), ledger.times_at(load, rows)
    return min(count, int(np.where(seats <= room, count, room).min()))


def _keep_everywhere(ledger: Ledger, load: Load, rows: Ints, placed: Ints) -> None:
    """Room for all that came, wherever else they may."""
    ledger.reserve_all(load.workload, rows, np.minimum(int(placed.sum()), ledger.places_at(load, rows) + placed) - placed)


def starved(room: Resources, coming: Iterable[Resources], needed: Resources) -> bool:
    """Whether some of what is coming could leave `room` with less than is `needed`: a scheduler may put any of it there that fits."""
    taken = {Resources()}
    for one in coming:
        taken |= {more for some in taken if (more := some + one).fits(room)}
        if len(taken) > MOST_SUMS:
            return True
    return any(not needed.fits(room - some) for some in taken)


def _put(ledger: Ledger, load: Load, rows: Ints, placed: Ints, choice: Choice | None = None) -> Counter[str]:
    """What was placed, by the machine's key."""
    which = placed.nonzero()[0]
    if not len(which):
        return Counter()
    some, counts = rows[which], placed[which]
    if choice:
        for row in np.repeat(some, counts).tolist():
            choice.put(row)
    else:
        ledger.put_all(load.workload, some, counts)
    return Counter(dict(zip(ledger.keys_of(some), counts.tolist(), strict=True)))


def _least(rows: Ints, values: Ints) -> Ints:
    """Those with the lowest value."""
    found: Ints = rows[values == np.minimum.reduce(values)]
    return found
