"""What RabbitMQ is asked, and what is made of what it tells."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler_rabbitmq.answers import value
from autoscaler_rabbitmq.metrics_reader import RabbitmqReader
from autoscaler_rabbitmq.queries import LENGTHS, RATES, Asked, Queue, asked
from autoscaler_rabbitmq.settings import RabbitmqSettings
from tests.providers.loopback import Reply, answer
from tests.providers.rabbitmq.queues import queue
from tests.providers.sources import noise
from tests.providers.sources.fake_http import FakeHttp

SOON = Duration(5000)
MAIL = Queue("/", "mail")


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


@pytest.fixture
def reader(settings: RabbitmqSettings, site: Site) -> RabbitmqReader:
    return RabbitmqReader(settings, site)


@pytest.mark.parametrize(
    ("words", "queue"),
    [
        pytest.param("ready mail", Queue("/", "mail"), id="in the usual vhost"),
        pytest.param("ready mail team", Queue("team", "mail"), id="in another"),
        pytest.param('ready "to do" "the team"', Queue("the team", "to do"), id="names with blanks"),
    ],
)
def test_whose_queue_is_meant(words: str, queue: Queue) -> None:
    assert asked(words, "/") == Asked("ready", queue)


@pytest.mark.parametrize(
    ("queue", "path"),
    [
        pytest.param(Queue("/", "mail"), "/api/queues/%2F/mail", id="the usual vhost"),
        pytest.param(Queue("a/b", "x?y#z%"), "/api/queues/a%2Fb/x%3Fy%23z%25", id="what means something in a path"),
        pytest.param(Queue("..", "."), "/api/queues/%2E%2E/%2E", id="what would be walked"),
        pytest.param(Queue("ä", "\ud800"), "/api/queues/%C3%A4/%3F", id="other scripts, and what is no text"),
    ],
)
def test_paths(queue: Queue, path: str) -> None:
    assert queue.path == path


@pytest.mark.parametrize(
    ("what", "told", "found"),
    [
        pytest.param("ready", queue(), 7000, id="ready"),
        pytest.param("unacknowledged", queue(), 3000, id="unacknowledged"),
        pytest.param("messages", queue(), 10_000, id="both"),
        pytest.param("published-rate", queue(), 2400, id="what comes"),
        pytest.param("delivered-rate", queue(), 1200, id="what is given out"),
        pytest.param("acknowledged-rate", queue(), 0, id="what is done"),
        pytest.param("ready", queue(messages_ready="7"), Code.MALFORMED, id="a text"),
        pytest.param("ready", queue(messages_ready=-1), Code.NOT_A_NUMBER, id="below zero"),
        pytest.param("ready", queue(messages_ready=10**13), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param("ready", queue(messages_ready=None), Code.MISSING, id="null"),
        pytest.param("ready", queue(messages_ready=True), Code.MALFORMED, id="a boolean"),
        pytest.param("ready", {"name": "mail", "vhost": "/"}, Code.MISSING, id="a queue of which nothing is counted yet"),
        pytest.param("published-rate", queue(message_stats=[]), Code.MISSING, id="no statistics"),
        pytest.param("published-rate", queue(message_stats={"publish_details": {}}), Code.MISSING, id="no rate"),
        pytest.param("ready", queue(state="down"), Code.UNAVAILABLE, id="a queue whose node is down"),
        pytest.param("ready", queue("other"), Code.MALFORMED, id="another queue"),
        pytest.param("ready", queue(vhost="other"), Code.MALFORMED, id="another vhost"),
        pytest.param("ready", [queue()], Code.MALFORMED, id="a list of queues"),
    ],
)
def test_values(what: str, told: object, found: int | Code) -> None:
    answer = value(Asked(what, MAIL), 200, json.dumps(told).encode())
    assert (answer.why if isinstance(answer, Unknown) else answer.milli) == found


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_no_answer_of_whatever_shape_raises(amount: int) -> None:
    keys = ("name", "vhost", "state", "message_stats", "publish_details", "rate", *LENGTHS.values())

    @noise.of(amount)
    @given(noise.bodies(*keys, good=json.dumps(queue()).encode()), sampled_from([*LENGTHS, *RATES]), sampled_from([200, 200, 401, 503]))
    def holds(body: bytes, what: str, status: int) -> None:
        assert noise.sound(value(Asked(what, MAIL), status, body))

    holds()


@given(text(max_size=20), text(max_size=20))
def test_no_name_leaves_its_place_in_the_path(vhost: str, name: str) -> None:
    path = Queue(vhost, name).path
    assert path.count("/") == 4
    assert not {"?", "#", "..", "\r", "\n"} & {path[at : at + width] for at in range(len(path)) for width in (1, 2)}


def test_each_queue_is_asked_for_once(broker: FakeHttp, reader: RabbitmqReader) -> None:
    broker.answers = {MAIL.path: answer(queue())}
    assert codes(reader.read(tuple(map(query, ("ready mail", "messages mail", "ready mail", "redy mail"))), SOON)) == [
        7000,
        10_000,
        7000,
        Code.REFUSED,
    ]
    assert broker.asked == ["/api/queues/%2F/mail"]


def test_the_password_is_sent_and_read_anew(broker: FakeHttp, reader: RabbitmqReader, tmp_path: Path) -> None:
    for word in ("one", "two"):
        (tmp_path / "password").write_text(word)
        reader.read((query("ready mail"),), SOON)
    sent = [each["authorization"] for each in broker.headers]
    assert sent == [f"Basic {b64encode(f'reader:{word}'.encode()).decode()}" for word in ("one", "two")]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(lambda: Reply(body=b"x" * 2000), Code.TOO_LARGE, id="larger than allowed"),
        pytest.param(lambda: Reply(status=302, headers={"Location": "http://elsewhere/"}), Code.REFUSED, id="redirects"),
        pytest.param(lambda: replace(answer({"error": "Object Not Found"}), status=404), Code.NOT_FOUND, id="no such queue"),
        pytest.param(lambda: replace(answer({"error": "not_authorised"}), status=401), Code.REFUSED, id="a wrong password"),
        pytest.param(lambda: Reply(status=503), Code.UNAVAILABLE, id="busy"),
        pytest.param(lambda: replace(answer(queue()), ahead=40), Code.SKEWED, id="its clock is ahead, or it was kept by a cache"),
        pytest.param(lambda: replace(answer(queue()), ahead=-400), Code.SKEWED, id="an old answer of a cache"),
    ],
)
def test_bad_answers(broker: FakeHttp, settings: RabbitmqSettings, site: Site, reply: Callable[[], Reply], why: Code) -> None:
    broker.answers = {MAIL.path: reply(), Queue("/", "orders").path: answer(queue("orders"))}
    reader = RabbitmqReader(replace(settings, max_answer=Memory(1500)), site)
    readings = reader.read((query("ready orders"), query("ready mail")), SOON)
    assert codes(readings) == [7000, why]
    assert "hunter2" not in str(readings)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"url": Url("amqp://host")}, id="the broker's own port"),
        pytest.param({"url": Url("http://host/?a=b")}, id="a query"),
        pytest.param({"user": "a:b"}, id="a name with a colon"),
        pytest.param({"timeout": Duration(0)}, id="no time"),
    ],
)
def test_settings_that_cannot_work(settings: RabbitmqSettings, changed: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        replace(settings, **changed)  # type: ignore[arg-type]


def test_looking_at_the_plugin_loads_no_http_client() -> None:
    program = "import sys, autoscaler_rabbitmq.plugin; print('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"
