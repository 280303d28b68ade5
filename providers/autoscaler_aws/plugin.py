"""What AWS offers to those who only look: metrics (`sources: {cw: {cloudwatch: {…}}}`, `sqs` alike) and pools (`general: {aws: {…}}`)."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_aws.settings import AwsPool, AwsSettings
from autoscaler_aws.sqs import SqsReader

PROVIDER = Provider(
    name="aws",
    pools={"aws": Entry(config=AwsPool, open=GroupReader)},
    sources={
        "cloudwatch": Entry(config=AwsSettings, open=CloudWatchReader),
        "sqs": Entry(config=AwsSettings, open=SqsReader),
    },
)
