"""What the tests of the Prometheus provider share: an HTTP server that answers what a test tells it to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))  # the fakes beside this file are imported as tests.providers.prometheus.…

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.prometheus.fake_prometheus import FakePrometheus


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """Listens on the loopback."""
    with FakePrometheus() as found:
        yield found


@pytest.fixture
def site() -> Site:
    """Real time: the server is real."""
    return Site(name="prom", cluster=ClusterName("shop"), runtime=SystemRuntime())


@pytest.fixture
def settings(prometheus: FakePrometheus) -> PrometheusSettings:
    """The fake's address."""
    return PrometheusSettings(url=Url(prometheus.url))
