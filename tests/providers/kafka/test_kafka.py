"""From a topic's partitions to a group's lag, and how a client connects."""

import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException
from hypothesis import given
from hypothesis.strategies import booleans, builds, integers, lists, none, sampled_from, text

from autoscaler.config.secrets import Secret
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler_kafka.answers import BY_NAME, Partition, lag, refused
from autoscaler_kafka.client import Client
from autoscaler_kafka.metrics_reader import KafkaReader
from autoscaler_kafka.queries import Asked, Consumed, asked
from autoscaler_kafka.settings import KafkaSettings
from tests.providers.kafka.fake_cluster import RUNTIME, FakeCluster, partition
from tests.providers.sources import noise

SOON = Duration(5000)
SITE = Site(name="events", cluster=ClusterName("shop"), runtime=RUNTIME)


@pytest.mark.parametrize(
    ("partitions", "from_start", "found"),
    [
        pytest.param([partition(0, 0, 10, 7), partition(1, 0, 5, 5)], False, 3000, id="the sum over partitions"),
        pytest.param([partition(0, 0, 10, 10)], False, 0, id="a group that has read all"),
        pytest.param([partition(0, 5, 10, 2)], False, 5000, id="what is too old to be kept is not there to be read"),
        pytest.param([partition(0, 0, 10, 7), partition(1, 4, 4, None)], False, 3000, id="an empty partition needs no commit"),
        pytest.param([partition(0, 0, 10, 7), partition(1, 0, 1, None)], False, Code.MISSING, id="a partition nobody has committed of"),
        pytest.param([partition(0, 0, 10, 7), partition(1, 4, 9, None)], True, 8000, id="the same, to be read from its start"),
        pytest.param([partition(0, 0, 0, None)], False, Code.MISSING, id="a group nobody has heard of"),
        pytest.param([partition(0, 2, 9, None)], True, 7000, id="a new group that reads from the start"),
        pytest.param([], True, Code.MISSING, id="a topic without partitions"),
        pytest.param([partition(0, 0, 10, 11)], False, Code.CONTRADICTORY, id="a group ahead of the end"),
        pytest.param([partition(0, 0, 10, -7)], False, Code.CONTRADICTORY, id="a group before all"),
        pytest.param([partition(0, 5, 4, 4)], False, Code.CONTRADICTORY, id="an end before the begin"),
        pytest.param([partition(0, -1, 4, 4)], False, Code.CONTRADICTORY, id="a begin that is not known"),
        pytest.param([partition(0, 0, 9, 1), partition(0, 0, 9, 1)], False, Code.CONTRADICTORY, id="a partition twice"),
        pytest.param([partition(0, 0, 10**13, 0)], False, Code.NOT_A_NUMBER, id="more than anything"),
    ],
)
def test_lags(partitions: list[Partition], from_start: bool, found: int | Code) -> None:  # noqa: FBT001 - a column of the table
    answer = lag(partitions, from_start=from_start)
    assert (answer.why if isinstance(answer, Unknown) else answer.milli) == found


OFFSETS = integers(-3, 12) | integers()


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_nothing_a_broker_tells_raises(amount: int) -> None:
    parts = builds(Partition, number=integers(0, 9), begin=OFFSETS, end=OFFSETS, committed=OFFSETS | none())

    @noise.of(amount)
    @given(lists(parts, max_size=5), booleans(), sampled_from([*BY_NAME, "_FAIL"]) | text(max_size=9), text(max_size=300))
    def holds(partitions: list[Partition], from_start: bool, name: str, words: str) -> None:  # noqa: FBT001 - drawn
        assert noise.sound(lag(partitions, from_start=from_start))
        assert noise.sound(refused(name, words))

    holds()


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        pytest.param("lag orders billing", Asked(Consumed("orders", "billing"), from_start=False), id="a group's lag"),
        pytest.param("lag-from-start o.1 g", Asked(Consumed("o.1", "g"), from_start=True), id="of a group that reads from the start"),
        pytest.param('lag orders "the bills"', Asked(Consumed("orders", "the bills"), from_start=False), id="a group with a blank"),
        pytest.param("lag orders", Code.REFUSED, id="no group"),
        pytest.param("lag or/ders billing", Code.REFUSED, id="no topic's name"),
        pytest.param("lag orders bill\0ing", Code.REFUSED, id="no group's name"),
        pytest.param("length orders billing", Code.REFUSED, id="another word"),
    ],
)
def test_queries(query: str, meant: Asked | Code) -> None:
    found = asked(query)
    assert (found.why if isinstance(found, Unknown) else found) == meant


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


def failure(code: int) -> KafkaException:
    return KafkaException(KafkaError(code))


def test_everything_is_asked_together_and_once() -> None:
    settings = KafkaSettings(brokers=("kafka:9092",))
    reader = KafkaReader(settings, SITE)
    cluster = reader._cluster = FakeCluster(settings)
    a, b = Consumed("a", "g"), Consumed("b", "g")
    cluster.seen = {a: (partition(0, 0, 3, 1), partition(1, 0, 1, None)), b: Unknown(Code.NOT_FOUND, "no topic")}
    texts = ("lag a g", "lag-from-start a g", "lag b g", "log a g", "lag a g")
    assert codes(reader.read(tuple(map(query, texts)), SOON)) == [Code.MISSING, 3000, Code.NOT_FOUND, Code.REFUSED, Code.MISSING]
    assert cluster.asked == [(a, b)]


def test_nobody_there_is_unavailable_and_says_who(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    password = Secret.parse(f"${{file:{tmp_path}/password}}")
    settings = KafkaSettings(brokers=("127.0.0.1:1",), user="reader", password=password, mechanism="PLAIN", timeout=Duration(300))
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1 does not answer") as caught:
        KafkaReader(settings, SITE).read((query("lag a g"),), SOON)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


def test_authorities_that_are_not_there_say_so(tmp_path: Path) -> None:
    settings = KafkaSettings(brokers=("127.0.0.1:1",), tls=True, ca=f"{tmp_path}/ca.pem")
    with pytest.raises(SetupError, match="refuses its settings"):
        KafkaReader(settings, SITE).read((query("lag a g"),), SOON)


def test_a_client_that_is_not_there_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(SetupError) as caught:
        KafkaReader(KafkaSettings(brokers=("kafka:9092",)), SITE).read((query("lag a g"),), SOON)
    assert caught.value.hint == "pip install 'poolkeeper[kafka]'"


class Broken:
    """What the client promised and cannot keep."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def result(self, timeout: float) -> int:
        raise self._error


@pytest.mark.parametrize(
    ("error", "whole", "part"),
    [
        pytest.param(TimeoutError(), UnavailableError, Code.UNAVAILABLE, id="no answer"),
        pytest.param(failure(KafkaError._TRANSPORT), UnavailableError, Code.UNAVAILABLE, id="nobody there"),
        pytest.param(failure(KafkaError.TOPIC_AUTHORIZATION_FAILED), Code.REFUSED, Code.REFUSED, id="a topic we may not see"),
        pytest.param(failure(KafkaError.LEADER_NOT_AVAILABLE), Code.UNAVAILABLE, Code.UNAVAILABLE, id="a partition without a leader"),
    ],
)
def test_failures(error: Exception, whole: Code | type[Exception], part: Code) -> None:
    client, ends = Client(KafkaSettings(brokers=("kafka:9092",)), RUNTIME), RUNTIME.monotonic()
    found = client.part(Broken(error), ends)
    assert isinstance(found, Unknown)
    assert (found.why, len(found.detail) <= noise.LONGEST) == (part, True)
    if isinstance(whole, Code):
        assert client.result(Broken(error), ends) == found
    else:
        with pytest.raises(whole, match="kafka:9092 does not answer"):
            client.result(Broken(error), ends)


@pytest.mark.parametrize(
    ("more", "protocol"),
    [
        pytest.param({}, "PLAINTEXT", id="as it is"),
        pytest.param({"tls": True}, "SSL", id="encrypted"),
        pytest.param({"user": "u", "password": Secret("P")}, "SASL_PLAINTEXT", id="with a password"),
        pytest.param({"tls": True, "user": "u", "password": Secret("P")}, "SASL_SSL", id="both"),
    ],
)
def test_protocols(more: dict[str, object], protocol: str) -> None:
    assert KafkaSettings(brokers=("kafka:9092", "[::1]:9092", "kafka"), **more).protocol == protocol  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"brokers": ("kafka:9092,other:9092",)}, id="two brokers in one"),
        pytest.param({"brokers": ("ssl://kafka:9092",)}, id="a scheme"),
        pytest.param({"brokers": ("kafka",), "ca": "/ca.pem"}, id="authorities without TLS"),
        pytest.param({"brokers": ("kafka",), "user": "u"}, id="a name without a password"),
        pytest.param({"brokers": ("kafka",), "timeout": Duration(0)}, id="no time"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        KafkaSettings(**settings)  # type: ignore[arg-type]


def test_looking_at_the_plugin_loads_no_client() -> None:
    program = "import sys, autoscaler_kafka.plugin; print('confluent_kafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"
