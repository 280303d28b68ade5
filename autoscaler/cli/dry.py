"""What `observe`, `decide` and `plan` do: look and think, with readers alone. Nothing here can change a cluster.

One broken cluster never stops the others: what went wrong with it is kept, and told once the others were shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from autoscaler import deciding
from autoscaler.cli import files
from autoscaler.cli.options import Asked
from autoscaler.cli.policies import chosen, load_policies
from autoscaler.cli.reassuring import reassuring
from autoscaler.cli.stores import existing, place
from autoscaler.cli.terminal import progress, tell
from autoscaler.config import ClusterConfig, Configuration, Plugins, installed, parse
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Store
from autoscaler.engine.dry import DEADLINE, Past, Thought, look, past_of, patience, recall, think
from autoscaler.engine.sequence import Turn, in_turn
from autoscaler.errors import AutoscalerError, UnavailableError, UsageError
from autoscaler.explaining import sentence
from autoscaler.model import codec
from autoscaler.model.codec import FormatError
from autoscaler.model.observations import Observation
from autoscaler.model.reasons import Reason
from autoscaler.model.recordings import Frame, Recording
from autoscaler.model.samples import Unknown
from autoscaler.planning import Rebalance
from autoscaler.service.eyes import eyes
from autoscaler.service.runtime import SystemRuntime

Made = TypeVar("Made")

FIRST = "still planning: the first plan after an installation makes its search ready, once, which takes about a minute …"
"""What a large plan takes beyond seconds is the compiler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One cluster as it is, with what the store knows of it. `policies`: selectors resolved to workloads, as far as they can be.

    `frames`: all that a recording has of it, the newest last; none of a cluster that was looked at now.
    """

    policies: ClusterPolicies
    observation: Observation
    past: Past
    frames: tuple[Frame, ...] = ()


@dataclass(slots=True)
class Results(Generic[Made]):
    """One value per cluster that could be read, and what was wrong with the others."""

    configuration: Configuration
    store: Store | None = None
    made: list[Made] = field(default_factory=list)
    errors: list[AutoscalerError] = field(default_factory=list)

    def raise_any(self) -> None:
        """Tell all errors but the first, and raise that; call it once everything else was shown."""
        for error in self.errors[1:]:
            tell(error)
        for error in self.errors:
            raise error


def each(asked: Asked, make: Callable[[Seen], Made]) -> Results[Made]:
    """What `make` makes of each cluster asked for."""
    plugins = installed()
    if asked.recording:
        return _recorded(asked, recording_at(asked.recording), plugins, make)
    configuration, runtime = load_policies(asked.policies, plugins), SystemRuntime()
    results = Results[Made](configuration, existing(place(asked.store, configuration), runtime))
    clusters = chosen(configuration, asked.cluster)
    return _each(results, clusters, lambda one: live(one, plugins, results.store, runtime), make)


def thought(seen: Seen, rebalance: Rebalance | None = None) -> Thought:
    """What the engine decides and plans on what was seen; UnavailableError if that is nothing: no plan is not "nothing to do"."""
    for error in unseen(seen.observation):
        raise error
    try:
        with reassuring(FIRST):
            return think(seen.policies, seen.observation, seen.past, rebalance, patience(SystemRuntime()))
    except OverflowError as error:
        raise FormatError(
            "a quantity in what was seen is beyond what 64 bits hold", hint="see its capacities, requests and prices"
        ) from error


def turns(seen: Seen) -> tuple[Turn, ...]:
    """What is decided now, or on each frame recorded; UnavailableError if the cluster could not be read in any."""
    now = Frame(observation=seen.observation, histories=seen.past.histories, commitments=seen.past.commitments)
    frames = seen.frames or (now,)
    if all(isinstance(one.observation.state, Unknown) for one in frames):
        for error in unseen(seen.observation):
            raise error
    return tuple(in_turn(seen.policies, frames))


def live(cluster: ClusterConfig, plugins: Plugins, store: Store | None, runtime: SystemRuntime) -> Seen:
    """Look at one cluster now."""
    progress(f"reading cluster {cluster.name} …")
    past = recall(store, cluster.policies, runtime.now()) if store else Past()
    return _seen(cluster.policies, look(eyes(cluster, plugins, runtime), cluster.policies, DEADLINE), past)


def recording_at(path: Path) -> Recording:
    """The recording in a file; FormatError when it is something else."""
    return codec.loads(files.read(path, "recording"), Recording, kind="recording")


def unseen(observation: Observation) -> list[AutoscalerError]:
    """An error, if the cluster itself could not be read: nothing that follows from it is worth an exit code 0."""
    state = observation.state
    if not isinstance(state, Unknown):
        return []
    why = f"{sentence(Reason(state.why))}{f' ({state.detail})' if state.detail else ''}"
    return [UnavailableError(f"cluster {observation.cluster} could not be read: {why}", hint="see `autoscaler doctor`")]


def _recorded(asked: Asked, recording: Recording, plugins: Plugins, make: Callable[[Seen], Made]) -> Results[Made]:
    """The newest frame of each cluster, under the files given, else under those that were recorded with it."""
    configuration = load_policies(asked.policies, plugins) if asked.policies else parse(recording.policies, plugins)
    frames: dict[str, list[Frame]] = {}
    for frame in recording.frames:
        frames.setdefault(frame.observation.cluster, []).append(frame)
    clusters = tuple(one for one in chosen(configuration, asked.cluster) if one.name in frames)
    if not clusters:
        raise UsageError(f"{asked.recording} has no cluster of these policies", hint=f"it has {', '.join(sorted(frames)) or 'none'}")
    return _each(Results[Made](configuration), clusters, lambda one: _told(one, tuple(frames[one.name])), make)


def _told(cluster: ClusterConfig, frames: tuple[Frame, ...]) -> Seen:
    """As the newest frame tells it, with all of them."""
    newest = frames[-1]
    return replace(_seen(cluster.policies, newest.observation, past_of(newest)), policies=cluster.policies, frames=frames)


def _seen(policies: ClusterPolicies, observation: Observation, past: Past) -> Seen:
    state = observation.state
    resolved = policies if isinstance(state, Unknown) else deciding.resolve(policies, state)
    return Seen(policies=resolved, observation=observation, past=past)


def _each(
    results: Results[Made],
    clusters: tuple[ClusterConfig, ...],
    see: Callable[[ClusterConfig], Seen],
    make: Callable[[Seen], Made],
) -> Results[Made]:
    for cluster in clusters:
        try:
            seen = see(cluster)
            results.made.append(make(seen))
        except AutoscalerError as error:
            results.errors.append(error)
        else:
            results.errors.extend(unseen(seen.observation))
    return results
