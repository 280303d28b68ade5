"""What tests of all providers share."""

import gc
from collections.abc import Iterator

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime


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


@pytest.fixture
def site() -> Site:
    """Real time and threads: what is read is a real socket."""
    return Site(name="outside", cluster=ClusterName("shop"), runtime=SystemRuntime())
