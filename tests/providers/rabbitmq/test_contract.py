"""The promises of a metrics source, kept by a server on the loopback."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_rabbitmq.metrics_reader import RabbitmqReader
from autoscaler_rabbitmq.queries import Queue
from autoscaler_rabbitmq.settings import RabbitmqSettings
from tests.providers.loopback import Reply, answer
from tests.providers.rabbitmq.queues import queue
from tests.providers.sources.fake_http import FakeHttp


class TestRabbitmq(MetricsContract):
    @pytest.fixture
    def metrics(self, broker: FakeHttp, settings: RabbitmqSettings, site: Site) -> Metrics:
        web = WorkloadRef(site.cluster, "web")
        texts = ("published-rate mail", "ready mail", "messages orders team/a")
        mail = Queue("/", "mail").path
        broker.answers = {mail: answer(queue()), Queue("team/a", "orders").path: answer(queue("orders", "team/a"))}

        def becomes(reply: Reply) -> None:
            broker.answers[mail] = reply

        return Metrics(
            reader=RabbitmqReader(settings, site),
            good=tuple(MetricQuery(metric=MetricName("m"), workload=web, text=text) for text in texts),
            values=(2400, 7000, 10_000),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes(answer(queue(message_stats={"publish_details": {"rate": float("nan")}}))),
                Code.MISSING: lambda: becomes(answer(queue(message_stats={}))),
                Code.CONTRADICTORY: lambda: becomes(
                    Reply(body=b'{"name": "mail", "vhost": "/", "message_stats": {"publish_details": {"rate": 1, "rate": 2}}}')
                ),
                Code.TOO_LARGE: lambda: becomes(Reply(body=b"x" * (2**20 + 1))),
                Code.MALFORMED: lambda: becomes(Reply(body=b"<html>proxy</html>")),
            },
            break_down=broker.stop,
        )
