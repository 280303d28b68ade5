"""What Google Cloud offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_gcp.pool_writer import GroupWriter

WRITERS = Writers(name="gcp", pools={"gcp": GroupWriter})
