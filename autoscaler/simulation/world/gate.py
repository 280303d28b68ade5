"""What may befall a call on its way to the world and back. The one place where faults of the network and of servers come in."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Weather(Protocol):
    """Decides what befalls each call; raises an error of ours, or lets a crash through."""

    def before(self, kind: str, name: str) -> None:
        """Before anything was done: throttled, refused, down, or our process dies."""
        ...

    def after(self, kind: str, name: str) -> None:
        """It was done, and the reply is lost or late, or our process dies."""
        ...

    def sample(self, metric: str, path: str, value: int, at: int) -> tuple[int | None, int]:
        """What the metrics store has instead of `value` taken `at`: None is not a number."""
        ...


class Fair:
    """Nothing befalls any call."""

    def before(self, kind: str, name: str) -> None:
        """All is well."""

    def after(self, kind: str, name: str) -> None:
        """All is well."""

    def sample(self, metric: str, path: str, value: int, at: int) -> tuple[int | None, int]:
        """The truth."""
        del metric, path
        return value, at


class Gate:
    """Every call of a reader (`read`) or writer (`write`) passes here, named by its method."""

    def __init__(self, weather: Weather | None = None) -> None:
        self.weather = weather or Fair()
        self.writes = 0

    def read(self, name: str, do: Callable[[], Result]) -> Result:
        """Look at something."""
        return self._pass("read", name, do)

    def write(self, name: str, do: Callable[[], Result]) -> Result:
        """Change something; `writes` counts those that were let through."""
        return self._pass("write", name, do)

    def _pass(self, kind: str, name: str, do: Callable[[], Result]) -> Result:
        self.weather.before(kind, name)
        self.writes += kind == "write"
        result = do()
        self.weather.after(kind, name)
        return result
