"""What a run is made from that simulation itself does not know: the plugin's readers and writers, the store, the rule, the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.rule import Rule
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Store
from autoscaler.engine.tick import Engine
from autoscaler.execution import Hands
from autoscaler.model.quantities import Share
from autoscaler.model.refs import MetricName
from autoscaler.observing import Eyes
from autoscaler.simulation.world.world import World

Clock = Callable[[], int]


class OpensEyes(Protocol):
    """Opens all readers of a world. `clock` is the world's own time, `runtime.now` what we take it to be."""

    def __call__(self, world: World, policies: ClusterPolicies, runtime: Runtime, clock: Clock) -> Eyes:
        """Readers of the cluster, of each pool and rotation the policies name, and of its metrics."""
        ...


class OpensHands(Protocol):
    """Opens all writers of a world."""

    def __call__(self, world: World, policies: ClusterPolicies, runtime: Runtime, clock: Clock) -> Hands:
        """Writers of the same objects."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """`rule`: one that keeps an average near a share. `engine`: another than the real one only to show that it would be caught."""

    eyes: OpensEyes
    hands: OpensHands
    store: Callable[[Runtime], Store]
    rule: Callable[[MetricName, Share], Rule]
    engine: type[Engine] = Engine
