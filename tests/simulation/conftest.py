"""What the runs of this folder are made from: the simulated plugin, the store in memory, the rule that ships."""

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
