"""What the kernels read: the question in the smallest units, without kinds that nobody would buy."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.mixing.question import Question


class Tables(NamedTuple):
    """Classes K, resources R, counters G, kinds T: as in a Question. `allowed` only where one replica alone fits, too."""

    requests: Ints
    adds: Ints
    limits: Ints
    capacity: Ints
    price: Ints
    allowed: Bools
    pool: Ints
    most: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """`tables` of the kinds worth buying; `kinds[i]` is their number in the question; `counts` of all classes."""

    tables: Tables
    kinds: Ints
    counts: Ints


def prepared(asked: Question) -> Prepared:
    """Divide sizes by what divides them all, and leave out each kind that another replaces for no more money."""
    unit = np.maximum(1, np.gcd.reduce(asked.requests, axis=0))
    requests, capacity = asked.requests // unit, asked.capacity // unit
    allowed: Bools = asked.allowed & np.all(requests[:, None, :] <= capacity[None, :, :], axis=2)
    allowed &= np.all(asked.adds <= asked.limits, axis=1)[:, None]
    kinds = _worth_buying(capacity, asked, allowed)
    tables = Tables(
        requests=np.ascontiguousarray(requests),
        adds=np.ascontiguousarray(asked.adds),
        limits=np.ascontiguousarray(asked.limits),
        capacity=np.ascontiguousarray(capacity[kinds]),
        price=np.ascontiguousarray(asked.price[kinds]),
        allowed=np.ascontiguousarray(allowed[:, kinds]),
        pool=np.ascontiguousarray(asked.pool[kinds]),
        most=np.ascontiguousarray(asked.most),
    )
    return Prepared(tables=tables, kinds=kinds, counts=np.ascontiguousarray(asked.counts))


def _worth_buying(capacity: Ints, asked: Question, allowed: Bools) -> Ints:
    """Numbers of the kinds that no other one replaces, ascending: cheapest first, each is held against those kept so far."""
    demand = int(asked.counts.sum())
    endless = asked.most[asked.pool] >= demand
    sells = (asked.most[asked.pool] > 0) & allowed.any(axis=0)
    kept: list[int] = []
    seen = set()
    for kind in np.lexsort((-capacity.sum(axis=1), asked.price)):
        # Offerings of one machine differ in nothing that counts: they are told apart by a look, not by comparing with all.
        alike = capacity[kind].tobytes(), allowed[:, kind].tobytes(), int(asked.price[kind]), -1 if endless[kind] else int(asked.pool[kind])
        if not sells[kind] or alike in seen:
            continue
        seen.add(alike)
        others = np.array(kept, np.int64)
        fits = (capacity[others] >= capacity[kind]).all(axis=1)
        lets = (allowed[:, others] | ~allowed[:, kind, None]).all(axis=0)
        same = endless[others] | (asked.pool[others] == asked.pool[kind])
        if not (fits & lets & same).any():
            kept.append(int(kind))
    return np.array(sorted(kept), np.int64)
