"""The policy files of the provider's page are ones that work."""

import re
from pathlib import Path

from autoscaler.config import Configuration, installed, load, parse
from autoscaler.model.constraints import Taint, Toleration
from autoscaler.simulation.world.constraints import Apart, Spread, Together, Wish
from autoscaler_simulated.settings import ClusterSettings, PoolSettings

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "providers" / "simulated.md"
ZONES = ROOT / "policies" / "examples" / "simulated-zones.yaml"


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


def test_the_example_with_zones_says_where_replicas_may_stand() -> None:
    (cluster,) = load([ZONES], installed()).clusters
    assert isinstance(cluster.settings, ClusterSettings)
    db, web, cache = cluster.settings.workloads
    assert (db.apart, db.tolerates, db.priority) == ((Apart(topology="zone"),), (Toleration(key="for", value="db"),), 100)
    assert web.spread == (Spread(topology="zone", max_skew=1, min_domains=3),)
    assert cache.prefers == (Wish(weight=10, apart=Apart()), Wish(weight=5, together=Together(with_=(("app", "web"),))))
    assert [node.taints for node in cluster.settings.nodes][:2] == [(Taint(key="manager"),), (Taint(key="for", value="db"),)]


def test_every_value_the_table_shows_is_one() -> None:
    shown = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| .*: `(\[?\{.*?)`[,;]?", PAGE.read_text(), flags=re.MULTILINE)
    lines = [f"{keys.strip('`')}: {value}" for keys, value in shown if "," not in keys]
    text = PAGE.read_text().replace("{name: api, ", "{name: api, " + ", ".join(lines) + ", ")
    found = re.search(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    assert found
    assert len(lines) >= 6
    assert parse([("simulated.yaml", found[1])], installed()).clusters
