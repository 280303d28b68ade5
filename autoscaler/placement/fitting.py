"""Puts replicas on machines that are there: packed where we choose, spread where a scheduler is expected to."""

from collections import Counter
from collections.abc import Iterable

from autoscaler.model.resources import Resources
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Load

MOST_SUMS = 2000
"""Ways to fill a machine that are looked at; where there are more, one of them is taken to leave too little."""


def fit(ledger: Ledger, load: Load, count: int, states: tuple[HostState, ...], *, spread: bool) -> Counter[str]:
    """Put up to `count` of the workload on machines of these states; where they went, fewer than `count` if there is no more room."""
    keys = ledger.open_for(load, states)
    if not load.sure:
        return _fit_unsure(ledger, load, count, keys)
    return _spread(ledger, load, count, keys) if spread else _pack(ledger, load, count, keys)


def size(load: Load, whole: tuple[int, int]) -> int:
    """How much of the largest machine one replica takes, in millionths: the larger of its shares."""
    requests = load.shape.requests
    return max(requests.cpu * 1_000_000 // max(1, whole[0]), requests.memory * 1_000_000 // max(1, whole[1]))


def _pack(ledger: Ledger, load: Load, count: int, keys: list[str]) -> Counter[str]:
    """Best fit: fill the machine with the least room left over, then the next."""
    went: Counter[str] = Counter()
    for key in sorted(keys, key=lambda key: (ledger.tightness(load, key), key)):
        here = min(count - went.total(), ledger.fits(load, key))
        if here > 0:
            _put(ledger, load, key, here, went)
    return went


def _spread(ledger: Ledger, load: Load, count: int, keys: list[str]) -> Counter[str]:
    """One by one, to where fewest of it stand, then fewest of anything."""
    went: Counter[str] = Counter()
    while went.total() < count:
        free = [key for key in keys if ledger.fits(load, key)]
        if not free:
            break
        _put(ledger, load, _emptiest(ledger, load, free), 1, went)
    return went


def _fit_unsure(ledger: Ledger, load: Load, count: int, keys: list[str]) -> Counter[str]:
    """Whoever places them looks at no requests: all of them may go to any one machine, so each must have room for all."""
    able = min((_worst(ledger, load, key, count) for key in keys), default=0)
    went: Counter[str] = Counter()
    for _ in range(min(able, count)):
        places = [key for key in keys if ledger.places(load, key)]
        if not places:
            break
        _put(ledger, load, _emptiest(ledger, load, places), 1, went)
    for key in keys:
        ledger.reserve(load.workload, key, min(went.total(), ledger.places(load, key) + went[key]) - went[key])
    return went


def starved(room: Resources, coming: Iterable[Resources], needed: Resources) -> bool:
    """Whether some of what is coming could leave `room` with less than is `needed`: a scheduler may put any of it there that fits."""
    taken = {Resources()}
    for one in coming:
        taken |= {more for some in taken if (more := some + one).fits(room)}
        if len(taken) > MOST_SUMS:
            return True
    return any(not needed.fits(room - some) for some in taken)


def _worst(ledger: Ledger, load: Load, key: str, count: int) -> int:
    """The most of `count` that may come without harm; all of them where its own limits keep the others away."""
    room = load.shape.requests.fits_times(ledger.room[key])
    return count if ledger.places(load, key) <= room else room


def _emptiest(ledger: Ledger, load: Load, keys: Iterable[str]) -> str:
    return min(keys, key=lambda key: (ledger.counts[key][load.workload], ledger.counts[key].total(), key))


def _put(ledger: Ledger, load: Load, key: str, count: int, went: Counter[str]) -> None:
    ledger.put(load.workload, key, count)
    went[key] += count
