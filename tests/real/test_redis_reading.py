"""What a real Redis replies, and what is made of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, Unknown, averaged
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_redis.metrics_reader import RedisReader
from autoscaler_redis.settings import RedisSettings
from tests.real.servers import Started, start_redis
from tests.real.waiting import free_port, until

pytestmark = pytest.mark.real
SOON = Duration(10_000)
SITE = Site(name="jobs", cluster=ClusterName("lab"), runtime=SystemRuntime())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    found = start_redis(tmp_path_factory.mktemp("redis"))
    fill(redis.Redis(port=found.port))
    yield found
    found.stop()


def fill(client: redis.Redis) -> None:
    """Some of everything: of six orders the group `billing` was given four, and has done one."""
    client.rpush("mail", *range(7))
    client.sadd("seen", 1, 2, 3)
    client.zadd("due", {"a": 1, "b": 2})
    client.set("load", "12.3456")
    client.set("word", "many")
    client.set("text", "x" * 100_000)
    ids = [client.xadd("orders", {"n": number}) for number in range(6)]
    client.xgroup_create("orders", "billing", id="0")
    client.xreadgroup("billing", "one", {"orders": ">"}, count=4)
    client.xack("orders", "billing", str(ids[0], "ascii") if isinstance(ids[0], bytes) else ids[0])
    holes = [client.xadd("holes", {"n": number}) for number in range(4)]
    client.xgroup_create("holes", "billing", id="0")
    client.xreadgroup("billing", "one", {"holes": ">"}, count=1)
    client.xdel("holes", *holes[2:3])


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("lab/web"), text=text)


@pytest.fixture
def reader(server: Started) -> RedisReader:
    return RedisReader(RedisSettings(url=Url(f"redis://127.0.0.1:{server.port}")), SITE)


GOOD = {
    "list mail": 7000,
    "list nobody": 0,
    "set seen": 3000,
    "sorted-set due": 2000,
    "stream orders": 6000,
    "number load": 12_346,
    "stream-lag orders billing": 2000,
    "stream-pending orders billing": 3000,
    "stream-backlog orders billing": 5000,
}


class TestRealRedis(MetricsContract):
    @pytest.fixture
    def metrics(self, reader: RedisReader) -> Metrics:
        def break_down() -> None:
            # The server is shared by these tests: the reader is sent to where nobody listens.
            reader._server._settings = RedisSettings(url=Url(f"redis://127.0.0.1:{free_port()}"))

        return Metrics(reader=reader, good=tuple(map(query, GOOD)), values=tuple(GOOD.values()), break_down=break_down)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            pytest.param("number word", Code.NOT_A_NUMBER, id="no number"),
            pytest.param("number nobody", Code.MISSING, id="no sample"),
            pytest.param("number text", Code.TOO_LARGE, id="more than a number"),
            pytest.param("list seen", Code.MALFORMED, id="another type"),
            pytest.param("number seen", Code.MALFORMED, id="no text"),
            pytest.param("stream-lag nobody billing", Code.MISSING, id="no stream"),
            pytest.param("stream-lag orders nobody", Code.MISSING, id="no group"),
            pytest.param("stream-lag holes billing", Code.MISSING, id="a lag that deletions made unknowable"),
            pytest.param("length mail", Code.REFUSED, id="a query nobody can read"),
        ],
    )
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, reader: RedisReader, text: str, why: Code) -> None:  # type: ignore[override]
        (reading,) = reader.read((query(text),), SOON)
        assert isinstance(reading, Unknown)
        assert reading.why is why, reading


def test_a_user_who_may_only_read_is_enough(server: Started, tmp_path: Path) -> None:
    redis.Redis(port=server.port).acl_setuser("counter", enabled=True, passwords=["+secret"], keys=["*"], commands=["+llen", "+xinfo"])
    (tmp_path / "password").write_text("secret\n")
    url, password = Url(f"redis://counter@127.0.0.1:{server.port}"), Secret.parse(f"${{file:{tmp_path}/password}}")
    readings = RedisReader(RedisSettings(url=url, password=password), SITE).read((query("list mail"), query("number load")), SOON)
    assert [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)] == [7000, Code.REFUSED]


def test_a_replica_without_its_primary_is_stale(tmp_path: Path) -> None:
    replica = start_redis(tmp_path, "--replicaof", "127.0.0.1", str(free_port()))
    try:
        reader = RedisReader(RedisSettings(url=Url(f"redis://127.0.0.1:{replica.port}")), SITE)
        until(lambda: isinstance(reader.read((query("list mail"),), SOON)[0], Unknown), "the replica says where it stands", 5)
        (reading,) = reader.read((query("list mail"),), SOON)
        assert isinstance(reading, Unknown)
        assert reading.why is Code.STALE
    finally:
        replica.stop()
