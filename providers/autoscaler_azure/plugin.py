"""What Azure offers: `sources: {az: {azure_monitor: {…}}}` and `sources: {bus: {servicebus: {…}}}`. It only reads."""

from functools import partial

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_azure.arm_reader import ArmReader
from autoscaler_azure.monitor_queries import monitor_question
from autoscaler_azure.servicebus_queries import servicebus_question
from autoscaler_azure.settings import AzureSettings

PROVIDER = Provider(
    name="azure",
    sources={
        "azure_monitor": Entry(config=AzureSettings, open=partial(ArmReader, question=monitor_question)),
        "servicebus": Entry(config=AzureSettings, open=partial(ArmReader, question=servicebus_question)),
    },
)
