"""What Azure offers to those who only look: pools, traffic, notices, and metrics."""

from functools import partial

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_azure.arm_reader import ArmReader
from autoscaler_azure.catalogue_answers import understood
from autoscaler_azure.catalogue_reader import AzureCatalogue, RegionReader
from autoscaler_azure.gateway_reader import GatewayReader
from autoscaler_azure.inspector import ScaleSetInspector
from autoscaler_azure.monitor_queries import monitor_question
from autoscaler_azure.notice_reader import StorageNoticeReader
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_azure.offline import offline
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_azure.servicebus_queries import servicebus_question
from autoscaler_azure.settings import AzurePool, AzureSettings
from autoscaler_azure.traffic_reader import BackendReader
from autoscaler_azure.traffic_settings import AzureTraffic, GatewayTraffic

PROVIDER = Provider(
    name="azure",
    pools={"azure": Entry(config=AzurePool, open=ScaleSetReader)},
    traffic={
        "azure_lb": Entry(config=AzureTraffic, open=BackendReader),
        "app_gateway": Entry(config=GatewayTraffic, open=GatewayReader),
    },
    notices={"storage_queue": Entry(config=AzureNotices, open=StorageNoticeReader)},
    sources={
        "azure_monitor": Entry(config=AzureSettings, open=partial(ArmReader, question=monitor_question)),
        "servicebus": Entry(config=AzureSettings, open=partial(ArmReader, question=servicebus_question)),
    },
    inspections={"azure": ScaleSetInspector},
    catalogue=Entry(config=AzureCatalogue, open=RegionReader),
    answers=understood,
    offline=offline,
)
