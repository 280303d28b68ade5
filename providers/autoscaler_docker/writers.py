"""What Docker offers to those who may change things."""

from autoscaler.contracts.writers import Writers
from autoscaler_docker.swarm_writer import SwarmWriter

WRITERS = Writers(name="docker", orchestrators={"swarm": SwarmWriter})
