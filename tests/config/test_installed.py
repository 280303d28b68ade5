"""Entry points become plugins: who brought them, and what to install when they fail."""

from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest

from autoscaler.config.installed import _plugins
from autoscaler.errors import SetupError


@pytest.fixture
def distribution(tmp_path: Path) -> Distribution:
    """A distribution with an extra `fog`."""
    folder = tmp_path / "cloudy-1.2.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: cloudy\nVersion: 1.2\nProvides-Extra: fog-bank\n")
    return Distribution.at(folder)


def entry(name: str, value: str, distribution: Distribution | None = None) -> EntryPoint:
    found = EntryPoint(name, value, "autoscaler.providers")
    if distribution:
        vars(found)["dist"] = distribution
    return found


def test_a_plugin_tells_its_distribution_and_extra(distribution: Distribution) -> None:
    with_extra, without = _plugins([entry("fog_bank", "cloudy:FOG", distribution), entry("rain", "cloudy:RAIN", distribution)])
    assert (with_extra.distribution, with_extra.remedy) == ("cloudy 1.2", "pip install 'cloudy[fog_bank]'")
    assert without.remedy == "pip install 'cloudy'"


def test_a_plugin_of_no_distribution_tells_its_module() -> None:
    (plugin,) = _plugins([entry("fog", "cloudy.fog:FOG")])
    assert (plugin.distribution, plugin.remedy) == ("cloudy.fog", "pip install 'cloudy'")


def test_one_distribution_seen_twice_is_one_plugin() -> None:
    assert len(list(_plugins([entry("fog", "cloudy:FOG"), entry("fog", "cloudy:FOG")]))) == 1


def test_a_name_two_distributions_claim_is_nobodys() -> None:
    (plugin,) = _plugins([entry("fog", "cloudy:FOG"), entry("fog", "stormy:FOG")])
    with pytest.raises(SetupError, match="two plugins are named 'fog': of cloudy and stormy"):
        plugin.load()
