"""A word for whoever watches something that takes long."""

from collections.abc import Iterator
from contextlib import contextmanager

from autoscaler.cli.terminal import progress
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import Wake, background

LONG = Duration(4000)
"""From then on whoever waits wonders."""


@contextmanager
def reassuring(words: str, after: Duration = LONG) -> Iterator[None]:
    """`words`, once what is done meanwhile has taken that long."""
    ended = Wake()

    def tell() -> None:
        if not ended.wait(after):
            progress(words)

    telling = background(tell, "reassuring")
    try:
        yield
    finally:
        ended.ring()
        telling.join()
