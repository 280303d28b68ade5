"""What tests of all providers share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def collected_in_between(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing is collected while answers are read that are nested beyond all bounds: what closes connections has no stack left then."""
    if "whatever" not in request.node.name or "hundreds" not in request.node.name:
        yield
        return
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.collect()
