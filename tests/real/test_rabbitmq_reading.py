"""What a real RabbitMQ tells of its queues, and what is made of it."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, Unknown, averaged
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_rabbitmq.metrics_reader import RabbitmqReader
from autoscaler_rabbitmq.settings import RabbitmqSettings
from tests.real.servers import RabbitMq
from tests.real.waiting import free_port, until

pytestmark = pytest.mark.real
SOON = Duration(10_000)
SITE = Site(name="broker", cluster=ClusterName("lab"), runtime=SystemRuntime())
ODD = "odd/..?#%ä"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMq]:
    found = RabbitMq(tmp_path_factory.mktemp("rabbitmq"))
    with httpx2.Client(base_url=f"http://127.0.0.1:{found.port}/api", auth=(found.user, found.word)) as api:
        fill(api)
        until(lambda: api.get("/queues/team%2Fa/orders").json().get("messages") == 3, "its queues are counted", 20)
    yield found
    found.stop()


def fill(api: httpx2.Client) -> None:
    """Seven mails in the usual vhost, three orders in another, and an empty queue of a name that means much in a path."""
    api.put("/vhosts/team%2Fa").raise_for_status()
    for vhost, name, count in (("%2F", "mail", 7), ("team%2Fa", "orders", 3), ("%2F", "odd%2F..%3F%23%25%C3%A4", 0)):
        api.put(f"/queues/{vhost}/{name}", json={"durable": True}).raise_for_status()
        for _ in range(count):
            message = {"properties": {}, "routing_key": name, "payload": "x", "payload_encoding": "string"}
            assert api.post(f"/exchanges/{vhost}/amq.default/publish", json=message).json() == {"routed": True}


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("lab/web"), text=text)


def settings(broker: RabbitMq, folder: Path, word: str = "") -> RabbitmqSettings:
    (folder / "password").write_text(word or broker.word)
    url, password = Url(f"http://127.0.0.1:{broker.port}"), Secret.parse(f"${{file:{folder}/password}}")
    return RabbitmqSettings(url=url, user=broker.user, password=password)


@pytest.fixture
def reader(broker: RabbitMq, tmp_path: Path) -> RabbitmqReader:
    return RabbitmqReader(settings(broker, tmp_path), SITE)


GOOD = {"ready mail": 7000, "messages mail": 7000, "unacknowledged mail": 0, "ready orders team/a": 3000}


class TestRealRabbitmq(MetricsContract):
    @pytest.fixture
    def metrics(self, reader: RabbitmqReader) -> Metrics:
        def break_down() -> None:
            # The broker is shared by these tests: the reader is sent to where nobody listens.
            reader._base = f"http://127.0.0.1:{free_port()}"

        return Metrics(reader=reader, good=tuple(map(query, GOOD)), values=tuple(GOOD.values()), break_down=break_down)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            pytest.param("ready nobody", Code.NOT_FOUND, id="no queue"),
            pytest.param("ready mail nowhere", Code.NOT_FOUND, id="no vhost"),
            pytest.param("delivered-rate mail", Code.MISSING, id="no rate"),
            pytest.param("length mail", Code.REFUSED, id="a query nobody can read"),
        ],
    )
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, reader: RabbitmqReader, text: str, why: Code) -> None:  # type: ignore[override]
        (reading,) = reader.read((query(text),), SOON)
        assert isinstance(reading, Unknown)
        assert reading.why is why, reading


def test_a_name_that_means_much_in_a_path_is_found(broker: RabbitMq, reader: RabbitmqReader) -> None:
    def ready() -> Sample | Unknown:
        return averaged(reader.read((query(f"ready {ODD}"),), SOON)[0])

    until(lambda: isinstance(ready(), Sample), "it is counted", 10)
    found = ready()
    assert isinstance(found, Sample)
    assert found.milli == 0


def test_what_comes_has_a_rate(broker: RabbitMq, reader: RabbitmqReader) -> None:
    (reading,) = reader.read((query("published-rate mail"),), SOON)
    assert isinstance(reading, Sample)


def test_a_wrong_password_is_refused_and_in_no_word(broker: RabbitMq, tmp_path: Path) -> None:
    (reading,) = RabbitmqReader(settings(broker, tmp_path, "wrong-word"), SITE).read((query("ready mail"),), SOON)
    assert isinstance(reading, Unknown)
    assert (reading.why, "wrong-word" in reading.detail) == (Code.REFUSED, False)
