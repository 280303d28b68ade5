"""What AWS offers: `sources: {cw: {cloudwatch: {…}}}` and `sources: {mail: {sqs: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.settings import AwsSettings

PROVIDER = Provider(name="aws", sources={"cloudwatch": Entry(config=AwsSettings, open=CloudWatchReader)})
