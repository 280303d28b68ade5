"""What the tests of the AWS provider share: moto on the loopback, and real boto3 that talks to it."""

import os
from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.settings import AwsSettings
from autoscaler_aws.sqs import SqsReader
from tests.providers.aws.fake_aws import FakeAws
from tests.providers.granted import table

FILLING = {"", "ChangeMessageVisibility", "CreateQueue", "DeleteQueue", "PutMetricData", "SendMessage"}
"""What tests ask for themselves, so that there is something to be seen."""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """Keys that boto3 finds, none of the developer's own."""
    home = tmp_path_factory.mktemp("aws")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", str(home / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
        yield patch


@pytest.fixture(scope="session")
def listening(keys: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """One server for all tests, for moto takes a second to begin."""
    with FakeAws() as found:
        keys.setenv("AWS_ENDPOINT_URL_STS", found.url)
        yield found
    assert found.ever - FILLING <= {row.call.partition(".")[2] for row in table("aws")}


@pytest.fixture
def aws(listening: FakeAws) -> FakeAws:
    """Empty."""
    listening.reset()
    return listening


@pytest.fixture(scope="session")
def site() -> Site:
    """Real time: the server is real."""
    return Site(name="aws", cluster=ClusterName("shop"), runtime=SystemRuntime())


@pytest.fixture(scope="session")
def settings(listening: FakeAws) -> AwsSettings:
    """The fake's address."""
    return AwsSettings(region="eu-central-1", endpoint_url=Url(listening.url))


@pytest.fixture(scope="session")
def cloudwatch(settings: AwsSettings, site: Site) -> CloudWatchReader:
    """One for all tests: boto3 takes a third of a second to make a client."""
    return CloudWatchReader(settings, site)


@pytest.fixture(scope="session")
def sqs(settings: AwsSettings, site: Site) -> SqsReader:
    """As `cloudwatch`."""
    return SqsReader(settings, site)
