"""What AWS offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_aws.notice_queue import SqsNoticeQueue
from autoscaler_aws.pool_writer import GroupWriter
from autoscaler_aws.traffic_writer import TargetGroupWriter

WRITERS = Writers(name="aws", pools={"aws": GroupWriter}, traffic={"elb": TargetGroupWriter}, notices={"sqs": SqsNoticeQueue})
