"""What the tests of the Google Cloud provider share: a stand-in for its token and monitoring endpoints, and a made-up service account."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler_gcp.series_queries import monitoring_question, pubsub_question
from autoscaler_gcp.settings import GcpSettings
from autoscaler_gcp.time_series import TimeSeriesReader
from tests.providers.gcp.fake_google import FakeGoogle


@pytest.fixture(scope="session")
def key() -> str:
    """A private key nobody knows."""
    made = generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def google(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    """Listens on the loopback; google-auth finds an account that signs in there, and none of the developer's own."""
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "GCLOUD_", "CLOUDSDK_", "GCE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FakeGoogle() as found:
        account = {
            "type": "service_account",
            "client_email": "poolkeeper@shop-prod.iam.gserviceaccount.com",
            "private_key": key,
            "token_uri": f"{found.url}/token",
        }
        (tmp_path / "account.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
        yield found


@pytest.fixture
def settings(google: FakeGoogle) -> GcpSettings:
    """The stand-in's address."""
    return GcpSettings(project="shop-prod", url=Url(google.url))


@pytest.fixture
def monitoring(settings: GcpSettings, site: Site) -> TimeSeriesReader:
    """The source `cloud_monitoring`."""
    return TimeSeriesReader(settings, site, monitoring_question)


@pytest.fixture
def pubsub(settings: GcpSettings, site: Site) -> TimeSeriesReader:
    """The source `pubsub`."""
    return TimeSeriesReader(settings, site, pubsub_question)
