"""The journal, leases, history and decisions, kept in a database."""

from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Store
from autoscaler.store.folding import verify_chain
from autoscaler.store.memory import MemoryStore

__all__ = ["MemoryStore", "open_store", "verify_chain"]


def open_store(url: str, runtime: Runtime) -> Store:
    """The store at `url`: a file's path or `sqlite:///path`, a database's URL, or `sqlite://` for one in memory.

    Made where there is none, readable by its owner only. Damaged, not ours, of a newer version, or not writable: StoreError.
    """
    if url == "sqlite://":
        return MemoryStore(runtime)
    from autoscaler.store.opening import open_sql  # the database library costs a command's start-up more than all else

    return open_sql(url, runtime)
