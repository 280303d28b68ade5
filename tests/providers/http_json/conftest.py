"""What the tests of JSON over HTTP share: a server on the loopback that answers what a test tells it to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))  # the fakes are imported as tests.providers.…

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_http_json.settings import HttpJsonSettings
from tests.providers.sources.fake_http import FakeHttp


@pytest.fixture
def api() -> Iterator[FakeHttp]:
    """Listens on the loopback."""
    with FakeHttp() as found:
        yield found


@pytest.fixture
def site() -> Site:
    """Real time: the server is real."""
    return Site(name="shop", cluster=ClusterName("shop"), runtime=SystemRuntime())


@pytest.fixture
def settings(api: FakeHttp) -> HttpJsonSettings:
    """The fake's address."""
    return HttpJsonSettings(url=Url(api.url))
