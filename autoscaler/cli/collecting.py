"""How often this process looks for values that refer to each other in circles; all others are freed at once, without a collector."""

import gc

SELDOM = (50_000, 10, 10)
"""New values after which the youngest are looked through, how often until those that stayed are, and how often until all are.

A plan for 10,000 waiting replicas makes 100,000 values, next to none of them in a circle. With Python's own 700 a sixth of its time
went into looking for some; with these it takes a few megabytes more.
"""


def collect_seldom() -> None:
    """From now on, in all of the process."""
    gc.set_threshold(*SELDOM)
