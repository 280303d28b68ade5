"""A rule that looks ahead, to commands: `explain` tells its forecast, `test` makes one up, `backtest` shows what following it comes to."""

from dataclasses import replace
from math import cos, pi
from pathlib import Path

import pytest

from autoscaler.contracts.store import TickRecord
from autoscaler.model.decisions import RuleVote
from autoscaler.model.forecasts import Forecast
from autoscaler.model.history import Recommendation
from autoscaler.model.quantities import Instant, Number
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.votes import Vote
from autoscaler.rehearsing.foresight import foretold
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import open_store
from autoscaler.testing.stores import SHOP, TTL, a_decision
from autoscaler_policies.predictive import Predictive
from tests.cli.calling import Call
from tests.cli.shop import write_shop

NEED = Predictive(metric=MetricName("rps"), target=Number(200_000)).foresees()


def remember(path: Path, now: Instant, *forecasts: Forecast) -> None:
    """A decision of a minute ago in which predictive[1] had a vote, and these."""
    store = open_store(str(path), SystemRuntime())
    lease = store.leases.acquire(SHOP, "one", TTL)
    decision = a_decision(now - 60_000)
    vote = RuleVote(rule="predictive[1]", vote=Vote.at_least(0, Reason(Code.NOT_FORESEEN)))
    told = replace(decision, votes=(*decision.votes, vote))
    first = ("shop/web", Recommendation(told.at, 4))
    tick = TickRecord(at=told.at, decisions=(told,), recommendations=(first,), forecasts=(("shop/web", forecasts),))
    store.records(SHOP).remember(tick, lease)
    store.close()


def test_explain_shows_the_forecast_and_its_verdict(call: Call, tmp_path: Path) -> None:
    write_shop(tmp_path)
    now = SystemRuntime().now()
    known = foretold("predictive[1]", NEED, Instant(now - 120_000), now=800_000, then=1_500_000)
    worse = replace(foretold("predictive[0]", NEED, Instant(now - 120_000), now=0, then=None), rule="gone")
    later = replace(foretold("target_tracking[0]", NEED, Instant(now + 600_000), now=0, then=None))
    remember(tmp_path / "past.db", now, known, worse, later)
    ran = call("explain", "shop/web", "--store", "past.db")
    assert ran.code == 0
    assert "Foreseen for predictive[1] at " in ran.out
    assert "so it is followed" in ran.out
    assert ran.out.count("Foreseen for") == 1, "neither of rules that are gone, nor what was not known by then"


CASES = """\
policies: [web.yaml]
cases:
  - name: in time
    workload: shop/web
    steps:
      - {replicas: 4, metrics: {rps: 800}, forecast: {rps: 1500}, expect: 8}
"""
POLICY = """\
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {}}}
sources: {prom: {prometheus: {url: "http://127.0.0.1:9090"}}}
metrics: {rps: {source: prom, query: rps}, jobs: {source: prom, query: jobs}}
policies:
  web:
    workload: shop/web
    replicas: {min: 1, max: 60}
    rules:
      - target_tracking: {metric: rps, target: 200, per: replica}
"""
AHEAD = "      - predictive: {metric: rps, target: 200, season: 2h, cost: 130%}\n"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param("forecast: {rps", "forecast: {jobs", "no rule looks ahead at jobs", id="a metric no rule looks ahead at"),
        pytest.param("rps: 1500", "rps: better", "web.test.yaml:6:", id="neither a number nor worse"),
    ],
)
def test_a_forecast_that_says_nothing_is_refused(call: Call, tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "web.yaml").write_text(POLICY + AHEAD)
    cases = tmp_path / "web.test.yaml"
    cases.write_text(CASES)
    assert call("test").code == 0
    cases.write_text(CASES.replace(old, new))
    ran = call("test")
    assert ran.code == 5
    assert says in ran.err


def test_without_a_rule_that_looks_ahead_a_forecast_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(POLICY)
    (tmp_path / "web.test.yaml").write_text(CASES)
    assert "a forecast is for rules such as predictive" in call("test").err


def test_a_backtest_shows_what_looking_ahead_comes_to(call: Call, tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(POLICY)
    (tmp_path / "ahead.yaml").write_text(POLICY + AHEAD)
    rows = (f"{1_767_225_600 + 60 * minute},{1500 - 1200 * cos(2 * pi * minute / 120):.1f}" for minute in range(18 * 60))
    (tmp_path / "load.csv").write_text("\n".join(("time,rps", *rows)) + "\n")
    ran = call("backtest", "plain.yaml", "ahead.yaml", "--load", "load.csv", "--capacity", "280", "--start-delay", "2m")
    assert ran.code == 0
    (line,) = (line for line in ran.out.splitlines() if line.startswith("time short"))
    plain, ahead = (float(one) for one in line.removeprefix("time short").replace("%", " ").split())
    assert ahead < plain / 2


def test_durations_of_the_rule_are_checked_with_their_place(call: Call, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(POLICY + AHEAD.replace("season: 2h", "season: 1h"))
    ran = call("validate", "web.yaml")
    assert ran.code == 5
    assert "web.yaml:11:" in ran.err
    assert "season: 1h is not between 2h and 7d" in ran.err
