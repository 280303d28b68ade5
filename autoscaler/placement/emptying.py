"""Several machines emptied on a fork of a search, all fenced: one after the other, or all at once where it is the same who goes first."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import repeat

import numpy as np

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.rows import rows
from autoscaler.placement.answer import Relocation
from autoscaler.placement.arrays import Ints
from autoscaler.placement.choosing import choosy, filled, in_turn
from autoscaler.placement.closing import Emptied, empty, surge_for
from autoscaler.placement.kinds import Kind, kind_of
from autoscaler.placement.problem import OPEN, HostState, Load, Resident
from autoscaler.placement.search import Search

WHEREVER = ""
"""Where something comes from that was sent on, or that comes from several machines."""


def replayed(before: Search, keys: Sequence[str]) -> tuple[Search, dict[str, Reason], list[Emptied]]:
    """All of them closed, none of them taking what another one gives away; without those that cannot be, as if these had not been asked.

    What stays open is a place to go to, and a domain that has to be filled: with it the others may have to go elsewhere, or stay too.
    """
    refused, left = dict[str, Reason](), list(keys)
    while True:
        trial, more, found = tried(before, left)
        if not more:
            return trial, refused, found
        refused |= more
        left = [key for key in left if key not in more]


def tried(before: Search, keys: Sequence[str]) -> tuple[Search, dict[str, Reason], list[Emptied]]:
    """The same once; those that cannot be are opened again for the ones after them."""
    trial, refused, found = before.fork(), dict[str, Reason](), list[Emptied]()
    for key in keys:
        trial.ledger.set_state(key, HostState.CLOSING)
    for key in keys:
        one = trial.tried(partial(off, trial, key))
        if isinstance(one, Reason):
            refused[key] = one
            trial.ledger.set_state(key, HostState.OPEN)
        else:
            trial.closed(key, one)
            found.append(one)
    return trial, refused, found


def together(before: Search, keys: Sequence[str]) -> tuple[Search, list[Emptied]]:
    """The same, nothing found where not all of them can be closed."""
    trial = before.fork()
    if came := _all_together(trial, keys):
        return trial, [came]
    trial, refused, found = tried(before, keys)
    return trial, [] if refused else found


def off(search: Search, key: str) -> Emptied | Reason:
    """What stands there goes elsewhere, if it can."""
    return empty(search.ledger, key, search.moving(key), search.booked, spread=search.problem.spread)


def _all_together(search: Search, keys: Sequence[str]) -> Emptied | None:
    """All of them closed by the search, and what comes to the others; None where it matters who goes first, or there is too little room.

    All that leave ask for the same, and nothing but room decides: a machine holds so many of them, whoever comes first. So each finds a
    place in whatever order the machines are emptied, and on whichever others it comes. What is None has changed the search: try it on a
    fork.
    """
    leaving: dict[WorkloadRef, list[tuple[int, int]]] = defaultdict(list)
    for place, key in enumerate(keys):
        for one in search.standing(key):
            leaving[one.workload].append((place, one.count))
            if not _by_room_alone(search, one):
                return None
    if len({_asks(search.ledger.loads[ref]) for ref in leaving}) > 1:
        return None
    for key in keys:
        search.ledger.set_state(key, HostState.LEAVING)
        search.ledger.count_daemons(key, -1)
    return _moved(search, keys, leaving)


def _by_room_alone(search: Search, one: Resident) -> bool:
    load = search.ledger.loads[one.workload]
    limited = load.shape.device or load.shape.host_ports or load.shape.max_per_node is not None or choosy(search.ledger, load)
    return load.sure and not limited and not search.booked[one.workload] and not surge_for(load, one.serving)


def _asks(load: Load) -> tuple[Resources, Kind]:
    """How much room, and which machines."""
    return load.shape.requests, kind_of(load.shape)


def _moved(search: Search, keys: Sequence[str], leaving: dict[WorkloadRef, list[tuple[int, int]]]) -> Emptied | None:
    """Workload by workload."""
    ledger, moves, came = search.ledger, [list[Relocation]() for _ in keys], list[Relocation]()
    for load in (ledger.loads[ref] for ref in sorted(leaving)):
        sources, counts = np.array(leaving[load.workload]).T
        targets = _dealt(search, load, int(np.add.reduce(counts)))
        if targets is None:
            return None
        ledger.put_all(load.workload, np.array([ledger.rows[keys[place]] for place in sources.tolist()]), -counts)
        came += _moves(search, load, np.zeros_like(targets), targets, [WHEREVER])[0]
        found, ends = _moves(search, load, np.repeat(sources, counts), targets, keys)
        for place, first, end in ends:
            moves[place] += found[first:end]
    for key, some in zip(keys, moves, strict=True):
        search.closed(key, Emptied(moves=tuple(some)))
    return Emptied(moves=tuple(came))


def _dealt(search: Search, load: Load, count: int) -> Ints | None:
    """The row where each of them comes, in turn, and on the ledger; None where there is too little room."""
    ledger, spread = search.ledger, search.problem.spread
    able = ledger.open_rows(load, OPEN)
    placed = filled(ledger, load, able, ledger.fits_at(load, able), count, spread=spread)
    if int(np.add.reduce(placed)) < count:
        return None
    some = placed.nonzero()[0]
    targets = in_turn(ledger, load, able[some], placed[some], spread=spread)
    ledger.put_all(load.workload, able[some], placed[some])
    return targets


def _moves(
    search: Search, load: Load, sources: Ints, targets: Ints, keys: Sequence[str]
) -> tuple[list[Relocation], list[tuple[int, int, int]]]:
    """Those that leave a machine for the same other one are one move; which machine has which of them, from and to.

    `sources`: places among `keys`, in order.
    """
    ledger = search.ledger
    every = ledger.by_rank()
    pairs, counts = np.unique(sources * len(every) + ledger.ranks(targets), return_counts=True)
    leaves, comes = np.divmod(pairs, len(every))
    there = ledger.keys_of(every[comes])
    found = rows(Relocation, repeat(load.workload), counts.tolist(), map(keys.__getitem__, leaves.tolist()), there, repeat(()))
    ends = (np.flatnonzero(np.diff(leaves, append=len(keys))) + 1).tolist()
    return found, list(zip(leaves[[end - 1 for end in ends]].tolist(), [0, *ends], ends, strict=False))
