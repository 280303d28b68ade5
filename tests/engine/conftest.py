"""A whole engine over a simulated cluster, for each test a fresh one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the helper beside this file is imported as tests.engine.shop

from tests.engine.shop import Shop, open_shop


@pytest.fixture
def shop() -> Shop:
    return open_shop()
