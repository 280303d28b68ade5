"""The promises of a metrics source, kept by both of Google's, with google-auth signing in over HTTP."""

from collections.abc import Callable

import pytest

from autoscaler.model.reasons import Code
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_gcp.time_series import TimeSeriesReader
from tests.providers.asking import query
from tests.providers.gcp.fake_google import FakeGoogle, error, listed, point, series
from tests.providers.loopback import Reply


def metrics_of(google: FakeGoogle, reader: TimeSeriesReader, first: str, second: str) -> Metrics:
    """`first`, `second`: queries whose filters hold their names."""
    google.series = {"first": listed(series(point(30, 12.3456), point(90, 9.0))), "second": listed(series(point(30, 7)))}

    def becomes(reply: Callable[[], Reply]) -> Callable[[], None]:
        return lambda: google.series.update(first=reply())

    return Metrics(
        reader=reader,
        good=(query(first), query(second)),
        values=(12_346, 7000),
        bad={
            Code.NOT_A_NUMBER: becomes(lambda: listed(series(point(30, {"doubleValue": "NaN"})))),
            Code.MISSING: becomes(listed),
            Code.STALE: becomes(lambda: listed(series(point(400, 1.0)))),
            Code.CONTRADICTORY: becomes(lambda: listed(series(point(30, 1.0), zone="a"), series(point(30, 2.0), zone="b"))),
            Code.TOO_LARGE: becomes(lambda: Reply(body=b"x" * (2**20 + 1))),
            Code.MALFORMED: becomes(lambda: Reply(body=b"<html>proxy</html>")),
        },
        break_down=becomes(lambda: error(503, "UNAVAILABLE")),
    )


class TestCloudMonitoring(MetricsContract):
    @pytest.fixture
    def metrics(self, google: FakeGoogle, monitoring: TimeSeriesReader) -> Metrics:
        first, second = (f"filter='metric.type=\"custom.googleapis.com/{name}\"'" for name in ("first", "second"))
        return metrics_of(google, monitoring, first, second)


class TestPubSub(MetricsContract):
    @pytest.fixture
    def metrics(self, google: FakeGoogle, pubsub: TimeSeriesReader) -> Metrics:
        return metrics_of(google, pubsub, "subscription=first", "subscription=second")
