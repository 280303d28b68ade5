"""What the tests of the HAProxy provider share: a runtime socket that answers as HAProxy 2.6 does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler_haproxy.settings import HaproxySettings
from tests.providers.haproxy.fake_haproxy import FakeHaproxy


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[FakeHaproxy]:
    """Backend `web` with three slots and checks, `plain` with one without checks."""
    with FakeHaproxy(tmp_path / "admin.sock", {"web": 3, "plain": 1}, unchecked={"plain"}) as found:
        yield found


@pytest.fixture
def settings(proxy: FakeHaproxy) -> HaproxySettings:
    """The fake's socket."""
    return HaproxySettings(socket=str(proxy.path), backends={"static": "plain"})


@pytest.fixture
def web() -> WorkloadRef:
    """The workload behind the backend of its name."""
    return WorkloadRef(ClusterName("shop"), "web")
