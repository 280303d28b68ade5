"""What the kernels read: the question in the smallest units, without kinds that nobody would buy."""

from dataclasses import dataclass
from operator import gt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.mixing.question import LARGEST, Question


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
    """Divide sizes by what divides them all, and leave out each kind that another replaces for no more money; the cheapest come first."""
    unit = np.maximum(1, np.gcd.reduce(asked.requests, axis=0))
    requests, capacity = asked.requests // unit, asked.capacity // unit
    allowed: Bools = asked.allowed & np.all(asked.adds <= asked.limits, axis=1)[:, None]
    for resource in range(requests.shape[1]):
        allowed &= requests[:, resource, None] <= capacity[None, :, resource]
    kinds = _worth_buying(np.minimum(capacity, _all_of(requests, asked.counts)), asked, allowed)
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


def _all_of(requests: Ints, counts: Ints) -> Ints:
    """No less than all that is asked for: what has more is worth no more for it."""
    total = requests.T.astype(np.float64) @ counts
    return np.minimum(1.001 * total + 1, float(LARGEST)).astype(np.int64)


def _worth_buying(capacity: Ints, asked: Question, allowed: Bools) -> Ints:
    """Numbers of the kinds that no other one replaces: cheapest first, each is held against those kept so far."""
    endless = asked.most[asked.pool] >= int(asked.counts.sum())
    sells = (asked.most[asked.pool] > 0) & allowed.any(axis=0)
    order = np.lexsort((-capacity.sum(axis=1), asked.price))
    pools, lets = np.where(endless, -1, asked.pool), np.ascontiguousarray(np.packbits(allowed, axis=0).T)
    kept, size, seen, most = np.empty_like(order), 0, set(), [-1] * capacity.shape[1]
    has, prices, sold = capacity.tolist(), asked.price.tolist(), pools.tolist()
    for kind in order[sells[order]].tolist():
        # Offerings of one machine differ in nothing that counts: they are told apart by a look, not by comparing with all.
        alike = tuple(has[kind]), lets[kind].tobytes(), prices[kind], sold[kind]
        # What has more of something than all before it is replaced by none of them: the usual case, where prices go with sizes.
        larger = any(map(gt, has[kind], most))
        if alike not in seen and (larger or not _replaced(kind, kept[:size], capacity, pools, lets)):
            kept[size] = kind
            size += 1
            most = list(map(max, has[kind], most))
        seen.add(alike)
    return kept[:size].copy()


def _replaced(kind: int, others: Ints, capacity: Ints, pools: Ints, lets: npt.NDArray[np.uint8]) -> bool:
    """Whether one of the others has as much room for all that may stand on this kind, and is sold as long."""
    able = others[(pools[others] == -1) | (pools[others] == pools[kind])]
    able = able[(capacity[able] >= capacity[kind]).all(axis=1)]
    return bool(len(able)) and not bool((lets[kind] & ~lets[able]).any(axis=1).all())
