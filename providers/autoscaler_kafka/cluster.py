"""Asks one Kafka for offsets: one question for all topics, one for each group, two for all partitions."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_kafka.answers import Partition, refused
from autoscaler_kafka.client import Client, Promised
from autoscaler_kafka.queries import Consumed
from autoscaler_kafka.settings import KafkaSettings

if TYPE_CHECKING:
    from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
    from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # documented, but not re-exported

Place = tuple[str, int]
"""A topic, and the number of one of its partitions."""

Numbers = Mapping[str, tuple[int, ...] | Unknown]
Offset = int | Unknown | None
"""None: the group never said where it is."""

Offsets = Mapping[Place, Offset]
MISSING = Unknown(Code.MISSING, "the brokers did not tell of every partition")
Seen = dict[Consumed, tuple[Partition, ...] | Unknown]


class Cluster:
    """One Kafka."""

    def __init__(self, settings: KafkaSettings, runtime: Runtime) -> None:
        self._client = Client(settings, runtime)
        self._timeout = settings.timeout
        self._runtime = runtime

    def ask(self, wanted: tuple[Consumed, ...], within: Duration) -> Seen:
        """The partitions of each topic as its group sees them; UnavailableError when nobody answers."""
        self._client.admin()  # which says what to install, where it is not there
        from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # documented, but not re-exported

        ends = self._runtime.monotonic() + min(within.ms, self._timeout.ms)
        numbers = self._numbers(sorted({each.topic for each in wanted}), ends)
        # Committed offsets first: a group that goes on meanwhile is then never ahead of the end.
        committed = self._committed(wanted, numbers, ends)
        places = [place for topic in numbers for place in _places(topic, numbers)]
        begins = self._offsets(places, OffsetSpec.earliest(), ends)
        lasts = self._offsets(places, OffsetSpec.latest(), ends)
        return {each: _seen(each, numbers, committed[each.group], begins, lasts) for each in wanted}

    def _numbers(self, topics: list[str], ends: int) -> Numbers:
        from confluent_kafka import TopicCollection

        # Other ways to ask for a topic make it, where the brokers allow that.
        admin = self._client.admin()
        promised = admin.describe_topics(TopicCollection(topics), request_timeout=self._client.left(ends))
        found = {topic: self._client.result(each, ends) for topic, each in promised.items()}
        return {topic: one if isinstance(one, Unknown) else tuple(part.id for part in one.partitions) for topic, one in found.items()}

    def _committed(self, wanted: tuple[Consumed, ...], numbers: Numbers, ends: int) -> dict[str, Offsets | Unknown]:
        asked: dict[str, list[Place]] = {each.group: [] for each in wanted}
        for each in wanted:
            asked[each.group] += _places(each.topic, numbers)
        promised = {group: self._of_group(group, places, ends) for group, places in asked.items() if places}
        found = {group: self._client.part(each, ends) for group, each in promised.items()}
        heard = {group: one if isinstance(one, Unknown) else _offsets_of(one.topic_partitions or []) for group, one in found.items()}
        return {group: heard.get(group, {}) for group in asked}

    def _of_group(self, group: str, places: list[Place], ends: int) -> "Promised[ConsumerGroupTopicPartitions]":
        from confluent_kafka import ConsumerGroupTopicPartitions

        asked = ConsumerGroupTopicPartitions(group, _partitions(places))
        return self._client.admin().list_consumer_group_offsets([asked], request_timeout=self._client.left(ends))[group]

    def _offsets(self, places: list[Place], spec: "OffsetSpec", ends: int) -> Offsets:
        if not places:
            return {}
        promised = self._client.admin().list_offsets(dict.fromkeys(_partitions(places), spec), request_timeout=self._client.left(ends))
        found = {(place.topic, place.partition): self._client.part(each, ends) for place, each in promised.items()}
        return {place: one if isinstance(one, Unknown) else one.offset for place, one in found.items()}


def _places(topic: str, numbers: Numbers) -> list[Place]:
    found = numbers[topic]
    return [] if isinstance(found, Unknown) else [(topic, number) for number in found]


def _partitions(places: Iterable[Place]) -> "list[TopicPartition]":
    from confluent_kafka import TopicPartition

    return [TopicPartition(topic, number) for topic, number in places]


def _offsets_of(told: "Iterable[TopicPartition]") -> Offsets:
    """By place; None where the group never said where it is."""
    return {
        (one.topic, one.partition): refused(one.error.name(), one.error.str()) if one.error else (one.offset if one.offset >= 0 else None)
        for one in told
    }


def _seen(
    wanted: Consumed, numbers: Numbers, committed: Offsets | Unknown, begins: Offsets, lasts: Offsets
) -> tuple[Partition, ...] | Unknown:
    found = numbers[wanted.topic]
    if isinstance(found, Unknown):
        return found
    if isinstance(committed, Unknown):
        return committed
    parts = [_partition(number, *(each.get((wanted.topic, number), MISSING) for each in (begins, lasts, committed))) for number in found]
    broken = next((part for part in parts if isinstance(part, Unknown)), None)
    return broken or tuple(part for part in parts if isinstance(part, Partition))


def _partition(number: int, begin: Offset, end: Offset, committed: Offset) -> Partition | Unknown:
    match begin, end, committed:
        case int(), int(), (int() | None):
            return Partition(number=number, begin=begin, end=end, committed=committed)
        case _:
            return next((each for each in (begin, end, committed) if isinstance(each, Unknown)), MISSING)
