"""Who signed in and was refused may have been given more rights, or another key, since."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autoscaler.errors import SetupError


@contextmanager
def signing_in_anew(forget: Callable[[], None]) -> Iterator[None]:
    """A refusal within is told as ever, and the next call signs in again."""
    try:
        yield
    except SetupError:
        forget()
        raise
