"""To those who only look: metrics (`cw: {cloudwatch: {…}}`), pools (`general: {aws: {…}}`), traffic (`edge: {elb: {…}}`), notices.

Notices come from queues (`spot: {sqs: {…}}`).
"""

from autoscaler.contracts.inspection import Inspector
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.provider import Entry, Provider, Site
from autoscaler_aws.catalogue_answers import understood
from autoscaler_aws.catalogue_reader import AwsCatalogue, RegionReader
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.fleet_inspector import FleetInspector
from autoscaler_aws.fleet_reader import FleetReader
from autoscaler_aws.inspector import GroupInspector
from autoscaler_aws.notice_reader import SqsNoticeReader
from autoscaler_aws.offline import offline
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_aws.settings import AwsNotices, AwsPool, AwsSettings
from autoscaler_aws.sqs import SqsReader
from autoscaler_aws.traffic_reader import TargetGroupReader
from autoscaler_aws.traffic_settings import AwsTraffic


def pool_reader(settings: AwsPool, site: Site) -> PoolReader:
    """Of a group, or of what has none."""
    return FleetReader(settings, settings.fleet, site) if settings.fleet else GroupReader(settings, site)


def inspector(settings: AwsPool, site: Site) -> Inspector:
    """As `pool_reader`."""
    return FleetInspector(settings, settings.fleet, site) if settings.fleet else GroupInspector(settings, site)


PROVIDER = Provider(
    name="aws",
    pools={"aws": Entry(config=AwsPool, open=pool_reader)},
    traffic={"elb": Entry(config=AwsTraffic, open=TargetGroupReader)},
    notices={"sqs": Entry(config=AwsNotices, open=SqsNoticeReader)},
    sources={
        "cloudwatch": Entry(config=AwsSettings, open=CloudWatchReader),
        "sqs": Entry(config=AwsSettings, open=SqsReader),
    },
    inspections={"aws": inspector},
    catalogue=Entry(config=AwsCatalogue, open=RegionReader),
    answers=understood,
    offline=offline,
)
