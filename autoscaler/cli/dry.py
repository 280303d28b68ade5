"""What `observe`, `decide` and `plan` do: look and think, with readers alone. Nothing here can change a cluster.

One broken cluster never stops the others: what went wrong with it is kept, and told once the others were shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from autoscaler.cli import files
from autoscaler.cli.policies import chosen, load_policies
from autoscaler.cli.stores import existing, place
from autoscaler.cli.terminal import progress
from autoscaler.config import ClusterConfig, Configuration, Plugins, installed, parse
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Store
from autoscaler.engine import DEADLINE, Past, Thought, look, recall, rethink, think
from autoscaler.errors import AutoscalerError, UnavailableError, UsageError
from autoscaler.explaining import sentence
from autoscaler.model import codec
from autoscaler.model.observations import Observation
from autoscaler.model.reasons import Reason
from autoscaler.model.recordings import Recording
from autoscaler.model.samples import Unknown
from autoscaler.service.opening import eyes
from autoscaler.service.runtime import SystemRuntime

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What such a command was told."""

    policies: tuple[Path, ...]
    cluster: str | None = None
    recording: Path | None = None
    store: str | None = None


@dataclass(slots=True)
class Results:
    """One value per cluster that could be read, and what was wrong with the others."""

    configuration: Configuration
    thoughts: list[Thought] = field(default_factory=list)
    errors: list[AutoscalerError] = field(default_factory=list)

    def raise_any(self) -> None:
        """The first error, if there is one; call it once all was shown."""
        for error in self.errors:
            raise error


def thoughts(asked: Asked) -> Results:
    """What was seen, decided and planned for each cluster asked for."""
    plugins = installed()
    if asked.recording:
        return _recorded(asked, _recording(asked.recording), plugins)
    configuration = load_policies(asked.policies, plugins)
    runtime = SystemRuntime()
    store = existing(place(asked.store, configuration), runtime)
    return _each(
        configuration, chosen(configuration, asked.cluster), lambda one: live(configuration, one, plugins, store, runtime)
    )


def live(
    configuration: Configuration, cluster: ClusterConfig, plugins: Plugins, store: Store | None, runtime: SystemRuntime
) -> Thought:
    """Look at one cluster now, and think."""
    progress(f"reading cluster {cluster.name} …")
    past = recall(store, cluster.policies, runtime.now()) if store else Past()
    observation = look(eyes(configuration, cluster, plugins, runtime), cluster.policies, DEADLINE)
    return think(cluster.policies, observation, past)


def _recorded(asked: Asked, recording: Recording, plugins: Plugins) -> Results:
    """The newest frame of each cluster, under the files given, else under those that were recorded with it."""
    if asked.policies:
        configuration = load_policies(asked.policies, plugins)
    else:
        configuration = parse(recording.policies, plugins)
    newest = {frame.observation.cluster: frame for frame in recording.frames}
    clusters = [one for one in chosen(configuration, asked.cluster) if one.name in newest]
    if not clusters:
        raise UsageError(
            f"{asked.recording} has no cluster of these policies", hint=f"it has {', '.join(sorted(newest)) or 'none'}"
        )
    return _each(configuration, tuple(clusters), lambda one: rethink(one.policies, newest[one.name]))


def _recording(path: Path) -> Recording:
    return codec.loads(files.read(path, "recording"), Recording, kind="recording")


def _each(
    configuration: Configuration, clusters: tuple[ClusterConfig, ...], make: Callable[[ClusterConfig], Thought]
) -> Results:
    results = Results(configuration)
    for cluster in clusters:
        try:
            thought = make(cluster)
        except AutoscalerError as error:
            results.errors.append(error)
            continue
        results.thoughts.append(thought)
        results.errors.extend(unseen(thought.observation))
    return results


def unseen(observation: Observation) -> list[AutoscalerError]:
    """An error, if the cluster itself could not be read: nothing that follows from it is worth an exit code 0."""
    state = observation.state
    if not isinstance(state, Unknown):
        return []
    why = f"{sentence(Reason(state.why))}{f' ({state.detail})' if state.detail else ''}"
    return [UnavailableError(f"cluster {observation.cluster} could not be read: {why}", hint="see `autoscaler doctor`")]


