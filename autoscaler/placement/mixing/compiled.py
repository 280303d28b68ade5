"""The one place that knows whether kernels are compiled: with the extra `solver` by numba, without it they run as they are written."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

try:
    from numba import njit
except ImportError:  # pragma: no cover - depends on what is installed
    njit = None

COMPILED = njit is not None


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile at the first call, or take what an earlier process left on disk."""
    if njit is None:
        return kernel
    made: Callable[P, R] = njit(cache=True, nogil=True)(kernel)
    return made
