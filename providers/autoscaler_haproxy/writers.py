"""What HAProxy offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_haproxy.traffic_writer import HaproxyWriter

WRITERS = Writers(name="haproxy", traffic={"haproxy": HaproxyWriter})
