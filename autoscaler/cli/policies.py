"""Policy files named on the command line, and which of their clusters is meant."""

from collections.abc import Sequence
from pathlib import Path

from autoscaler.config import ClusterConfig, Configuration, Plugins, installed, load
from autoscaler.config.names import suggestion
from autoscaler.errors import UsageError

USUAL = Path("autoscaler.yaml")
"""Read when no file is named: what `autoscaler init` writes."""


def load_policies(paths: Sequence[Path], plugins: Plugins | None = None) -> Configuration:
    """All files, or the usual one of this folder; UsageError when there is none of either."""
    return load(named(paths), plugins or installed())


def named(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files to read; UsageError when there is nothing to read."""
    if not paths and not USUAL.exists():
        raise UsageError(f"no policy files named, and no {USUAL} here", hint="name a file or a folder, or write one: autoscaler init")
    return tuple(paths) or (USUAL,)


def chosen(configuration: Configuration, cluster: str | None) -> tuple[ClusterConfig, ...]:
    """The cluster of that name, or all; UsageError when there is none."""
    names = [one.name for one in configuration.clusters]
    found = tuple(one for one in configuration.clusters if cluster in (None, one.name))
    if not names:
        raise UsageError("the policies name no cluster", hint="add one under `clusters:`; `autoscaler init` shows how")
    if not found:
        known = f"the policies know {', '.join(names) or 'none'}"
        raise UsageError(f"no cluster {cluster!r} in the policies", hint=suggestion(cluster or "", names, otherwise=known))
    return found


def only(configuration: Configuration, cluster: str | None) -> ClusterConfig:
    """The one cluster meant; UsageError when there are several and none is named."""
    found = chosen(configuration, cluster)
    if len(found) > 1:
        raise UsageError(
            f"the policies know {len(found)} clusters", hint=f"say which one: --cluster {' or '.join(one.name for one in found)}"
        )
    return found[0]
