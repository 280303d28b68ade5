"""What a policy would have done with a load of the past: its rules and all the engine's stages, tick by tick, under a virtual clock.

What rules see is `lag` old. The built-ins are what serves of the load (never more than all), by what the replicas of that moment bear;
every other metric is the load itself. Everything of the engine that decides is the engine's own; only replicas and machines are made up.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from autoscaler.contracts.policy import Policy
from autoscaler.deciding import Seen, decide_on
from autoscaler.deciding.queries import needs_of
from autoscaler.model.decisions import Decision
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import Reading, Sample
from autoscaler.model.workloads import Shape, Workload
from autoscaler.rehearsing.figures import Figures, figures
from autoscaler.rehearsing.foresight import Foresight
from autoscaler.rehearsing.load import Load
from autoscaler.rehearsing.past import Past
from autoscaler.rehearsing.world import Delays, Fleet

WHOLE = 1000
MOST = 10**15
"""Milli-units of a metric; beyond them no source's sample goes either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`capacity`: how much of the load fills one replica. `bears`: up to so much of that it serves well; what is demanded follows from it.

    `every`: how often is decided, `lag`: how old what is seen is by then.
    """

    capacity: float
    bears: Share = Share(800)
    every: Duration = Duration(15_000)
    lag: Duration = Duration(30_000)
    delays: Delays = Delays()


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that changed the count: at which tick, from what, to what."""

    tick: int
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one policy, a value for each tick: `wanted` and `ready` replicas, and `machines` where they are looked at."""

    policy: str
    wanted: list[int]
    ready: list[int]
    machines: list[int]
    changes: list[Change]
    figures: Figures


def demand(offered: list[float], setting: Setting) -> list[int]:
    """The fewest replicas that would have done, at each tick."""
    bears = setting.capacity * setting.bears.milli / WHOLE
    return [max(1, ceil(load / bears)) for load in offered]


def backtest(policy: Policy, load: Load, setting: Setting) -> Replayed:
    """Replay the load against the policy."""
    offered = load.at(setting.every)
    run = _Run(policy, setting, offered, load.times[0])
    wanted: list[int] = []
    ready: list[int] = []
    machines: list[int] = []
    changes: list[Change] = []
    for tick, decision in run.decisions():
        if decision.count != decision.current:
            changes.append(Change(tick, decision))
        wanted.append(run.fleet.wanted)
        ready.append(run.fleet.ready)
        machines.append(run.fleet.machines)
    told = figures(ready, demand(offered, setting), setting.every)
    return Replayed(policy=policy.name, wanted=wanted, ready=ready, machines=machines, changes=changes, figures=told)


class _Run:
    """One replay, tick by tick."""

    def __init__(self, policy: Policy, setting: Setting, offered: list[float], began: Instant) -> None:
        low, high = policy.bounds.min, policy.bounds.max
        first = min(high, max(low, *demand(offered[:1], setting)))
        self.fleet = Fleet(setting.delays, first)
        self._policy = policy
        self._setting = setting
        self._offered = offered
        self._began = began
        self._past = Past(str(policy.workload), policy.behaviour, began)
        self._needs = tuple(dict.fromkeys(need.metric for rule in policy.rules for need in needs_of(rule)))
        self._lag = -(-setting.lag.ms // setting.every.ms)
        self._served: list[int] = []
        self._foresight = Foresight.of(policy)

    def decisions(self) -> Iterator[tuple[int, Decision]]:
        """One per tick, carried out."""
        for tick in range(len(self._offered)):
            now = Instant(self._began + tick * self._setting.every.ms)
            self.fleet.arrive(now)
            decision = decide_on(self._policy, self._workload(), self._seen(tick, now))
            self._past.remember(decision)
            self.fleet.want(decision.count, now)
            self._served.append(self.fleet.ready)
            yield tick, decision

    def _workload(self) -> Workload:
        return Workload(ref=self._policy.workload, wanted=self.fleet.wanted, shape=Shape())

    def _seen(self, tick: int, now: Instant) -> Seen:
        then = max(0, tick - self._lag)
        at = Instant(self._began + then * self._setting.every.ms)
        if self._foresight:
            self._foresight.look(self._offered[then], at, now)
            self._past.forecasts = self._foresight.forecasts
        ref, history = self._policy.workload, self._past.history()
        by = self._served[then] if then < tick else self.fleet.ready
        readings = {(metric, ref): self._reading(metric, self._offered[then], by, at) for metric in self._needs}
        return Seen(
            at=now,
            workloads={},
            ready=Counter({ref: self.fleet.ready}),
            told={},
            readings=readings,
            histories={history.subject: history},
        )

    def _reading(self, metric: MetricName, load: float, by: int, at: Instant) -> Reading:
        if metric not in BUILT_IN_METRICS:
            return Sample(min(MOST, round(load * WHOLE)), at)
        served = self._setting.capacity * max(1, by)
        return Sample(round(WHOLE * min(load, served) / served), at, covers=max(1, by))
