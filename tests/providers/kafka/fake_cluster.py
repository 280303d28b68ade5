"""What a Kafka tells, without one: `Cluster` is tested against a real broker."""

from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler.service.runtime import SystemRuntime
from autoscaler_kafka.answers import Partition
from autoscaler_kafka.cluster import Cluster, Seen
from autoscaler_kafka.queries import Consumed
from autoscaler_kafka.settings import KafkaSettings

RUNTIME = SystemRuntime()


def partition(number: int, begin: int, end: int, committed: int | None) -> Partition:
    """In the order in which one thinks of them."""
    return Partition(number=number, begin=begin, end=end, committed=committed)


class FakeCluster(Cluster):
    """`seen`: what is told of each topic and group. `asked` lists what was asked together."""

    def __init__(self, settings: KafkaSettings) -> None:
        super().__init__(settings, RUNTIME)
        self.seen: dict[Consumed, tuple[Partition, ...] | Unknown] = {}
        self.asked: list[tuple[Consumed, ...]] = []
        self.down = False

    def ask(self, wanted: tuple[Consumed, ...], within: Duration) -> Seen:
        """As told."""
        self.asked.append(wanted)
        if self.down:
            raise UnavailableError("kafka does not answer", hint="start it")
        return {each: self.seen[each] for each in wanted}
