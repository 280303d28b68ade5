"""What AWS offers to those who may change things."""

from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.contracts.provider import Site
from autoscaler.contracts.writers import Writers
from autoscaler_aws.fleet_writer import FleetWriter
from autoscaler_aws.notice_queue import SqsNoticeQueue
from autoscaler_aws.pool_writer import GroupWriter
from autoscaler_aws.settings import AwsPool
from autoscaler_aws.traffic_writer import TargetGroupWriter


def pool_writer(settings: AwsPool, site: Site) -> PoolWriter:
    """Of a group, or of what has none."""
    return FleetWriter(settings, settings.fleet, site) if settings.fleet else GroupWriter(settings, site)


WRITERS = Writers(name="aws", pools={"aws": pool_writer}, traffic={"elb": TargetGroupWriter}, notices={"sqs": SqsNoticeQueue})
