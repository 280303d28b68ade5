"""A stage of its own for each test."""

import pytest

from autoscaler.testing.stages import ToyStage


@pytest.fixture
def stage() -> ToyStage:
    return ToyStage()
