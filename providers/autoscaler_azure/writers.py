"""What Azure offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_azure.gateway_writer import GatewayWriter
from autoscaler_azure.notice_queue import StorageNoticeQueue
from autoscaler_azure.pool_writer import ScaleSetWriter
from autoscaler_azure.traffic_writer import BackendWriter

WRITERS = Writers(
    name="azure",
    pools={"azure": ScaleSetWriter},
    traffic={"azure_lb": BackendWriter, "app_gateway": GatewayWriter},
    notices={"storage_queue": StorageNoticeQueue},
)
