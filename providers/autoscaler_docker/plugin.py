"""What Docker offers to those who only look: `clusters: {shop: {swarm: {…}}}`, and its replicas' cpu and memory."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from autoscaler_docker.usage import SwarmUsage

PROVIDER = Provider(
    name="docker",
    orchestrators={"swarm": Entry(config=SwarmSettings, open=SwarmReader)},
    usage={"swarm": SwarmUsage},
)
