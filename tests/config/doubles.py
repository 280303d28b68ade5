"""Stand-ins for installed plugins: settings of every type a file can hold, and openers that nobody calls here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NoReturn

from autoscaler.config import Plugin, Plugins, Secret, Url
from autoscaler.contracts.provider import Entry, Provider
from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.pool_asks import Headroom, PoolAsk
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, Number, Share
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote

EXAMPLES = Path(__file__).parents[2] / "policies" / "examples"
EXAMPLE_FILES = sorted(path for path in EXAMPLES.rglob("*.yaml") if not path.name.endswith(".test.yaml"))
"""Files of policies; beside them stand cases, which are none."""


class Depth(StrEnum):
    """A choice."""

    SHALLOW = "shallow"
    DEEP = "deep"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmSettings:
    """A cluster."""

    endpoint: str = "unix:///var/run/docker.sock"
    engines: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSettings:
    """A cluster that needs nothing."""

    seed: int = 0
    depth: Depth = Depth.SHALLOW
    bound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """Machines."""

    offering: str = "standard"
    cpu: Cpu = Cpu(1000)
    memory: Memory = Memory(2**30)
    price: Money = Money(0)
    nodes: int = 0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSettings:
    """A source with a secret."""

    url: Url
    token: Secret | None = None
    timeout: Duration = Duration(5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxySettings:
    """A traffic."""

    socket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """A rule that needs a metric."""

    metric: MetricName
    target: Share | Number
    per: Literal["replica"] | None = None
    tolerance: Share = Share(100)

    def __post_init__(self) -> None:
        if self.target.milli < 1:
            raise PolicyError("a target of 0 is never met", hint="write 1 or more")

    def needs(self) -> tuple[MetricNeed, ...]:
        return (MetricNeed(metric=self.metric),)

    def vote(self, situation: Situation) -> Vote:
        return Vote.hold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rule with a reserved word among its keys."""

    cron: str
    for_: Duration
    timezone: str = "UTC"
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if len(self.cron.split()) != 5:
            raise PolicyError(f"{self.cron[:60]!r} is no cron schedule", hint="write five fields")

    def needs(self) -> tuple[MetricNeed, ...]:
        return ()

    def vote(self, situation: Situation) -> Vote:
        return Vote.hold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A rule that only pools have."""

    cpu: Share | None = None

    def __post_init__(self) -> None:
        if self.cpu is None:
            raise PolicyError("a headroom of nothing keeps no room", hint="write cpu, as in {cpu: 10%}")

    def asks(self) -> tuple[PoolAsk, ...]:
        return (Headroom(cpu=self.cpu or 0),)


def never(*arguments: object) -> NoReturn:
    raise AssertionError("reading a file opens nothing")


DOCKER = Provider(name="docker", orchestrators={"swarm": Entry(config=SwarmSettings, open=never)})
PROMETHEUS = Provider(name="prometheus", sources={"prometheus": Entry(config=PrometheusSettings, open=never)})
HAPROXY = Provider(name="haproxy", traffic={"haproxy": Entry(config=HaproxySettings, open=never)})
LAB = Provider(name="lab", pools={"lab": Entry(config=PoolSettings, open=never)})
SIMULATED = Provider(
    name="simulated",
    orchestrators={"simulated": Entry(config=SimulatedSettings, open=never)},
    pools={"simulated": Entry(config=PoolSettings, open=never)},
    sources={"simulated": Entry(config=Nothing, open=never)},
    traffic={"simulated": Entry(config=Nothing, open=never)},
)


def plugin(name: str, found: object) -> Plugin:
    """A plugin that is there."""
    return Plugin(name=name, distribution="doubles 1.0", load=lambda: found, remedy=f"pip install 'doubles[{name}]'")


def failing(name: str, error: Exception) -> Plugin:
    """A plugin whose import fails."""

    def load() -> object:
        raise error

    return Plugin(name=name, distribution="broken 1.0", load=load, remedy=f"pip install 'broken[{name}]'")


RULES = (plugin("target_tracking", Tracking), plugin("schedule", Window))
PROVIDERS = tuple(plugin(each.name, each) for each in (DOCKER, PROMETHEUS, HAPROXY, LAB, SIMULATED))
POOL_RULES = (plugin("headroom", Spare),)
PLUGINS = Plugins(rules=RULES, pool_rules=POOL_RULES, providers=PROVIDERS)
