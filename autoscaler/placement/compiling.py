"""The one place that knows whether numba is there: with it searches are compiled, without it the same lines run in Python.

A compiled function is kept on disk beside the package, else in the user's cache; where neither can be written it is compiled in each
process. What is kept is told stale by its own file alone: who changes a kernel that others call clears their `__pycache__`.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

try:
    from numba import config, njit
except ImportError:
    config = njit = None

Takes = ParamSpec("Takes")
Gives = TypeVar("Gives")

COMPILED = njit is not None and not config.DISABLE_JIT
"""Whether kernels are compiled; results are the same, in the same number of rounds."""


def kernel(function: Callable[Takes, Gives]) -> Callable[Takes, Gives]:
    """Compile, keep on disk, let other threads run meanwhile; without numba, the function itself."""
    if not COMPILED:
        return function
    try:
        return cast("Callable[Takes, Gives]", njit(function, cache=True, nogil=True))
    except RuntimeError:  # no folder to keep it in
        return cast("Callable[Takes, Gives]", njit(function, nogil=True))


def part(function: Callable[Takes, Gives]) -> Callable[Takes, Gives]:
    """Compile into each kernel that calls it: a call with many arrays costs more than the few sums that such a part does."""
    return cast("Callable[Takes, Gives]", njit(function, inline="always")) if COMPILED else function
