"""Seeded numbers as plain arithmetic: Marsaglia's xorshift of two 32-bit words (Journal of Statistical Software 8/14, 2003).

In 64-bit integers nothing overflows, so compiled and plain Python throw the same.
"""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import part

WORD = 0xFFFFFFFF


def dice(seed: int, stream: int) -> Ints:
    """The two words of a stream's generator; streams of one seed are far apart, as splitmix64 scatters what it is given."""
    mixed = (seed * 1_000_003 + stream + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    mixed ^= mixed >> 31
    return np.array([mixed & WORD, mixed >> 32 | 1], np.int64)  # never both zero


@part
def throw(words: Ints, sides: int) -> int:
    """A number from 0 to `sides` - 1, `sides` below 2**31."""
    first, second = words[0], words[1]
    mixed = first ^ ((first << 10) & WORD)
    words[0] = second
    words[1] = second ^ (second >> 10) ^ mixed ^ (mixed >> 13)
    thrown: int = (words[1] * sides) >> 32
    return thrown
