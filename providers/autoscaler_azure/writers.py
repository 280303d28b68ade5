"""What Azure offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_azure.pool_writer import ScaleSetWriter

WRITERS = Writers(name="azure", pools={"azure": ScaleSetWriter})
