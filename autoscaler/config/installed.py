"""The plugins of this Python environment, from the metadata of what is installed; no plugin is imported here."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, entry_points

from autoscaler.config.plugins import Plugin, Plugins
from autoscaler.errors import SetupError

PROVIDERS = "autoscaler.providers"
RULES = "autoscaler.rules"
POOL_RULES = "autoscaler.pool_rules"


def installed() -> Plugins:
    """Everything behind the entry points `autoscaler.rules`, `autoscaler.pool_rules` and `autoscaler.providers`."""
    return Plugins(
        rules=_plugins(entry_points(group=RULES)),
        pool_rules=_plugins(entry_points(group=POOL_RULES)),
        providers=_plugins(entry_points(group=PROVIDERS)),
    )


def _plugins(entries: Iterable[EntryPoint]) -> Iterator[Plugin]:
    by_name: dict[str, list[EntryPoint]] = {}
    for entry in entries:
        same = by_name.setdefault(entry.name, [])
        # One distribution may be seen twice, as when its folder is on the path and installed as well.
        if entry.value not in [other.value for other in same]:
            same.append(entry)
    for name, same in sorted(by_name.items()):
        yield _plugin(same[0]) if len(same) == 1 else _contested(name, same)


def _plugin(entry: EntryPoint) -> Plugin:
    return Plugin(name=entry.name, distribution=_origin(entry), load=entry.load, remedy=f"pip install '{_requirement(entry)}'")


def _contested(name: str, entries: list[EntryPoint]) -> Plugin:
    origins = " and ".join(sorted(_origin(entry) for entry in entries))
    hint = "uninstall one of the two distributions"

    def load() -> object:
        raise SetupError(f"two plugins are named {name!r}: of {origins}", hint=hint)

    return Plugin(name=name, distribution=origins, load=load, remedy=hint)


def _origin(entry: EntryPoint) -> str:
    return "{} {}".format(*_told(entry.dist)[:2]) if entry.dist else entry.module


def _requirement(entry: EntryPoint) -> str:
    """The distribution, with the extra of the plugin's name where it has one."""
    if entry.dist is None:
        return entry.module.partition(".")[0]
    name, _, extras = _told(entry.dist)
    return f"{name}[{entry.name}]" if _normal(entry.name) in extras else name


@lru_cache(maxsize=8)
def _told(distribution: Distribution) -> tuple[str, str, frozenset[str]]:
    """Its name, version and extras: read from its files again with every question, and one distribution may have dozens of plugins."""
    told = distribution.metadata
    return told["Name"], told["Version"], frozenset(map(_normal, told.get_all("Provides-Extra") or ()))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
