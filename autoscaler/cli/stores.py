"""Which store is meant, and whether it is there: looking at the past never makes one."""

import os
from pathlib import Path

from autoscaler.config import Configuration
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Store
from autoscaler.errors import SetupError


def place(option: str | None, configuration: Configuration | None) -> str:
    """The path or URL asked for, else that of the policies, else one file per user."""
    if option:
        return option
    if configuration is not None and configuration.service.store:
        return str(configuration.service.store)
    return str(_usual())


def existing(where: str, runtime: Runtime) -> Store | None:
    """The store, if there is one."""
    if "://" not in where and not Path(where).expanduser().exists():
        return None
    return opened(where, runtime)


def opened(where: str, runtime: Runtime) -> Store:
    """The store, made if it is not there; so is our own folder for it, but none that somebody named."""
    from autoscaler.store import open_store

    if where == str(_usual()):
        _usual().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return open_store(where, runtime)


def _usual() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "autoscaler" / "store.db"


def required(where: str, runtime: Runtime) -> Store:
    """The store; SetupError when there is none."""
    found = existing(where, runtime)
    if found is None:
        raise SetupError(f"no store at {where}", hint="nothing was applied yet, or the store is elsewhere: name it with --store")
    return found
