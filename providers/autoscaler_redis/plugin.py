"""What Redis offers: `sources: {jobs: {redis: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_redis.metrics_reader import RedisReader
from autoscaler_redis.settings import RedisSettings

PROVIDER = Provider(name="redis", sources={"redis": Entry(config=RedisSettings, open=RedisReader)})
