"""The promises of a metrics source, kept by boto3 and moto over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime

import boto3
import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_aws.cloudwatch import CloudWatchReader
from tests.providers.aws.fake_aws import FakeAws, Reply, error, result, results, seconds


def put(aws: FakeAws, name: str, values: dict[float, float]) -> None:
    """Values by their age in seconds."""
    client = boto3.client("cloudwatch", "eu-central-1", endpoint_url=aws.url)
    for age, value in values.items():
        at = datetime.fromtimestamp(seconds() - age, UTC)
        dimensions = [{"Name": "Service", "Value": "web"}]
        client.put_metric_data(
            Namespace="Shop",
            MetricData=[{"MetricName": name, "Value": value, "Timestamp": at, "Dimensions": dimensions}],  # type: ignore[typeddict-item]
        )


class TestCloudWatch(MetricsContract):
    @pytest.fixture
    def metrics(self, aws: FakeAws, cloudwatch: CloudWatchReader, site: Site) -> Metrics:
        web = WorkloadRef(site.cluster, "web")
        texts = [f"namespace=Shop metric={name} statistic=Average dimension.Service=web" for name in ("rps", "depth")]
        good = tuple(MetricQuery(metric=MetricName("m"), workload=web, text=text, stale_after=Duration(300_000)) for text in texts)
        put(aws, "rps", {150: 12.3456})
        put(aws, "depth", {130: 7, 250: 9})

        def becomes(reply: Callable[[], Reply]) -> Callable[[], None]:
            return lambda: aws.replies.update(GetMetricData=[reply()])

        return Metrics(
            reader=cloudwatch,
            good=good,
            values=(12_346, 7000),
            bad={
                Code.NOT_A_NUMBER: becomes(lambda: results(result((90, float("nan"))))),
                Code.MISSING: becomes(lambda: results(result())),
                Code.STALE: becomes(lambda: results(result((400, 1)))),
                Code.CONTRADICTORY: becomes(lambda: results(result((90, 1), (90, 2)))),
                Code.TOO_LARGE: becomes(lambda: results(result((90, 1), StatusCode="PartialData"), NextToken="on and on")),
                Code.MALFORMED: becomes(lambda: Reply(body=b"<html>proxy</html>")),
            },
            break_down=becomes(lambda: error("ServiceUnavailable", status=503)),
        )
