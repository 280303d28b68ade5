"""What the tests of the RabbitMQ provider share: a server on the loopback that tells what a test tells it to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))  # the fakes are imported as tests.providers.…

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_rabbitmq.settings import RabbitmqSettings
from tests.providers.sources.fake_http import FakeHttp


@pytest.fixture
def broker() -> Iterator[FakeHttp]:
    """Listens on the loopback."""
    with FakeHttp() as found:
        yield found


@pytest.fixture
def site() -> Site:
    """Real time: the server is real."""
    return Site(name="broker", cluster=ClusterName("shop"), runtime=SystemRuntime())


@pytest.fixture
def settings(broker: FakeHttp, tmp_path: Path) -> RabbitmqSettings:
    """The fake's address."""
    (tmp_path / "password").write_text("hunter2\n")
    return RabbitmqSettings(url=Url(broker.url), user="reader", password=Secret.parse(f"${{file:{tmp_path}/password}}"))
