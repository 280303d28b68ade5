"""What Kafka offers: `sources: {events: {kafka: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_kafka.metrics_reader import KafkaReader
from autoscaler_kafka.settings import KafkaSettings

PROVIDER = Provider(name="kafka", sources={"kafka": Entry(config=KafkaSettings, open=KafkaReader)})
