"""To those who only look: metrics (`cw: {cloudwatch: {…}}`), pools (`general: {aws: {…}}`), traffic (`edge: {elb: {…}}`), notices.

Notices come from queues (`spot: {sqs: {…}}`).
"""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_aws.catalogue_answers import understood
from autoscaler_aws.catalogue_reader import AwsCatalogue, RegionReader
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.inspector import GroupInspector
from autoscaler_aws.notice_reader import SqsNoticeReader
from autoscaler_aws.offline import offline
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_aws.settings import AwsNotices, AwsPool, AwsSettings
from autoscaler_aws.sqs import SqsReader
from autoscaler_aws.traffic_reader import TargetGroupReader
from autoscaler_aws.traffic_settings import AwsTraffic

PROVIDER = Provider(
    name="aws",
    pools={"aws": Entry(config=AwsPool, open=GroupReader)},
    traffic={"elb": Entry(config=AwsTraffic, open=TargetGroupReader)},
    notices={"sqs": Entry(config=AwsNotices, open=SqsNoticeReader)},
    sources={
        "cloudwatch": Entry(config=AwsSettings, open=CloudWatchReader),
        "sqs": Entry(config=AwsSettings, open=SqsReader),
    },
    inspections={"aws": GroupInspector},
    catalogue=Entry(config=AwsCatalogue, open=RegionReader),
    answers=understood,
    offline=offline,
)
