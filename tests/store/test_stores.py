"""Both stores keep the same promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.contracts.store import Store
from autoscaler.model.quantities import Duration
from autoscaler.store import MemoryStore, open_store
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.stores import SHOP, TTL, StoreContract


@pytest.fixture
def runtime() -> VirtualRuntime:
    return VirtualRuntime()


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self, runtime: VirtualRuntime) -> Store:
        return MemoryStore(runtime)


class TestFileStore(StoreContract):
    @pytest.fixture
    def store(self, runtime: VirtualRuntime, tmp_path: Path) -> Iterator[Store]:
        store = open_store(str(tmp_path / "state.sqlite"), runtime)
        yield store
        store.close()


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_lease_tells_its_time_on_the_clock_that_never_steps(kind: str, tmp_path: Path) -> None:
    """A database elsewhere has another wall clock, and ours may be set while the lease runs."""
    runtime = VirtualRuntime()
    store = MemoryStore(runtime) if kind == "memory" else open_store(str(tmp_path / "state.sqlite"), runtime)
    runtime.advance(Duration(5000))
    first = store.leases.acquire(SHOP, "one", TTL)
    runtime.step_clock(-3000)
    runtime.advance(Duration(1000))
    longer = store.leases.renew(first, TTL)
    assert (first.ends, first.started, longer.ends) == (5000 + TTL.ms, None, 6000 + TTL.ms)
    runtime.advance(TTL)
    second = store.leases.acquire(SHOP, "two", TTL)
    runtime.advance(Duration(2000))
    again = store.leases.acquire(SHOP, "two", TTL)
    assert (second.started, again.started) == (6000 + TTL.ms, 6000 + TTL.ms)
    found = store.leases.current(SHOP)
    assert found is not None
    assert found.until == again.until
    store.close()
