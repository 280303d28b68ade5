"""What Google Cloud offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_gcp.instance_group_writer import GroupTrafficWriter
from autoscaler_gcp.notice_queue import PubSubNoticeQueue
from autoscaler_gcp.pool_writer import GroupWriter
from autoscaler_gcp.traffic_writer import EndpointWriter

WRITERS = Writers(
    name="gcp",
    pools={"gcp": GroupWriter},
    traffic={"neg": EndpointWriter, "instance_group": GroupTrafficWriter},
    notices={"pubsub": PubSubNoticeQueue},
)
