"""What the tests of the Azure provider share: a stand-in for the Resource Manager and for the identity of the machine we run on."""

import os
from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler_azure.arm_reader import ArmReader
from autoscaler_azure.monitor_queries import monitor_question
from autoscaler_azure.servicebus_queries import servicebus_question
from autoscaler_azure.settings import AzureSettings
from tests.providers.azure.fake_azure import SUBSCRIPTION, FakeAzure


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAzure]:
    """Listens on the loopback, also as the identity of an App Service; azure-identity finds nobody else."""
    for name in [name for name in os.environ if name.startswith(("AZURE_", "IDENTITY_", "MSI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FakeAzure() as found:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{found.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "made-up")
        yield found


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever proxy this machine has, the loopback is not behind it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def settings(azure: FakeAzure) -> AzureSettings:
    """The stand-in's address."""
    return AzureSettings(subscription=SUBSCRIPTION, resource_group="shop", url=Url(azure.url))


@pytest.fixture
def monitor(settings: AzureSettings, site: Site) -> ArmReader:
    """The source `azure_monitor`."""
    return ArmReader(settings, site, monitor_question)


@pytest.fixture
def servicebus(settings: AzureSettings, site: Site) -> ArmReader:
    """The source `servicebus`."""
    return ArmReader(settings, site, servicebus_question)
