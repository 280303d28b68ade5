"""A load that a source of the policies remembers."""

from pathlib import Path

from autoscaler.cli.policies import load_policies
from autoscaler.cli.terminal import progress
from autoscaler.config import ClusterConfig, Plugins, installed
from autoscaler.contracts.past_reader import PastReader, Stretch
from autoscaler.errors import UsageError
from autoscaler.rehearsing.load import Load
from autoscaler.service.eyes import site_of
from autoscaler.service.runtime import SystemRuntime


def remembered(policies: Path, name: str | None, query: str, stretch: Stretch) -> Load:
    """What the query gave; UsageError where no source can be asked, or too little is remembered."""
    if not stretch.step.ms or stretch.end <= stretch.start:
        raise UsageError("no value lies between --start and --end", hint="write a --start before the --end, and a --step such as 1m")
    plugins = installed()
    configuration = load_policies((policies,), plugins)
    found = {source: reader for cluster in configuration.clusters for source, reader in _readers(cluster, plugins)}
    chosen = [one for one in found if name in (None, one)]
    if len(chosen) != 1:
        known = ", ".join(found) or "none"
        raise UsageError(f"{len(chosen)} sources could be asked what they remember", hint=f"name one by --source; there is: {known}")
    progress(f"asking {chosen[0]} …")
    moments = found[chosen[0]].read_past(query, stretch)
    if len(moments) < 2:  # noqa: PLR2004 - a line needs two points
        raise UsageError(f"{chosen[0]} remembers fewer than two values of {query}", hint="see --start, --end and the query")
    return Load(query, tuple(at for at, _ in moments), tuple(max(0.0, value) for _, value in moments))


def _readers(cluster: ClusterConfig, plugins: Plugins) -> list[tuple[str, PastReader]]:
    runtime = SystemRuntime()
    opened = ((one.name, plugins.source(one.kind).open(one.settings, site_of(cluster, one.name, runtime))) for one in cluster.sources)
    return [(name, reader) for name, reader in opened if isinstance(reader, PastReader)]
