"""The policy file of the provider's page is one that works."""

import re
from pathlib import Path

from autoscaler.config import Configuration, installed, parse
from autoscaler_simulated.settings import ClusterSettings, PoolSettings

PAGE = Path(__file__).parents[3] / "docs" / "providers" / "simulated.md"


def configuration() -> Configuration:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert found
    return parse([("simulated.yaml", found[1])], installed())


def test_the_example_is_understood_to_the_last_word() -> None:
    (cluster,) = configuration().clusters
    assert isinstance(cluster.settings, ClusterSettings)
    assert [each.name for each in cluster.settings.workloads] == ["web", "api"]
    pools = {each.name: each.settings for each in cluster.pools}
    assert isinstance(pools["burst"], PoolSettings)
    assert pools["burst"].launch.ms == 40_000
