"""The promises of a metrics source, kept by a server on the loopback."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_redis.metrics_reader import RedisReader
from autoscaler_redis.settings import RedisSettings
from tests.providers.redis.fake_redis import FakeRedis, bulk, error, groups, number, replica


class TestRedis(MetricsContract):
    @pytest.fixture
    def metrics(self, redis: FakeRedis, settings: RedisSettings, site: Site) -> Metrics:
        web = WorkloadRef(site.cluster, "web")
        texts = ("number load", "list mail", "stream-lag orders billing")
        billing: dict[str, int | str | None] = {"name": "billing", "pending": 2, "lag": 5}
        redis.replies |= {
            "GETRANGE load 0 64": bulk(b"12.3456"),
            "LLEN mail": number(7),
            "XINFO GROUPS orders": groups({"name": "audit", "pending": 0, "lag": 9}, billing),
        }

        def becomes(reply: bytes, sent: str = "GETRANGE load 0 64") -> None:
            redis.replies[sent] = reply

        return Metrics(
            reader=RedisReader(settings, site),
            good=tuple(MetricQuery(metric=MetricName("m"), workload=web, text=text) for text in texts),
            values=(12_346, 7000, 5000),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes(bulk(b"NaN")),
                Code.MISSING: lambda: becomes(bulk(b"")),
                Code.STALE: lambda: becomes(replica("connect"), "ROLE"),
                Code.TOO_LARGE: lambda: becomes(bulk(b"1" * 65)),
                Code.MALFORMED: lambda: becomes(error("WRONGTYPE Operation against a key holding the wrong kind of value")),
            },
            break_down=redis.stop,
        )
