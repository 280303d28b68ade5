"""Azure's own client, pointed at the stand-in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias, cast

import pytest
from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient

from tests.providers.azure.standin import SUBSCRIPTION, Azure, listening, model

Client: TypeAlias = ComputeManagementClient


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Azure], Client]]:
    """A client of a stand-in; without retries, so that each answer is seen."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as stack:

        def connected(azure: Azure) -> Client:
            client = ComputeManagementClient(
                cast("TokenCredential", object()),
                SUBSCRIPTION,
                base_url=azure.standin.url,
                authentication_policy=SansIOHTTPPolicy(),
                retry_total=0,
                polling_interval=0.01,
            )
            return stack.enter_context(client)

        yield connected


@pytest.fixture(params=[False, True], ids=["uniform", "flexible"])
def azure(request: pytest.FixtureRequest) -> Iterator[Azure]:
    """A set of two, of either orchestration mode."""
    with listening(model(flexible=request.param)) as found:
        yield found


@pytest.fixture
def client(azure: Azure, connect: Callable[[Azure], Client]) -> Client:
    """Its client."""
    return connect(azure)
