"""What the runs of this folder are made from: the simulated plugin, the store in memory, the rule that ships."""

import gc
from collections.abc import Iterator

import pytest

from autoscaler.contracts.rule import Rule
from autoscaler.model.quantities import Share
from autoscaler.model.refs import MetricName
from autoscaler.simulation.kit import Kit
from autoscaler.store.memory import MemoryStore
from autoscaler_policies.target_tracking import TargetTracking
from autoscaler_simulated import stage


def tracking(metric: MetricName, target: Share) -> Rule:
    return TargetTracking(metric=metric, target=target)


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit(eyes=stage.eyes, hands=stage.hands, store=MemoryStore, rule=tracking)


@pytest.fixture(scope="session", autouse=True)
def rare_collections() -> Iterator[None]:
    """Runs make many small values and few cycles: looking for those less often saves a tenth of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
