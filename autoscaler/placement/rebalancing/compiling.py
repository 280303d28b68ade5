"""The one place that knows whether numba is there: with it the search is compiled, without it the same lines run in Python.

A compiled function is kept on disk beside the package, else in the user's cache; where neither can be written it is compiled in each
process. What is kept is told stale by the text of the kernel's own file alone: one that is made of parts of others names their state.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

try:
    from numba import njit
except ImportError:
    njit = None

Takes = ParamSpec("Takes")
Gives = TypeVar("Gives")

COMPILED = njit is not None
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
