"""Our process dies: at any call to the store, the runtime or the outside, at an instant a countdown reaches zero."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

T = TypeVar("T")

QUIET = frozenset({"now", "monotonic", "rng"})
"""Calls that reach nothing outside the process."""


class Crash(BaseException):
    """The process is gone. No handler of ours may catch it, as none could."""


class Fuse:
    """Counts calls down. `arm(n)`: the n-th call from now on is the last one; afterwards nothing burns until armed again."""

    def __init__(self) -> None:
        self._left = 0

    @property
    def armed(self) -> bool:
        """Whether a crash is to come."""
        return self._left > 0

    def arm(self, calls: int) -> None:
        """Crash at the `calls`-th call; 0 disarms."""
        self._left = calls

    def burn(self) -> None:
        """One call more."""
        if self._left:
            self._left -= 1
            if not self._left:
                raise Crash


def fragile(target: T, fuse: Fuse) -> T:
    """`target`, each call of which may be the process's last: before it was done, or after."""
    return cast("T", _Fragile(target, fuse))


class _Fragile:
    def __init__(self, target: object, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> object:
        found = getattr(self._target, name)
        if name in QUIET or isinstance(found, str):
            return found
        if not callable(found):
            return _Fragile(found, self._fuse)
        return partial(self._call, name, found)

    def _call(self, name: str, found: Callable[..., Any], *args: object, **named: object) -> object:
        self._fuse.burn()
        result = found(*args, **named)
        if name in {"journal", "records", "requests"}:  # a store's parts are as fragile as the store
            return _Fragile(result, self._fuse)
        self._fuse.burn()
        return result
