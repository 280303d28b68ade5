"""What RabbitMQ offers: `sources: {broker: {rabbitmq: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_rabbitmq.metrics_reader import RabbitmqReader
from autoscaler_rabbitmq.settings import RabbitmqSettings

PROVIDER = Provider(name="rabbitmq", sources={"rabbitmq": Entry(config=RabbitmqSettings, open=RabbitmqReader)})
