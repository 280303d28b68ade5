"""What the tests of JSON over HTTP share: a server on the loopback that answers what a test tells it to."""

from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler_http_json.settings import HttpJsonSettings
from tests.providers.sources.fake_http import FakeHttp


@pytest.fixture
def api() -> Iterator[FakeHttp]:
    """Listens on the loopback."""
    with FakeHttp() as found:
        yield found


@pytest.fixture
def settings(api: FakeHttp) -> HttpJsonSettings:
    """The fake's address."""
    return HttpJsonSettings(url=Url(api.url))
