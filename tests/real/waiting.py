"""Waiting in tests on real engines, where time passes by itself."""

import socket
import time
from collections.abc import Callable


def until(check: Callable[[], bool], what: str, seconds: float = 60, *, pause: float = 0.05) -> float:
    """Seconds until `check` came true; the test fails with `what` if it does not."""
    began = time.monotonic()
    while not check():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(pause)
    return time.monotonic() - began


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
