"""The examples on the clouds' pages: their sources open, and their queries mean something."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autoscaler.config import installed, parse
from autoscaler_aws.cloudwatch_queries import cloudwatch_question
from autoscaler_aws.sqs_queries import sqs_question
from autoscaler_azure.monitor_queries import monitor_question
from autoscaler_azure.servicebus_queries import servicebus_question
from autoscaler_gcp.series_queries import monitoring_question, pubsub_question

DOCS = Path(__file__).parents[2] / "docs" / "providers"
READS: dict[str, Callable[[str], object]] = {
    "cloudwatch": cloudwatch_question,
    "sqs": sqs_question,
    "cloud_monitoring": monitoring_question,
    "pubsub": pubsub_question,
    "azure_monitor": monitor_question,
    "servicebus": servicebus_question,
}
AROUND = """
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {}}}
policies:
  web:
    workload: shop/web
    replicas: {min: 1, max: 9}
    rules: [{target_tracking: {metric: rps, target: 200, per: replica}}, {queue: {backlog: waiting, per_replica: 10}}]
"""


@pytest.mark.parametrize("page", ["aws", "azure", "gcp"])
def test_the_first_example_of_a_page_is_whole(page: str) -> None:
    shown = re.search(r"^```yaml\n(.*?)^```$", (DOCS / f"{page}.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert shown
    (cluster,) = parse([("shown.yaml", shown[1] + AROUND)], installed()).clusters
    kinds = {source.name: source.kind for source in cluster.sources}
    asked = [(kinds[spec.source], spec.query.replace("$workload", "web")) for spec in cluster.policies.metrics if spec.source]
    assert [bool(READS[kind](text)) for kind, text in asked] == [True, True]
