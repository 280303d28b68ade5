"""What the tests of the Redis provider share: a server on the loopback that replies what a test tells it to."""

from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler_redis.settings import RedisSettings
from tests.providers.redis.fake_redis import FakeRedis


@pytest.fixture
def redis() -> Iterator[FakeRedis]:
    """Listens on the loopback."""
    with FakeRedis() as found:
        yield found


@pytest.fixture
def settings(redis: FakeRedis) -> RedisSettings:
    """The fake's address."""
    return RedisSettings(url=Url(redis.url))
