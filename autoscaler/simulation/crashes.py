"""Our process dies, or stands still: at any call to the store, the runtime or the outside, when a countdown reaches zero."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

T = TypeVar("T")

QUIET = frozenset({"now", "monotonic", "rng", "gather"})
"""Calls that reach nothing outside the process themselves. A process that stands still between its last look at the clock and its call
cannot be helped by any store: that is what conditional writes are for."""


class Crash(BaseException):
    """The process is gone. No handler of ours may catch it, as none could."""


def die() -> None:
    """The end of the process."""
    raise Crash


class Fuse:
    """Counts calls down. `arm(n)`: something happens at the n-th call from now on; afterwards nothing burns until armed again."""

    def __init__(self) -> None:
        self._left = 0
        self._happens = die

    @property
    def armed(self) -> bool:
        """Whether something is to come."""
        return self._left > 0

    def arm(self, calls: int, happens: Callable[[], None] = die) -> None:
        """At the `calls`-th call the process dies, or whatever else `happens`; 0 disarms."""
        self._left, self._happens = calls, happens

    def burn(self) -> None:
        """One call more."""
        if self._left:
            self._left -= 1
            if not self._left:
                self._happens()


def fragile(target: T, *hazards: Callable[[], None]) -> T:
    """`target`, each call of which may go wrong before it was done, or after: a hazard that strikes raises."""
    return cast("T", _Fragile(target, hazards))


class _Fragile:
    def __init__(self, target: object, hazards: tuple[Callable[[], None], ...]) -> None:
        self._target = target
        self._hazards = hazards

    def __getattr__(self, name: str) -> object:
        found = getattr(self._target, name)
        if name in QUIET or isinstance(found, str):
            return found
        if not callable(found):
            return _Fragile(found, self._hazards)
        return partial(self._call, name, found)

    def _call(self, name: str, found: Callable[..., Any], *args: object, **named: object) -> object:
        if name in {"journal", "records", "requests"}:  # a store's parts are as fragile as the store
            return _Fragile(found(*args, **named), self._hazards)
        self._strike()
        result = found(*args, **named)
        self._strike()
        return result

    def _strike(self) -> None:
        for hazard in self._hazards:
            hazard()
