"""What the tests of the RabbitMQ provider share: a server on the loopback that tells what a test tells it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.config.secrets import Secret, Url
from autoscaler_rabbitmq.settings import RabbitmqSettings
from tests.providers.sources.fake_http import FakeHttp


@pytest.fixture
def broker() -> Iterator[FakeHttp]:
    """Listens on the loopback."""
    with FakeHttp() as found:
        yield found


@pytest.fixture
def settings(broker: FakeHttp, tmp_path: Path) -> RabbitmqSettings:
    """The fake's address."""
    (tmp_path / "password").write_text("hunter2\n")
    return RabbitmqSettings(url=Url(broker.url), user="reader", password=Secret.parse(f"${{file:{tmp_path}/password}}"))
