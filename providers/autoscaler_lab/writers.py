"""What the lab offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_lab.pool_writer import LabPoolWriter

WRITERS = Writers(name="lab", pools={"lab": LabPoolWriter})
