"""The promises of a metrics source, kept by both of Azure's, with azure-identity signing in over HTTP."""

from collections.abc import Callable

import pytest

from autoscaler.model.reasons import Code
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_azure.arm_reader import ArmReader
from tests.providers.asking import query
from tests.providers.azure.fake_azure import FakeAzure, error, metric, metrics, queue, series, value
from tests.providers.loopback import Reply


class TestAzureMonitor(MetricsContract):
    @pytest.fixture
    def metrics(self, azure: FakeAzure, monitor: ArmReader) -> Metrics:
        azure.replies = {
            "/sites/web": metrics(metric(series(value(150, 9.0), value(90, 12.3456), value(30, 1.0)))),
            "/sites/api": metrics(metric(series(value(90, 7)))),
        }

        def becomes(reply: Callable[[], Reply]) -> Callable[[], None]:
            return lambda: azure.replies.update({"/sites/web": reply()})

        return Metrics(
            reader=monitor,
            good=tuple(query(f"resource=Microsoft.Web/sites/{name} metric=Requests aggregation=average") for name in ("web", "api")),
            values=(12_346, 7000),
            bad={
                Code.NOT_A_NUMBER: becomes(lambda: metrics(metric(series(value(90, float("nan")))))),
                Code.MISSING: becomes(lambda: metrics(metric(series()))),
                Code.STALE: becomes(lambda: metrics(metric(series(value(400, 1.0))))),
                Code.CONTRADICTORY: becomes(lambda: metrics(metric(series(value(90, 1.0), a="x"), series(value(90, 2.0), a="y")))),
                Code.TOO_LARGE: becomes(lambda: Reply(body=b"x" * (2**20 + 1))),
                Code.MALFORMED: becomes(lambda: Reply(body=b"<html>proxy</html>")),
            },
            break_down=becomes(lambda: error(503, "ServiceUnavailable")),
        )


class TestServiceBus(MetricsContract):
    @pytest.fixture
    def metrics(self, azure: FakeAzure, servicebus: ArmReader) -> Metrics:
        azure.replies = {"/queues/mail": queue(), "/topics/orders/subscriptions/bills": queue(activeMessageCount=7)}

        def becomes(reply: Reply) -> Callable[[], None]:
            return lambda: azure.replies.update({"/queues/mail": reply})

        return Metrics(
            reader=servicebus,
            good=(query("namespace=shop-bus queue=mail"), query("namespace=shop-bus topic=orders subscription=bills")),
            values=(12_000, 7000),
            bad={
                Code.NOT_A_NUMBER: becomes(queue(activeMessageCount=float("nan"))),
                Code.MISSING: becomes(queue(activeMessageCount=None)),
                Code.TOO_LARGE: becomes(Reply(body=b"x" * (2**20 + 1))),
                Code.MALFORMED: becomes(Reply(body=b"<html>proxy</html>")),
            },
            break_down=becomes(error(429, "TooManyRequests")),
        )
