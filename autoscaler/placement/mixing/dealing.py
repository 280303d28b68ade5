"""Replicas dealt one by one to where they cost least: a machine costs what the cheapest kind costs that holds all that stands on it.

Best fit decreasing for machines that have no size yet: what is dealt first opens them, what comes later makes them grow, or fills what
they have to spare. Between places that cost the same, the one that has least to spare afterwards is taken.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Floats, Ints
from autoscaler.placement.compiling import kernel, part
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.tables import Tables

FINE = 2**20
"""Steps in which what is to spare is told apart; prices times this stay within 64 bits."""

NEVER = 2**62
"""Costs of what is not possible."""

UNKNOWN = -1
"""Of what was not looked at since it changed."""


class Figures(NamedTuple):
    """What replicas take [K] and kinds have [T], of all resources in one figure: a part of the largest kind.

    `urgent[K]`: how many machines the class forces. The most urgent are dealt first, then the largest. `like[K]`: the first class that
    asks for the same and may stand on the same kinds. `choosy[K]`: whether there are kinds it may not stand on.
    """

    takes: Floats
    has: Floats
    urgent: Ints
    like: Ints
    choosy: Bools


class Hand(NamedTuple):
    """Classes in the order they are dealt in, how many replicas of each, and how many machines each pool sells: `stock[P]`."""

    classes: Ints
    counts: Ints
    stock: Ints


class Dealt(NamedTuple):
    """The kind of each machine; of each replica its machine, by class as they were dealt; what is left of each of these classes."""

    kinds: Ints
    places: Ints
    left: Ints


class Hosts(NamedTuple):
    """Machines N, each of a kind, with what is on it: `load[N, R]`, `shown[N, G]`, `ends[N, G]`, and `filled[N]` of the one figure.

    `lets[N, T]`: kinds on which all that stands there may stand. `size[0]` of the rows are in use; `stock[P]` can still be bought.
    `cost[N]` of one more of a class like `asked[0]`, counters apart, NEVER where no kind holds it; UNKNOWN of machines that changed since.
    """

    kinds: Ints
    load: Ints
    shown: Ints
    ends: Ints
    lets: Bools
    filled: Floats
    size: Ints
    stock: Ints
    cost: Ints
    asked: Ints


class Heap(NamedTuple):
    """Machines by what one more replica costs there, the least first; `size[0]` are in it."""

    key: Ints
    host: Ints
    size: Ints


@kernel
def deal(tables: Tables, figures: Figures, hand: Hand, rows: int) -> Dealt:
    """Onto no more than so many machines. The tables' kinds come by price, the cheapest first."""
    hosts = _none(tables, hand.stock, rows)
    places, left, done = np.empty(hand.counts.sum(), np.int64), np.zeros_like(hand.counts), 0
    heap = Heap(np.empty(rows, np.int64), np.empty(rows, np.int64), np.zeros(1, np.int64))
    for turn in range(hand.classes.shape[0]):
        one = hand.classes[turn]
        _compare(tables, figures, hosts, one, heap, hand.counts[turn] == 1)
        for number in range(hand.counts[turn]):
            host = _place(tables, figures, hosts, one, heap)
            if host < 0:
                left[turn] = hand.counts[turn] - number
                break
            places[done] = host
            done += 1
    return Dealt(hosts.kinds[: hosts.size[0]].copy(), places[:done].copy(), left)


@kernel
def _none(tables: Tables, stock: Ints, rows: int) -> Hosts:
    """Space for so many machines."""
    kinds, counters = tables.price.shape[0], tables.adds.shape[1]
    return Hosts(
        np.zeros(rows, np.int64),
        np.zeros((rows, tables.requests.shape[1]), np.int64),
        np.zeros((rows, counters), np.int64),
        np.full((rows, counters), UNLIMITED, np.int64),
        np.ones((rows, kinds), np.bool_),
        np.zeros(rows),
        np.zeros(1, np.int64),
        stock.copy(),
        np.full(rows, UNKNOWN),
        np.full(1, UNKNOWN),
    )


@part
def _compare(tables: Tables, figures: Figures, hosts: Hosts, one: int, heap: Heap, single: bool) -> None:  # noqa: FBT001, PLR0917 - compiled
    """Every machine that takes one more of the class, by what that costs; of a `single` one only the first."""
    count = 0
    if hosts.asked[0] != figures.like[one]:
        hosts.asked[0] = figures.like[one]
        hosts.cost[: hosts.size[0]] = UNKNOWN
    for host in range(hosts.size[0]):
        key = _key(tables, figures, hosts, one, host)
        if key < NEVER:
            if count == 0 or not single:
                heap.key[count], heap.host[count] = key, host
                count += 1
            elif key < heap.key[0]:
                heap.key[0], heap.host[0] = key, host
    heap.size[0] = count
    for place in range(count // 2 - 1, -1, -1):
        _sink(heap, place)


@part
def _key(tables: Tables, figures: Figures, hosts: Hosts, one: int, host: int) -> int:
    """What one more of the class costs there, then what would be left to spare."""
    for counter in range(hosts.shown.shape[1]):
        most = min(hosts.ends[host, counter], tables.limits[one, counter])
        if hosts.shown[host, counter] + tables.adds[one, counter] > most:
            return NEVER
    if hosts.cost[host] != UNKNOWN:
        return int(hosts.cost[host])
    hosts.cost[host] = NEVER
    kind = _grown(tables, hosts, one, host, hosts.kinds[host])
    if kind < 0:
        return NEVER
    spare = figures.has[kind] - hosts.filled[host] - figures.takes[one]
    hosts.cost[host] = (tables.price[kind] - tables.price[hosts.kinds[host]]) * FINE + int(min(1.0, max(0.0, spare)) * (FINE - 1))
    return int(hosts.cost[host])


@part
def _grown(tables: Tables, hosts: Hosts, one: int, host: int, start: int) -> int:
    """The cheapest kind from `start` on that holds one more of the class with all that stands there; -1 where none does."""
    now = tables.pool[hosts.kinds[host]]
    for kind in range(start, tables.price.shape[0]):
        if tables.allowed[one, kind] and hosts.lets[host, kind] and (tables.pool[kind] == now or hosts.stock[tables.pool[kind]] > 0):
            fits = True
            for resource in range(hosts.load.shape[1]):
                if hosts.load[host, resource] + tables.requests[one, resource] > tables.capacity[kind, resource]:
                    fits = False
                    break
            if fits:
                return kind
    return -1


@part
def _place(tables: Tables, figures: Figures, hosts: Hosts, one: int, heap: Heap) -> int:
    """Put one more of the class where it costs least, on a new machine where that is cheaper; which, or -1 where it fits nowhere."""
    kind = _cheapest(tables, hosts, one)
    opening = tables.price[kind] * FINE if kind >= 0 and hosts.size[0] < hosts.kinds.shape[0] else NEVER
    if heap.size[0] > 0 and heap.key[0] < opening + FINE:
        host = heap.host[0]
        _grow(tables, hosts, host, _grown(tables, hosts, one, host, hosts.kinds[host]))
        _put(tables, figures, hosts, one, host)
        _again(heap, _key(tables, figures, hosts, one, host))
        return int(host)
    if opening == NEVER:
        return -1
    host = _open(tables, hosts, kind)
    _put(tables, figures, hosts, one, host)
    key = _key(tables, figures, hosts, one, host)
    if key < NEVER:
        _push(heap, key, host)
    return host


@part
def _open(tables: Tables, hosts: Hosts, kind: int) -> int:
    """One machine more; its row."""
    host = int(hosts.size[0])
    hosts.size[0] += 1
    hosts.kinds[host] = kind
    _sell(tables, hosts, kind)
    return host


@part
def _grow(tables: Tables, hosts: Hosts, host: int, kind: int) -> None:
    """Make it one of this kind."""
    if tables.pool[hosts.kinds[host]] != tables.pool[kind]:
        hosts.stock[tables.pool[hosts.kinds[host]]] += 1
        _sell(tables, hosts, kind)
        hosts.asked[0] = UNKNOWN
    hosts.kinds[host] = kind


@part
def _sell(tables: Tables, hosts: Hosts, kind: int) -> None:
    """One less can be bought; with the last of a pool, what others may grow to changes."""
    hosts.stock[tables.pool[kind]] -= 1
    if hosts.stock[tables.pool[kind]] == 0:
        hosts.asked[0] = UNKNOWN


@part
def _cheapest(tables: Tables, hosts: Hosts, one: int) -> int:
    """The cheapest kind that one replica may stand on and that can still be bought; -1 where there is none."""
    for kind in range(tables.price.shape[0]):
        if tables.allowed[one, kind] and hosts.stock[tables.pool[kind]] > 0:
            return kind
    return -1


@part
def _put(tables: Tables, figures: Figures, hosts: Hosts, one: int, host: int) -> None:
    """One more of the class on a machine."""
    hosts.filled[host] += figures.takes[one]
    for resource in range(hosts.load.shape[1]):
        hosts.load[host, resource] += tables.requests[one, resource]
    for counter in range(hosts.shown.shape[1]):
        hosts.shown[host, counter] += tables.adds[one, counter]
        hosts.ends[host, counter] = min(hosts.ends[host, counter], tables.limits[one, counter])
    if figures.choosy[one]:
        for other in range(hosts.lets.shape[1]):
            hosts.lets[host, other] &= tables.allowed[one, other]
    hosts.cost[host] = UNKNOWN


@kernel
def _again(heap: Heap, key: int) -> None:
    """The least one has another key now, or is out."""
    if key == NEVER:
        heap.size[0] -= 1
        heap.key[0], heap.host[0] = heap.key[heap.size[0]], heap.host[heap.size[0]]
    else:
        heap.key[0] = key
    _sink(heap, 0)


@kernel
def _sink(heap: Heap, place: int) -> None:
    """Move the entry down until none below is less; of equals, the machine opened first comes first."""
    key, host, size = heap.key[place], heap.host[place], heap.size[0]
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and (heap.key[below + 1], heap.host[below + 1]) < (heap.key[below], heap.host[below]):
            below += 1
        if (key, host) <= (heap.key[below], heap.host[below]):
            break
        heap.key[place], heap.host[place] = heap.key[below], heap.host[below]
        place = below
    heap.key[place], heap.host[place] = key, host


@kernel
def _push(heap: Heap, key: int, host: int) -> None:
    """One more."""
    place = heap.size[0]
    heap.size[0] += 1
    while place > 0 and (key, host) < (heap.key[(place - 1) // 2], heap.host[(place - 1) // 2]):
        heap.key[place], heap.host[place] = heap.key[(place - 1) // 2], heap.host[(place - 1) // 2]
        place = (place - 1) // 2
    heap.key[place], heap.host[place] = key, host
