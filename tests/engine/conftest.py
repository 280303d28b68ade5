"""A whole engine over a simulated cluster, for each test a fresh one."""

import pytest

from tests.engine.shop import Shop, open_shop


@pytest.fixture
def shop() -> Shop:
    return open_shop()
