"""Forecasts: made beside the ticks, under the lease, of a source's past or of what ticks have kept; one that fails stops no other."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import cos, pi

import pytest

from autoscaler.contracts.past_reader import Moments, Stretch
from autoscaler.contracts.policy import MetricSpec, NamedRule
from autoscaler.contracts.store import Load, TickRecord
from autoscaler.engine import forecasts
from autoscaler.engine.forecasts import FRESH, Foresight, Made
from autoscaler.errors import StoreError, UnavailableError
from autoscaler.model.forecasts import Forecast, SeasonModel
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, SourceName
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler.observing.patience import TRIES
from autoscaler.seasons import model_of
from autoscaler_policies.predictive import Predictive
from tests.engine.shop import Shop, open_shop

RPS, PROM = MetricName("rps"), SourceName("prom")
MINUTE, DAY = 60_000, 86_400_000
RULE = Predictive(metric=RPS, target=Number(20_000))


@dataclass
class Forgetful:
    """A source that knows the present alone."""

    now: Callable[[], Instant]
    reading: int | None = 70_000
    asked: list[str] = field(default_factory=list)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        return tuple(Unknown(Code.MISSING) if self.reading is None else Sample(self.reading, self.now()) for _ in queries)


@dataclass
class Remembers(Forgetful):
    """A source that knows its past: a load that goes up and down once a day. `since`: from when on."""

    since: int = 0
    problem: Exception | None = None

    def read_past(self, text: str, stretch: Stretch) -> Moments:
        self.asked.append(text)
        if self.problem:
            raise self.problem
        return tuple((Instant(at), wave(at)) for at in range(stretch.start, stretch.end + 1, stretch.step.ms) if at >= self.since)


def wave(at: int) -> float:
    return 100 - 80 * cos(2 * pi * at / DAY)


def shop_with(source: type[Forgetful], *rules: NamedRule) -> tuple[Shop, Forgetful, Foresight]:
    """A shop whose web looks ahead, after its first tick."""
    shop = open_shop()
    engine, reader = shop.engine, source(now=shop.runtime.now)
    policies = engine.policies
    web = replace(policies.policies[0], rules=(*policies.policies[0].rules, *(rules or (named(RULE),))))
    metric = MetricSpec(name=RPS, source=PROM, query="sum(rate(http{service='$workload'}[1m]))")
    engine.policies = replace(policies, policies=(web,), metrics=(metric,))
    engine.eyes = replace(engine.eyes, sources={PROM: reader})
    shop.tick()
    return shop, reader, Foresight(eyes=engine.eyes, store=shop.store, holder=engine.holder)


def named(rule: Predictive, name: str = "predictive[1]") -> NamedRule:
    return NamedRule(name=name, rule=rule, kind="predictive")


def kept(shop: Shop) -> tuple[Forecast, ...]:
    return shop.store.records(shop.engine.policies.cluster).histories(shop.runtime.now()).of("shop/web").forecasts


def what(made: tuple[Made, ...]) -> list[str]:
    return ["forecast" if one.forecast else type(one.problem).__name__ if one.problem else "too little" for one in made]


def test_a_source_with_a_past_is_asked_for_it_in_the_workloads_name() -> None:
    shop, reader, foresight = shop_with(Remembers)
    assert what(foresight.run(shop.engine.policies)) == ["forecast"]
    assert reader.asked == ["sum(rate(http{service='web'}[1m]))"]
    (found,) = kept(shop)
    assert (found.rule, found.need, found.at) == ("predictive[1]", RULE.foresees(), shop.runtime.now() // MINUTE * MINUTE)
    assert found.expected[0] == pytest.approx(wave(found.at) * 1000, rel=0.01)


def test_what_is_stored_reaches_the_next_tick_and_its_recording() -> None:
    shop, _, foresight = shop_with(Remembers)
    foresight.run(shop.engine.policies)
    thought = shop.tick().thought
    (decision,) = thought.decisions
    assert decision.votes[1].vote.reasons[0].code in {Code.FORESEEN, Code.REACTING_IS_BETTER}
    assert thought.frame.histories.of("shop/web").forecasts == kept(shop)


def test_a_forecast_is_made_anew_after_an_hour_or_when_its_rule_was_changed() -> None:
    shop, reader, foresight = shop_with(Remembers)
    foresight.run(shop.engine.policies)
    shop.runtime.advance(Duration(FRESH.ms - 2 * MINUTE))
    assert foresight.run(shop.engine.policies) == ()
    shop.runtime.advance(Duration(3 * MINUTE))
    shop.tick()
    assert what(foresight.run(shop.engine.policies)) == ["forecast"]
    web = shop.engine.policies.policies[0]
    changed = replace(web, rules=(web.rules[0], named(replace(RULE, quantile=Share(500)))))
    shop.engine.policies = replace(shop.engine.policies, policies=(changed,))
    assert what(foresight.run(shop.engine.policies)) == ["forecast"]
    assert [one.need.quantile.milli for one in kept(shop)] == [500]
    assert len(reader.asked) == 3


def test_too_little_past_is_asked_for_again_after_an_hour() -> None:
    shop, reader, foresight = shop_with(Remembers)
    assert isinstance(reader, Remembers)
    reader.since = shop.runtime.now() - DAY
    assert what(foresight.run(shop.engine.policies)) == ["too little"]
    assert foresight.run(shop.engine.policies) == ()
    shop.runtime.advance(FRESH)
    shop.tick()
    assert what(foresight.run(shop.engine.policies)) == ["too little"]
    assert kept(shop) == ()


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        pytest.param(UnavailableError("it is down", hint="wait"), "UnavailableError", id="a source that is down"),
        pytest.param(ZeroDivisionError("a bug"), "ProviderError", id="a plugin that breaks"),
    ],
)
def test_a_past_that_cannot_be_read_is_told_tried_again_and_stops_no_other(problem: Exception, told: str) -> None:
    blind, seeing = named(RULE), named(replace(RULE, metric=MetricName("jobs")), "jobs")
    shop, reader, foresight = shop_with(Remembers, blind, seeing)
    assert isinstance(reader, Remembers)
    other = Remembers(now=shop.runtime.now)
    jobs = MetricSpec(name=MetricName("jobs"), source=SourceName("other"), query="jobs")
    foresight.eyes = replace(foresight.eyes, sources={PROM: reader, SourceName("other"): other})
    policies = replace(shop.engine.policies, metrics=(*shop.engine.policies.metrics, jobs))
    reader.problem = problem
    assert what(foresight.run(policies)) == [told, "forecast"]
    reader.problem = None
    assert what(foresight.run(policies)) == ["forecast"]
    assert {one.rule for one in kept(shop)} == {"predictive[1]", "jobs"}


def test_a_model_that_is_not_installed_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    model_of.cache_clear()
    modelled = named(replace(RULE, model=SeasonModel.THETA))
    shop, reader, foresight = shop_with(Remembers, modelled, named(RULE, "profiles"))
    made = foresight.run(shop.engine.policies)
    assert what(made) == ["SetupError", "forecast"]
    assert "statsforecast" in str(made[0].problem)
    assert len(reader.asked) == 1, "not for what cannot be made"


def test_a_model_is_asked_for_what_it_makes_of_a_season(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[SeasonModel] = []
    monkeypatch.setattr(forecasts, "model_of", asked.append)
    shop, _, foresight = shop_with(Remembers, named(replace(RULE, model=SeasonModel.THETA)))
    assert what(foresight.run(shop.engine.policies)) == ["forecast"]
    assert asked == [SeasonModel.THETA]


def test_a_source_that_does_not_answer_is_not_waited_for_twice() -> None:
    shop, reader, foresight = shop_with(Remembers, named(RULE), named(RULE, "again"))
    assert isinstance(reader, Remembers)
    reader.problem = UnavailableError("it is down", hint="wait")
    assert what(foresight.run(shop.engine.policies)) == ["UnavailableError"] * 2
    assert len(reader.asked) == TRIES, "for the first rule alone"
    foresight.run(shop.engine.policies)
    assert len(reader.asked) == 2 * TRIES, "and anew the next time"


def test_forecasts_of_rules_that_are_gone_are_forgotten_with_the_next() -> None:
    shop, _, foresight = shop_with(Remembers, named(RULE, "old"), named(RULE, "stays"))
    foresight.run(shop.engine.policies)
    web = shop.engine.policies.policies[0]
    policies = replace(shop.engine.policies, policies=(replace(web, rules=(named(RULE, "stays"), named(RULE, "new"))),))
    foresight.run(policies)
    assert [one.rule for one in kept(shop)] == ["stays", "new"]


def test_without_the_lease_nothing_is_read_or_written() -> None:
    shop, reader, foresight = shop_with(Remembers)
    foresight.holder = "another"
    assert foresight.run(shop.engine.policies) == ()
    assert (reader.asked, kept(shop)) == ([], ())


def test_a_store_that_cannot_be_used_is_everybodys_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, _, foresight = shop_with(Forgetful)

    def broken(*_: object) -> Moments:
        raise StoreError("the disk is gone", hint="see to it")

    monkeypatch.setattr(shop.store.series(shop.engine.policies.cluster), "read", broken)
    with pytest.raises(StoreError):
        foresight.run(shop.engine.policies)


def test_ticks_keep_the_loads_of_a_source_that_remembers_nothing() -> None:
    shop, reader, _ = shop_with(Forgetful)
    series = shop.store.series(shop.engine.policies.cluster)
    first = series.read("shop/web", RPS, Instant(0))
    assert [value for _, value in first] == [70.0]
    reader.reading = None
    shop.runtime.advance(Duration(MINUTE))
    shop.tick()
    assert series.read("shop/web", RPS, Instant(0)) == first, "an unknown load is no load at all"


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        pytest.param(Remembers, named(RULE), id="of a source that remembers"),
        pytest.param(
            Forgetful, NamedRule(name="x", rule=open_shop().engine.policies.policies[0].rules[0].rule), id="of no rule that looks ahead"
        ),
    ],
)
def test_no_other_loads_are_kept(source: type[Forgetful], rule: NamedRule) -> None:
    shop, _, _ = shop_with(source, rule)
    assert shop.store.series(shop.engine.policies.cluster).read("shop/web", RPS, Instant(0)) == ()


def test_what_ticks_have_kept_is_a_past_like_any_other() -> None:
    shop, _, foresight = shop_with(Forgetful)
    engine, end = shop.engine, shop.runtime.now() // MINUTE * MINUTE
    seen = tuple(
        Load(subject="shop/web", metric=RPS, at=Instant(at), milli=round(wave(at) * 1000)) for at in range(end - 3 * DAY, end, MINUTE)
    )
    lease = shop.store.leases.current(engine.policies.cluster)
    assert lease is not None
    shop.store.records(engine.policies.cluster).remember(TickRecord(at=shop.runtime.now(), loads=seen), lease)
    (made,) = foresight.run(engine.policies)
    assert made.forecast is not None
    assert made.forecast.expected[0] == pytest.approx(wave(end) * 1000, rel=0.01)
