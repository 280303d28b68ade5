"""What a whole engine needs so that it can talk to each cloud's stand-in."""

import pytest

from tests.providers.standins.places import ENVIRONMENT


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """At all of them."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
