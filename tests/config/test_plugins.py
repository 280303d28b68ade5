"""Plugins are named without being imported, and a broken one hurts only who uses it."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from autoscaler.config import Plugin, Plugins, PolicyErrors, installed, parse
from autoscaler.config.markers import Section
from autoscaler.config.problems import Problem
from autoscaler.contracts.provider import Entry, Provider, Site
from autoscaler.contracts.rule import Situation
from autoscaler.errors import SetupError
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from tests.config.bad import WHOLE, read
from tests.config.doubles import DOCKER, PLUGINS, PROVIDERS, RULES, SwarmSettings, Window, failing, never, plugin

HEAD = "apiVersion: autoscaler/v1\n"
CLUSTER = HEAD + "clusters: {shop: {swarm: {}}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """Settings that no file can hold."""

    weight: float = 0.0


@dataclass
class Thawed:
    """Settings that anyone may change."""


class NoVote:
    """A rule that only needs."""

    def needs(self) -> tuple[()]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clumsy(Window):
    """A rule whose own check fails in its own way."""

    def __post_init__(self) -> None:
        raise ZeroDivisionError("oh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimless(Window):
    """A rule that cannot say what it needs."""

    def needs(self) -> tuple[()]:
        raise KeyError("what")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reticent:
    """A rule whose settings do not show that they name a metric."""

    watch: str

    def needs(self) -> tuple[MetricNeed, ...]:
        return (MetricNeed(metric=MetricName(self.watch)),)

    def vote(self, situation: Situation) -> Vote:
        return Vote.hold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moody:
    """A rule of pools that raises when it is asked."""

    def asks(self) -> tuple[()]:
        raise KeyError("what")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A rule of pools that asks for something nobody knows."""

    def asks(self) -> tuple[str, ...]:
        return ("gold",)


def test_names_are_listed_without_importing_anything() -> None:
    plugins = Plugins(rules=[failing("a", ImportError("x"))], providers=[failing("b", ImportError("x"))])
    assert plugins.kinds(Section.RULES) == ("a",)
    assert plugins.providers == ("b",)


def test_looking_at_what_is_installed_imports_no_plugin() -> None:
    code = (
        "import sys; from autoscaler.config import installed; from autoscaler.config.markers import Section; p = installed();"
        "assert 'simulated' in p.providers and 'schedule' in p.kinds(Section.RULES);"
        "print([m for m in sys.modules if m.startswith('autoscaler_')])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_a_kind_whose_provider_has_its_name_imports_no_other() -> None:
    plugins = Plugins(providers=[failing("another", AssertionError("must not be imported")), *PROVIDERS])
    assert parse([("x", HEAD + "clusters: {shop: {simulated: {}}}\n")], plugins).clusters[0].kind == "simulated"
    assert plugins._loaded.keys() == {PROVIDERS[-1]}


def test_a_kind_that_stands_beside_other_keys_imports_no_other() -> None:
    plugins = Plugins(providers=[failing("another", AssertionError("must not be imported")), *PROVIDERS])
    pool = "pools: {general: {cluster: shop, simulated: {}, nodes: {min: 1, max: 3}}}\n"
    assert parse([("x", HEAD + "clusters: {shop: {simulated: {}}}\n" + pool)], plugins).clusters[0].pools
    assert plugins._loaded.keys() == {PROVIDERS[-1]}


def test_a_broken_plugin_does_not_hurt_those_who_do_without() -> None:
    plugins = Plugins(rules=RULES, providers=[failing("zzz", ImportError("no zzz")), *PROVIDERS])
    assert parse([("x", WHOLE)], plugins).clusters


@pytest.mark.parametrize(
    ("broken", "problem", "hint"),
    [
        pytest.param(
            failing("swarm", ImportError("No module named 'docker'")),
            "No module named 'docker'",
            "pip install 'broken[swarm]'",
            id="import",
        ),
        pytest.param(failing("swarm", ZeroDivisionError("oh")), "ZeroDivisionError: oh", "pip install", id="an error in its module"),
        pytest.param(plugin("swarm", SwarmSettings), "is no Provider", "let the entry point", id="no provider"),
        pytest.param(
            plugin("swarm", Provider(name="swarm", orchestrators={"swarm": Entry(config=Thawed, open=never)})),
            "no frozen dataclass",
            "frozen=True",
            id="settings that can change",
        ),
        pytest.param(
            plugin("swarm", Provider(name="swarm", orchestrators={"swarm": Entry(config=Floating, open=never)})),
            "Floating.weight: a policy file cannot hold a value of type float",
            "use str, int",
            id="settings no file can hold",
        ),
    ],
)
def test_a_broken_provider_is_told_to_its_users_at_their_line(broken: Plugin, problem: str, hint: str) -> None:
    with pytest.raises(PolicyErrors) as raised:
        parse([("x", CLUSTER)], Plugins(providers=[broken]))
    (found,) = raised.value.problems
    assert (found.code, found.line, found.column) == ("broken_plugin", 2, 19)
    assert problem in found.problem
    assert hint in found.hint


def refused(text: str, plugins: Plugins) -> Problem:
    """The one thing that is wrong with it."""
    with pytest.raises(PolicyErrors) as raised:
        parse([("x", text)], plugins)
    (found,) = raised.value.problems
    return found


@pytest.mark.parametrize(
    ("rule", "code", "problem"),
    [
        pytest.param(NoVote, "broken_plugin", "lacks vote", id="a class without a vote"),
        pytest.param(DOCKER, "broken_plugin", "is no rule", id="a value"),
        pytest.param(Clumsy, "refused", "ZeroDivisionError: oh", id="a check that fails"),
        pytest.param(Aimless, "refused", "cannot say what it needs", id="needs that fail"),
    ],
)
def test_a_broken_rule_is_told_and_ends_in_no_traceback(rule: object, code: str, problem: str) -> None:
    text = CLUSTER + "policies: {web: {workload: shop/web, replicas: {min: 1, max: 2}, rules: [{odd: {cron: '* * * * *', for: 1s}}]}}\n"
    found = refused(text, Plugins(rules=[plugin("odd", rule)], providers=PROVIDERS))
    assert found.code == code
    assert problem in found.problem


@pytest.mark.parametrize(
    ("rule", "code", "problem"),
    [
        pytest.param(NoVote, "broken_plugin", "lacks asks", id="a class without asks"),
        pytest.param(DOCKER, "broken_plugin", "is no rule", id="a value"),
        pytest.param(Moody, "refused", "KeyError: 'what'", id="asks that fail"),
        pytest.param(Strange, "refused", "placement does not know str", id="something nobody knows"),
    ],
)
def test_a_broken_rule_of_pools_is_told_and_ends_in_no_traceback(rule: object, code: str, problem: str) -> None:
    text = CLUSTER + "pools: {a: {cluster: shop, lab: {}, nodes: {min: 1, max: 2}, rules: [{odd: {}}]}}\n"
    found = refused(text, Plugins(pool_rules=[plugin("odd", rule)], providers=PROVIDERS))
    assert found.code == code
    assert problem in found.problem


def test_a_metric_that_only_needs_names_must_be_defined_too() -> None:
    text = CLUSTER + "policies:\n  web:\n    workload: shop/web\n    replicas: {min: 1, max: 2}\n    rules: [{odd: {watch: WHAT}}]\n"
    plugins = Plugins(rules=[plugin("odd", Reticent)], providers=PROVIDERS)
    assert parse([("x", text.replace("WHAT", "memory"))], plugins).clusters
    with pytest.raises(PolicyErrors) as raised:
        parse([("x", text.replace("WHAT", "memroy"))], plugins)
    (found,) = raised.value.problems
    assert (found.code, found.line, found.column, found.hint) == ("unknown_name", 7, 27, "did you mean 'memory'?")


def test_why_a_kind_is_not_there_may_be_a_broken_provider() -> None:
    with pytest.raises(PolicyErrors, match=r"broken\[docker\]"):
        parse([("x", CLUSTER)], Plugins(providers=[failing("docker", ImportError("no docker"))]))


def test_objects_are_found_by_their_kind() -> None:
    assert PLUGINS.orchestrator("swarm") is DOCKER.orchestrators["swarm"]
    assert PLUGINS.pool("lab").open is never
    assert PLUGINS.source("prometheus").open is never
    assert PLUGINS.traffic("haproxy").open is never
    assert PLUGINS.rule("schedule") is Window
    assert PLUGINS.provider("docker") is DOCKER


@pytest.mark.parametrize("ask", [PLUGINS.orchestrator, PLUGINS.pool, PLUGINS.source, PLUGINS.traffic, PLUGINS.rule, PLUGINS.provider])
def test_what_is_not_installed_is_a_matter_of_setup(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(SetupError, match="'nothing'"):
        ask("nothing")


def test_a_loaded_plugin_that_fails_fails_the_same_way_again() -> None:
    plugins = Plugins(providers=[failing("odd", ImportError("gone"))])
    for _ in range(2):
        with pytest.raises(SetupError, match="gone"):
            plugins.provider("odd")


def test_an_orchestrator_without_statistics_has_no_usage() -> None:
    assert PLUGINS.usage("swarm", SwarmSettings(), site_of_nothing()) is None


def site_of_nothing() -> Site:
    return Site.__new__(Site)


def test_our_own_plugins_are_behind_the_same_door() -> None:
    plugins = installed()
    assert {"docker", "haproxy", "lab", "prometheus", "simulated"} <= set(plugins.providers)
    assert plugins.provider("simulated").name == "simulated"
    assert plugins.rule("schedule").__name__ == "Schedule"


def test_the_doubles_are_a_whole_set() -> None:
    assert read(WHOLE).clusters[0].kind == "swarm"
