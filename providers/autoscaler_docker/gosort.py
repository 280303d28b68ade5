"""Sorts as Go's `sort.Sort` does (1.19 and later), to the place of every element among its equals.

Swarm's manager is written in Go and sorts the slots of a service by a number many of them share, with a sort that is not stable: who of
the equals comes last, and so goes first at a scale-down, is decided by the algorithm's own swaps. It is a pattern-defeating quicksort
(O. Peters, 2021) with Go's choice of pivots and thresholds (The Go Authors, BSD-3-Clause), here on a list of (key, value).
"""

from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")

SHORT = 12
"""Up to so many elements are sorted by insertion, which is stable."""
NINTHER = 50
"""From so many on the pivot is a median of medians, and single elements out of place are shifted."""
MOST_SHIFTS = 5
MOST_SWAPS = 12
WORD = 2**64 - 1


def go_sorted(items: Sequence[tuple[int, Value]]) -> list[Value]:
    """The values by their keys, equals in Go's order."""
    sorting = _Sorting([key for key, _ in items], list(range(len(items))))
    sorting.sort(0, len(items), len(items).bit_length())
    return [items[index][1] for index in sorting.order]


class _Sorting:
    """`keys` and the `order` they came in, moved together."""

    def __init__(self, keys: list[int], order: list[int]) -> None:
        self.keys = keys
        self.order = order

    def sort(self, low: int, high: int, bad_pivots: int) -> None:
        """Sorts the range. `bad_pivots`: how many partitions may still come out lopsided."""
        balanced = partitioned = True
        while high - low > SHORT and bad_pivots:
            if not balanced:
                self._scatter(low, high)
                bad_pivots -= 1
            pivot, swaps = self._pivot(low, high)
            if swaps == MOST_SWAPS:
                self._reverse(low, high)
                pivot = high - 1 - (pivot - low)
            rising = swaps in (0, MOST_SWAPS)
            if balanced and partitioned and rising and self._nearly_sorted(low, high):
                return
            if low > 0 and self.keys[low - 1] >= self.keys[pivot]:
                low = self._part_equals(low, high, pivot)
                continue
            middle, partitioned = self._part(low, high, pivot)
            balanced = min(middle - low, high - middle) >= (high - low) // 8
            if middle - low < high - middle:
                self.sort(low, middle, bad_pivots)
                low = middle + 1
            else:
                self.sort(middle + 1, high, bad_pivots)
                high = middle
        # Out of tries Go takes a heap: with inputs made to defeat it, which numbers of tasks are not.
        self._insert(low, high)

    def _swap(self, one: int, other: int) -> None:
        for row in (self.keys, self.order):
            row[one], row[other] = row[other], row[one]

    def _insert(self, low: int, high: int) -> None:
        for start in range(low + 1, high):
            self._sink(start, low)

    def _sink(self, start: int, low: int) -> None:
        while start > low and self.keys[start] < self.keys[start - 1]:
            self._swap(start, start - 1)
            start -= 1

    def _nearly_sorted(self, low: int, high: int) -> bool:
        at = low + 1
        for _ in range(MOST_SHIFTS):
            while at < high and self.keys[at] >= self.keys[at - 1]:
                at += 1
            if at == high:
                return True
            if high - low < NINTHER:
                return False
            self._swap(at, at - 1)
            if at - low >= 2:  # noqa: PLR2004 - a pair
                self._sink(at - 1, 0)
            self._rise(at + 1, high)
        return False

    def _rise(self, at: int, high: int) -> None:
        while at < high and self.keys[at] < self.keys[at - 1]:
            self._swap(at, at - 1)
            at += 1

    def _part(self, low: int, high: int, pivot: int) -> tuple[int, bool]:
        """Smaller ones before the pivot, the others behind it; where it is now, and whether nothing had to move."""
        self._swap(low, pivot)
        left, right = self._close_in(low + 1, high - 1, low)
        untouched = left > right
        while left <= right:
            self._swap(left, right)
            left, right = self._close_in(left + 1, right - 1, low)
        self._swap(right, low)
        return right, untouched

    def _close_in(self, left: int, right: int, pivot: int) -> tuple[int, int]:
        while left <= right and self.keys[left] < self.keys[pivot]:
            left += 1
        while left <= right and self.keys[right] >= self.keys[pivot]:
            right -= 1
        return left, right

    def _part_equals(self, low: int, high: int, pivot: int) -> int:
        """The pivot's equals to the front; where the greater ones begin."""
        self._swap(low, pivot)
        left, right = low + 1, high - 1
        while True:
            while left <= right and self.keys[low] >= self.keys[left]:
                left += 1
            while left <= right and self.keys[low] < self.keys[right]:
                right -= 1
            if left > right:
                return left
            self._swap(left, right)
            left, right = left + 1, right - 1

    def _pivot(self, low: int, high: int) -> tuple[int, int]:
        """A likely median, and how many comparisons found two in the wrong order."""
        quarter = (high - low) // 4
        chosen = [low + quarter, low + 2 * quarter, low + 3 * quarter]
        swaps = 0
        if high - low >= NINTHER:
            for place, at in enumerate(chosen):
                chosen[place], more = self._median(at - 1, at, at + 1)
                swaps += more
        pivot, more = self._median(*chosen)
        return pivot, swaps + more

    def _median(self, one: int, two: int, three: int) -> tuple[int, int]:
        swaps = 0
        for first in (True, False, True):
            left, right = (one, two) if first else (two, three)
            if self.keys[right] < self.keys[left]:
                left, right, swaps = right, left, swaps + 1
            one, two, three = (left, right, three) if first else (one, left, right)
        return two, swaps

    def _reverse(self, low: int, high: int) -> None:
        self.keys[low:high] = self.keys[low:high][::-1]
        self.order[low:high] = self.order[low:high][::-1]

    def _scatter(self, low: int, high: int) -> None:
        """Moves three elements to places that depend on the length alone."""
        length = high - low
        number, mask = length, (1 << length.bit_length()) - 1
        start = low + length // 4 * 2 - 1
        for at in range(start, start + 3):
            number = _xorshift(number)
            other = number & mask
            self._swap(at, low + (other - length if other >= length else other))


def _xorshift(number: int) -> int:
    number ^= number << 13 & WORD
    number ^= number >> 7
    return number ^ (number << 17 & WORD)
