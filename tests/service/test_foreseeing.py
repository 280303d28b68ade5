"""Forecasts are a job of the service beside its ticks: it holds up none of them, and survives whatever befalls it."""

import json
from math import cos, pi
from pathlib import Path

import pytest

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Load
from autoscaler.engine.forecasts import Foresight, Made
from autoscaler.errors import LostLeaseError, ProviderError
from autoscaler.model.forecasts import MINUTE, Forecast
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, MetricName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store.memory import MemorySeries, MemoryStore
from tests.service.conftest import POLICIES, Served, until

SHOP = ClusterName("shop")
DAY = 86_400_000
TARGET = "{target_tracking: {metric: cpu, target: 60%}}"


def looking_ahead(served: Served, folder: Path) -> None:
    """Policies with a rule that looks ahead; three days of its load are in the store, the present one in a file."""
    now = SystemRuntime().now()
    recorded = folder / "load.csv"
    recorded.write_text(f"time,rps\n{now},70\n")
    sources = f"sources: {{recorded: {{file: {{path: {recorded}}}}}}}\nmetrics: {{rps: {{source: recorded, query: rps, stale_after: 1h}}}}"
    rules = f"[{TARGET}, {{predictive: {{metric: rps, target: 20}}}}]"
    served.write(POLICIES.replace("\ntraffic:", f"\n{sources}\ntraffic:").replace(f"[{TARGET}]", rules))
    served.store = MemoryStore(SystemRuntime())
    fill(served.store.series(SHOP), now)


def fill(series: MemorySeries, now: Instant) -> None:
    seen = range(now - 3 * DAY, now, MINUTE.ms)
    series.add(
        tuple(
            Load(subject="shop/web", metric=MetricName("rps"), at=Instant(at), milli=round(100_000 - 80_000 * cos(2 * pi * at / DAY)))
            for at in seen
        )
    )


def told(served: Served, event: str) -> list[dict[str, object]]:
    found = [json.loads(line) for line in served.log.getvalue().splitlines()]
    return [one for one in found if one["event"] == event]


def kept(served: Served) -> tuple[Forecast, ...]:
    store = served.daemon.store
    return store.records(SHOP).histories(Instant(0)).of("shop/web").forecasts


def test_a_forecast_is_made_soon_after_the_start_told_once_and_reaches_the_rule(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoscaler.service.daemon.FIRST_LOOK", Duration(300))
    looking_ahead(served, tmp_path)
    daemon = served.start()
    until(lambda: kept(served), "a forecast")
    (one,) = told(served, "foreseen")
    assert (one["workload"], one["rule"], one["cluster"]) == ("shop/web", "predictive[1]", "shop")
    runner = daemon.runners["shop"]
    first = runner.last
    until(lambda: runner.last != first and runner.report, "another tick")

    def codes() -> list[str]:
        votes = runner.report.thought.decisions[0].votes if runner.report else ()
        return [reason.code.value for vote in votes for reason in vote.vote.reasons]

    until(lambda: "foreseen" in codes() or "reacting_is_better" in codes(), "a vote on the forecast")


def test_ticks_go_on_while_a_past_is_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, begun = SystemRuntime(), list[bool]()

    def hangs(_: Foresight, policies: ClusterPolicies) -> tuple[Made, ...]:
        begun.append(True)
        runtime.sleep(Duration(60_000))
        return ()

    monkeypatch.setattr("autoscaler.service.daemon.FIRST_LOOK", Duration(100))
    monkeypatch.setattr(Foresight, "run", hangs)
    daemon = served.start()
    until(lambda: begun, "the job")
    before = daemon.runners["shop"].last
    until(lambda: daemon.runners["shop"].last != before, "another tick")


@pytest.mark.parametrize(
    ("problem", "event"),
    [
        pytest.param(LostLeaseError("another leads", hint="wait"), "forecasts_refused", id="a lost lease"),
        pytest.param(ZeroDivisionError("a bug"), "forecasts_failed", id="a bug"),
    ],
)
def test_a_cluster_whose_forecasts_fail_stops_no_other(
    served: Served, monkeypatch: pytest.MonkeyPatch, problem: Exception, event: str
) -> None:
    served.write(POLICIES.replace("clusters: {", "clusters: {lake: {simulated: {world: lake}}, "))
    daemon, ran = served.build(), list[str]()
    daemon.apply(daemon.configuration)
    for runner in daemon.runners.values():
        runner.tick()

    def run(_: Foresight, policies: ClusterPolicies) -> tuple[Made, ...]:
        ran.append(policies.cluster)
        if policies.cluster == "lake":
            raise problem
        return ()

    monkeypatch.setattr(Foresight, "run", run)
    daemon.foresee()
    assert set(ran) == {"lake", "shop"}
    assert event in served.events


def test_one_that_cannot_be_made_is_told_once_until_it_changes(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = served.build()
    daemon.apply(daemon.configuration)
    runner = daemon.runners["shop"]
    runner.foresee()
    assert not told(served, "not_foreseen"), "before the first tick nobody knows what is due"
    runner.tick()
    down = Made(subject="shop/web", rule="predictive[1]", problem=ProviderError("prom is down", hint="see to it"))
    for made in (down, down, Made(subject="shop/web", rule="predictive[1]")):
        monkeypatch.setattr(Foresight, "run", lambda *_, made=made: (made,))
        runner.foresee()
    assert [one["problem"] for one in told(served, "not_foreseen")] == ["prom is down", "fewer than two seasons of past are known"]
