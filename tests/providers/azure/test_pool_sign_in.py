"""Pools over TLS carry who we are, as azure-identity tells it; and nothing is sent where it tells nothing."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import SystemRuntime
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_azure.settings import AzurePool
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.clock import Clock
from autoscaler_standins.machines import Machines
from autoscaler_standins.serving import Standin
from tests.providers.azure.fake_azure import FakeAzure, error
from tests.providers.azure.standin import GROUP, NAME, SUBSCRIPTION, model

RUNTIME = SystemRuntime()
TOKEN = "made-up-token"
SOON = Duration(10_000)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, by itself; with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.fromtimestamp(RUNTIME.now() / 1000, UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "here.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + plain)
    return path


@pytest.fixture
def served(certificate: Path) -> Iterator[Standin]:
    """A stand-in over TLS that lets nobody else in."""
    clock = Clock(RUNTIME)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock), bearer=TOKEN)
    cloud.add(model(), 2)
    found = Standin(cloud, RUNTIME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found._server.socket = context.wrap_socket(found._server.socket, server_side=True)
    with found:
        yield found


@pytest.fixture
def reader(azure: FakeAzure, served: Standin, certificate: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> ScaleSetReader:
    """Of the set there; this machine trusts the certificate, and is somebody."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    url = Url(served.url.replace("http:", "https:"))
    return ScaleSetReader(AzurePool(subscription=SUBSCRIPTION, resource_group=GROUP, scale_set=NAME, url=url), site)


def test_every_call_carries_who_we_are(reader: ScaleSetReader, served: Standin) -> None:
    assert isinstance(served.cloud, AzureCloud)
    served.cloud.page = 1
    assert reader.observe(SOON).wanted == 2
    assert [one.status for one in served.calls] == [200] * 7  # the set, two pages of machines, four of what is sold


def test_who_is_not_accepted_is_told_and_signs_in_anew(reader: ScaleSetReader, served: Standin) -> None:
    assert isinstance(served.cloud, AzureCloud)
    served.cloud.bearer = "another"
    with pytest.raises(SetupError, match="InvalidAuthenticationToken"):
        reader.observe(SOON)
    served.cloud.bearer = TOKEN
    assert reader.observe(SOON).wanted == 2


def test_nothing_is_asked_by_nobody(azure: FakeAzure, reader: ScaleSetReader, served: Standin) -> None:
    azure.token = error(400, "invalid_request")
    with pytest.raises(SetupError, match="Azure does not know us"):
        reader.observe(SOON)
    assert served.calls == []
