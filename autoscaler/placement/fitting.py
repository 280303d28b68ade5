"""Puts replicas on machines that are there: packed where we choose, spread where a scheduler is expected to."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from autoscaler.model.resources import Resources
from autoscaler.placement.arrays import Ints
from autoscaler.placement.filling import levelled, packed
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Load

MOST_SUMS = 2000
"""Ways to fill a machine that are looked at; where there are more, one of them is taken to leave too little."""


def fit(ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...], *, spread: bool) -> Counter[str]:
    """Put up to `count` of the workload on machines of these states; where they went, fewer than `count` if there is no more room."""
    if count <= 0:
        return Counter()
    if load.sure and count == 1:
        return _fit_one(ledger, load, states, spread=spread)
    rows = ledger.open_rows(load, states)
    if not len(rows):
        return Counter()
    if not load.sure:
        return _fit_unsure(ledger, load, count, rows)
    fits = np.minimum(ledger.times_at(load, rows), ledger.places_at(load, rows))
    placed = _spread(ledger, load, rows, fits, count) if spread else _packed(ledger, load, rows, fits, count)
    return _put(ledger, load, rows, placed)


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


def _packed(ledger: Ledger, load: Load, rows: Ints, fits: Ints, count: int) -> Ints:
    """Best fit: fill the machine with the least room left over, then the next."""
    return packed(np.lexsort((ledger.ranks(rows), ledger.tightness(load, rows))), fits, count)


def _spread(ledger: Ledger, load: Load, rows: Ints, fits: Ints, count: int) -> Ints:
    return levelled(ledger.here(load, rows), ledger.totals(rows), ledger.ranks(rows), fits, count)


def _fit_unsure(ledger: Ledger, load: Load, count: int, rows: Ints) -> Counter[str]:
    """Whoever places them looks at no requests: all of them may go to any one machine, so each must have room for all."""
    places, room = ledger.places_at(load, rows), ledger.times_at(load, rows)
    # All of them may come without harm where its own limits keep away what has no room.
    able = int(np.where(places <= room, count, room).min())
    placed = _spread(ledger, load, rows, places, min(able, count))
    went = int(placed.sum())
    found = _put(ledger, load, rows, placed)
    ledger.reserve_all(load.workload, rows, np.minimum(went, ledger.places_at(load, rows) + placed) - placed)
    return found


def starved(room: Resources, coming: Iterable[Resources], needed: Resources) -> bool:
    """Whether some of what is coming could leave `room` with less than is `needed`: a scheduler may put any of it there that fits."""
    taken = {Resources()}
    for one in coming:
        taken |= {more for some in taken if (more := some + one).fits(room)}
        if len(taken) > MOST_SUMS:
            return True
    return any(not needed.fits(room - some) for some in taken)


def _put(ledger: Ledger, load: Load, rows: Ints, placed: Ints) -> Counter[str]:
    """What was placed, by the machine's key."""
    which = placed.nonzero()[0]
    if not len(which):
        return Counter()
    ledger.put_all(load.workload, rows[which], placed[which])
    return Counter({ledger.key_of(row): many for row, many in zip(rows[which].tolist(), placed[which].tolist(), strict=True)})


def _least(rows: Ints, values: Ints) -> Ints:
    """Those with the lowest value."""
    found: Ints = rows[values == values.min()]
    return found
