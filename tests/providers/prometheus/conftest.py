"""What the tests of the Prometheus provider share: an HTTP server that answers what a test tells it to."""

from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.prometheus.fake_prometheus import FakePrometheus


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """Listens on the loopback."""
    with FakePrometheus() as found:
        yield found


@pytest.fixture
def settings(prometheus: FakePrometheus) -> PrometheusSettings:
    """The fake's address."""
    return PrometheusSettings(url=Url(prometheus.url))
