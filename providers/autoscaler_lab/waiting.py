"""Waits for something to come true, on the Runtime's clock."""

from collections.abc import Callable

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration

PAUSE = Duration(50)


def wait_until(check: Callable[[], bool], runtime: Runtime, timeout_ms: int) -> bool:
    """Whether `check` came true within the time; it is asked at least once."""
    end = runtime.monotonic() + timeout_ms
    while not check():
        if runtime.monotonic() >= end:
            return False
        runtime.sleep(PAUSE)
    return True
