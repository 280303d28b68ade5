"""What AWS offers: `sources: {cw: {cloudwatch: {…}}}` and `sources: {mail: {sqs: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.settings import AwsSettings
from autoscaler_aws.sqs import SqsReader

PROVIDER = Provider(
    name="aws",
    sources={
        "cloudwatch": Entry(config=AwsSettings, open=CloudWatchReader),
        "sqs": Entry(config=AwsSettings, open=SqsReader),
    },
)
