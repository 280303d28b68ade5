"""What the tests of the Redis provider share: a server on the loopback that replies what a test tells it to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))  # the fakes beside this file are imported as tests.providers.redis.…

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_redis.settings import RedisSettings
from tests.providers.redis.fake_redis import FakeRedis


@pytest.fixture
def redis() -> Iterator[FakeRedis]:
    """Listens on the loopback."""
    with FakeRedis() as found:
        yield found


@pytest.fixture
def site() -> Site:
    """Real time: the server is real."""
    return Site(name="jobs", cluster=ClusterName("shop"), runtime=SystemRuntime())


@pytest.fixture
def settings(redis: FakeRedis) -> RedisSettings:
    """The fake's address."""
    return RedisSettings(url=Url(redis.url))
