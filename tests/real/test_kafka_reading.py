"""What a real Kafka tells, and what is made of it."""

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # documented, but not re-exported

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, Unknown
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_kafka.cluster import Cluster
from autoscaler_kafka.metrics_reader import KafkaReader
from autoscaler_kafka.settings import KafkaSettings
from tests.real.servers import Kafka
from tests.real.waiting import free_port

pytestmark = pytest.mark.real
SOON = Duration(10_000)
SITE = Site(name="events", cluster=ClusterName("lab"), runtime=SystemRuntime())


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    found = Kafka(tmp_path_factory.mktemp("kafka"))
    fill(f"127.0.0.1:{found.port}")
    yield f"127.0.0.1:{found.port}"
    found.stop()


def fill(address: str) -> None:
    """Five orders in each of two partitions: `billing` has read three and four of them, `audit` three of the first partition's."""
    admin = AdminClient({"bootstrap.servers": address})
    for made in admin.create_topics([NewTopic("orders", 2, 1), NewTopic("empty", 1, 1)], request_timeout=20).values():
        made.result()
    producer = Producer({"bootstrap.servers": address})
    for number in range(10):
        producer.produce("orders", b"x", partition=number % 2)
    assert producer.flush(20) == 0
    for group, offsets in (("billing", (3, 4)), ("audit", (3,))):
        consumer = Consumer({"bootstrap.servers": address, "group.id": group})
        consumer.commit(offsets=[TopicPartition("orders", number, offset) for number, offset in enumerate(offsets)], asynchronous=False)
        consumer.close()


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("lab/web"), text=text)


@pytest.fixture
def reader(kafka: str) -> KafkaReader:
    return KafkaReader(KafkaSettings(brokers=(kafka,)), SITE)


GOOD = {
    "lag orders billing": 3000,
    "lag-from-start orders billing": 3000,
    "lag-from-start orders audit": 7000,
    "lag-from-start orders nobody": 10_000,
    "lag-from-start empty billing": 0,
}


class TestRealKafka(MetricsContract):
    @pytest.fixture
    def metrics(self, reader: KafkaReader) -> Metrics:
        def break_down() -> None:
            # The broker is shared by these tests: the reader is sent to where nobody listens.
            elsewhere = KafkaSettings(brokers=(f"127.0.0.1:{free_port()}",), timeout=Duration(500))
            reader._cluster = Cluster(elsewhere, SITE.runtime)

        return Metrics(reader=reader, good=tuple(map(query, GOOD)), values=tuple(GOOD.values()), break_down=break_down)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            pytest.param("lag nowhere billing", Code.NOT_FOUND, id="no topic"),
            pytest.param("lag orders nobody", Code.MISSING, id="no group"),
            pytest.param("lag orders audit", Code.MISSING, id="a partition nobody has committed of"),
            pytest.param("lag .. billing", Code.REFUSED, id="a name no topic has"),
            pytest.param("length orders", Code.REFUSED, id="a query nobody can read"),
        ],
    )
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, reader: KafkaReader, text: str, why: Code) -> None:  # type: ignore[override]
        bad, good = reader.read((query(text), query("lag orders billing")), SOON)
        assert isinstance(bad, Unknown), bad
        assert bad.why is why, bad
        assert isinstance(good, Sample)
        assert good.milli == 3000


def test_to_ask_for_a_topic_does_not_make_it(kafka: str, reader: KafkaReader) -> None:
    reader.read((query("lag nowhere billing"),), SOON)
    assert "nowhere" not in AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
