"""The promises of an orchestrator, kept on the Swarm in memory."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.refs import WorkloadRef
from autoscaler.testing.clusters import Cluster, OrchestratorContract
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from autoscaler_docker.swarm_writer import SwarmWriter
from tests.providers.docker.fake_daemon import FakeDaemon
from tests.providers.docker.fake_swarm import FakeSwarm


class TestSwarm(OrchestratorContract):
    @pytest.fixture
    def cluster(self, fake: FakeSwarm, daemon: FakeDaemon, settings: SwarmSettings, site: Site) -> Cluster:
        def lose() -> None:
            fake.identity = "swarm-2"

        return Cluster(
            reader=SwarmReader(settings, site),
            writer=SwarmWriter(settings, site),
            web=WorkloadRef(site.cluster, "web"),
            settle=lambda: None,
            secret="hunter2",
            update=lambda: fake.update("web"),
            break_down=daemon.stop,
            lose=lose,
        )
