"""Both stores keep the same promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.contracts.store import Store
from autoscaler.store import MemoryStore, open_store
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.stores import StoreContract


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
