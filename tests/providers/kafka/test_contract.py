"""The promises of a metrics source, kept over what a Kafka tells."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_kafka.answers import Partition
from autoscaler_kafka.metrics_reader import KafkaReader
from autoscaler_kafka.queries import Consumed
from autoscaler_kafka.settings import KafkaSettings
from tests.providers.kafka.fake_cluster import RUNTIME, FakeCluster, partition


class TestKafka(MetricsContract):
    @pytest.fixture
    def metrics(self) -> Metrics:
        settings = KafkaSettings(brokers=("kafka:9092",))
        reader = KafkaReader(settings, Site(name="events", cluster=ClusterName("shop"), runtime=RUNTIME))
        cluster = reader._cluster = FakeCluster(settings)
        orders, mails = Consumed("orders", "billing"), Consumed("mails", "mailer")
        cluster.seen = {orders: (partition(0, 0, 10, 7), partition(1, 5, 9, 2)), mails: (partition(0, 0, 10, 10),)}

        def becomes(*partitions: Partition) -> None:
            cluster.seen[orders] = partitions

        return Metrics(
            reader=reader,
            good=tuple(
                MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)
                for text in ("lag orders billing", "lag mails mailer")
            ),
            values=(7000, 0),
            bad={
                Code.MISSING: lambda: becomes(partition(0, 0, 10, None)),
                Code.CONTRADICTORY: lambda: becomes(partition(0, 0, 10, 11)),
                Code.NOT_A_NUMBER: lambda: becomes(partition(0, 0, 10**13, 0)),
            },
            break_down=lambda: setattr(cluster, "down", True),
        )
