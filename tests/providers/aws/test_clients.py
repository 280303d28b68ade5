"""Settings, keys and roles: who we are to AWS."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws.clients import Clients
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.settings import AwsSettings
from tests.providers.asking import SOON, query
from tests.providers.aws.fake_aws import FakeAws, error

TEXT = "namespace=Shop metric=rps statistic=Sum"
ROLE = "arn:aws:iam::123456789012:role/poolkeeper"


@dataclass
class Made:
    """In place of a client: what one would have been made with."""

    of: Any

    def close(self) -> None:
        """There is nothing to close."""


def test_a_role_is_assumed_once_with_its_external_id(aws: FakeAws, settings: AwsSettings, site: Site) -> None:
    reader = CloudWatchReader(replace(settings, role=ROLE, external_id="shop-1"), site)
    for _ in range(2):
        reader.read((query(TEXT),), SOON)
    assert aws.names() == ["AssumeRole", "GetMetricData", "GetMetricData"]
    assert [aws.asked[0][1][name] for name in ("RoleArn", "ExternalId", "RoleSessionName")] == [ROLE, "shop-1", "poolkeeper"]


def test_a_role_is_assumed_anew_before_its_keys_end(aws: FakeAws, settings: AwsSettings, site: Site) -> None:
    clients = Clients(replace(settings, role=ROLE), site.runtime, lambda session, _config, _url: Made(session.get_credentials()))
    first = clients.within(SOON)
    clients._ends = site.runtime.now()
    assert (clients.within(SOON) is first, aws.names()) == (False, ["AssumeRole", "AssumeRole"])


def test_a_role_that_may_not_be_assumed_is_the_administrators_to_grant(aws: FakeAws, settings: AwsSettings, site: Site) -> None:
    aws.replies["AssumeRole"] = [error("AccessDenied", status=403)]
    with pytest.raises(SetupError):
        CloudWatchReader(replace(settings, role=ROLE), site).read((query(TEXT),), SOON)


def test_keys_that_are_nowhere_are_told_with_what_to_run(
    aws: FakeAws, settings: AwsSettings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SetupError, match="Unable to locate credentials") as caught:
        CloudWatchReader(settings, site).read((query(TEXT),), SOON)
    assert "aws sts get-caller-identity" in caught.value.hint


def test_a_profile_is_taken_from_the_configuration_files(
    aws: FakeAws, settings: AwsSettings, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile shop]\naws_access_key_id = AKIDSHOP\naws_secret_access_key = made-up\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    clients = Clients(replace(settings, profile="shop"), site.runtime, lambda session, _config, _url: Made(session.get_credentials()))
    assert clients.within(SOON).of.access_key == "AKIDSHOP"


def test_a_profile_that_is_nowhere_is_told(aws: FakeAws, settings: AwsSettings, site: Site) -> None:
    with pytest.raises(SetupError, match=r"profile \(nobody\) could not be found"):
        CloudWatchReader(replace(settings, profile="nobody"), site).read((query(TEXT),), SOON)


def test_without_boto3_it_is_told_what_to_install(settings: AwsSettings, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SetupError) as caught:
        CloudWatchReader(settings, site).read((query(TEXT),), SOON)
    assert caught.value.hint == "pip install 'poolkeeper[aws]'"


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        pytest.param(60_000, 5.0, id="much time: the source's own timeout"),
        pytest.param(4999, 2.5, id="less time: half of it"),
        pytest.param(700, 0.625, id="little time: an eighth"),
        pytest.param(0, 0.039, id="no time: still some, for a client must have one"),
    ],
)
def test_timeouts_fit_into_the_deadline(settings: AwsSettings, site: Site, left: int, seconds: float) -> None:
    clients = Clients(settings, site.runtime, lambda _session, config, _url: Made(config))
    config = clients.within(Duration(left)).of
    assert (config.read_timeout, config.connect_timeout, config.retries) == (
        seconds,
        min(3.0, seconds),
        {"mode": "standard", "total_max_attempts": 1},
    )


def test_clients_are_kept(settings: AwsSettings, site: Site) -> None:
    clients = Clients(settings, site.runtime, lambda session, config, _url: session.client("sqs", config=config))
    assert clients.within(Duration(4000)) is clients.within(Duration(4001))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param({"region": "europe"}, "'europe' is no AWS region", id="no region"),
        pytest.param({"role": "poolkeeper"}, "is no role's ARN", id="a role by its name"),
        pytest.param({"external_id": "x1"}, "goes with a role", id="an external id without a role"),
        pytest.param({"role": ROLE, "external_id": "a b"}, "in letters", id="an external id with a space"),
        pytest.param({"timeout": Duration(0)}, "without time", id="no time"),
    ],
)
def test_settings_that_cannot_work(said: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        AwsSettings(**{"region": "eu-central-1", **said})  # type: ignore[arg-type]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-northwest-1", "ap-southeast-4", "us-iso-east-1"])
def test_regions(region: str) -> None:
    assert AwsSettings(region=region).region in {region, *boto3.Session().get_available_partitions()}
