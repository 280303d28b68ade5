"""Everything compiled once, on questions that take no time: what is kept on disk by this is only read by whoever asks first in earnest."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.mixing.question import UNLIMITED, question_of
from autoscaler.placement.mixing.searching import mix

ROUNDS, CLASSES, KINDS = 6, 8, 4


def warm() -> None:
    """Replicas of sizes that go badly together, none of which, few or many refuse each other."""
    number, kind = np.arange(1, CLASSES + 1), np.arange(1, KINDS + 1)
    requests = np.stack([number * 373 % 1009 + 90, number * 619 % 2003 + 110], axis=1)
    capacity, price = np.stack([kind * 900 + 277, kind * 1800 + 411], axis=1), kind * 97 + kind % 2 * 11
    for refusing in (0, 3, 200):
        counts = number * 7 % 23 + 9
        counts[-1] += refusing
        adds, limits = _refusing() if refusing else (None, None)
        asked = question_of(requests, counts, capacity, price, adds=adds, limits=limits)
        mix(asked, lambda rounds: rounds < ROUNDS)


def _refusing() -> tuple[Ints, Ints]:
    """No two of the last class on one machine."""
    adds, limits = np.zeros((CLASSES, 1), np.int64), np.full((CLASSES, 1), UNLIMITED, np.int64)
    adds[-1], limits[-1] = 1, 1
    return adds, limits
