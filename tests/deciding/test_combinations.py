"""Many votes, one count, as the policy says: the most, the fewest, any of them, a formula, groups; and what stands in for the unseen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from autoscaler.config import PolicyErrors, installed, parse
from autoscaler.contracts.policy import ClusterPolicies, MetricSpec, NamedRule
from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.deciding import decide, needs
from autoscaler.deciding.voting import votes
from autoscaler.model.decisions import Decision, Stage
from autoscaler.model.formula import Formula
from autoscaler.model.history import Histories, History, Note
from autoscaler.model.policies import Combine, Fallback
from autoscaler.model.quantities import Instant, Number
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, SourceName
from autoscaler.model.samples import MetricNeed, MetricReading, Reading, Sample, Unknown
from autoscaler.model.votes import Vote, VoteKind
from autoscaler_policies.expression import Expression, Kind
from autoscaler_policies.target_tracking import Per, TargetTracking
from autoscaler_policies.window_max import WindowMax
from tests.deciding.building import BLIND, HOLDS, NOW, SHOP, WEB, observation, policy, stage, state, want, workload

RPS, OTHER, THIRD = MetricName("rps"), MetricName("other"), MetricName("third")
PARTS = {"a": want(2), "b": want(6), "c": want(9), "hold": HOLDS, "blind": BLIND, "same": want(4)}


def combined(how: Combine | Formula, rules: str, current: int = 4) -> Decision:
    """`a b/x`: the rules of these names, `b` in group `x`."""
    named = tuple(
        NamedRule(name=name, rule=PARTS[name], called=name, group=group) for name, _, group in (one.partition("/") for one in rules.split())
    )
    chosen = replace(policy(), rules=named, combine=how)
    (decision,) = decide(ClusterPolicies(cluster=SHOP, policies=(chosen,)), observation(state(workload(current))), Histories())
    return decision


@pytest.mark.parametrize(
    ("how", "rules", "count"),
    [
        pytest.param(Combine.HIGHEST, "a b", 6, id="highest"),
        pytest.param(Combine.HIGHEST, "a hold", 4, id="highest: all must agree to shrink"),
        pytest.param(Combine.LOWEST, "b c", 6, id="lowest"),
        pytest.param(Combine.LOWEST, "b hold", 4, id="lowest: all must agree to grow"),
        pytest.param(Combine.LOWEST, "a blind", 4, id="lowest: who cannot see never shrinks"),
        pytest.param(Combine.ANY, "a hold", 2, id="any: one is enough to shrink"),
        pytest.param(Combine.ANY, "a same", 2, id="any: a wish for the present count holds"),
        pytest.param(Combine.ANY, "a b hold", 6, id="any: growth wins over shrinking"),
        pytest.param(Combine.ANY, "hold same", 4, id="any: none wants a change"),
        pytest.param(Combine.ANY, "a blind", 4, id="any: who cannot see never shrinks"),
        pytest.param(Combine.HIGHEST, "a/x hold/x", 2, id="in a group those that want a change speak"),
        pytest.param(Combine.HIGHEST, "a/x hold/x hold/y", 4, id="and the groups are combined"),
        pytest.param(Combine.HIGHEST, "a/x hold/x b", 6, id="with the rules that have none"),
        pytest.param(Combine.LOWEST, "a/x b/x c/y", 6, id="in a group growth wins, whatever the policy says of groups"),
    ],
)
def test_combinations(how: Combine, rules: str, count: int) -> None:
    assert combined(how, rules).count == count


@pytest.mark.parametrize(
    ("formula", "rules", "count", "code"),
    [
        pytest.param("min(a + b, c)", "a b c", 8, Code.COMBINED_BY, id="over the rules' names"),
        pytest.param("a + hold", "a hold", 6, Code.COMBINED_BY, id="a hold is the present count"),
        pytest.param("replicas + a / 4", "a", 5, Code.COMBINED_BY, id="a part of one is a whole one"),
        pytest.param("a - c", "a c", 0, Code.COMBINED_BY, id="never fewer than none"),
        pytest.param("max(a, blind)", "a blind", 4, Code.NOT_COMBINED, id="who is unknown is missing"),
        pytest.param("max(b, blind ?? 7)", "b blind", 7, Code.COMBINED_BY, id="unless it says what instead"),
        pytest.param("max(a, blind ?? 1)", "a blind", 4, Code.COMBINED_BY, id="and even then nothing shrinks"),
        pytest.param("c / (a - 2)", "a c", 4, Code.NOT_COMBINED, id="a division by what happens to be zero"),
    ],
)
def test_formulas(formula: str, rules: str, count: int, code: Code) -> None:
    decision = combined(Formula.parse(formula), rules)
    assert (decision.count, stage(decision, Stage.COMBINE).reasons[0].code) == (count, code)


@given(rules=lists(sampled_from([*PARTS]), max_size=6, unique=True), how=sampled_from(Combine), current=integers(0, 12))
def test_any_and_highest_agree_on_growth_and_the_blind_never_shrink(rules: list[str], how: Combine, current: int) -> None:
    count = combined(how, " ".join(rules), current).count
    highest = combined(Combine.HIGHEST, " ".join(rules), current).count
    assert count <= highest or highest <= current
    assert count >= current or "blind" not in rules
    if how is Combine.ANY and highest > current:
        assert count == highest


@pytest.mark.parametrize(
    ("combine", "rules", "says"),
    [
        pytest.param("max(load, lod)", "[{fixed: {count: 1}, name: load}]", "no one rule is called 'lod'", id="a name nobody has"),
        pytest.param(
            "max(fixed, 2)", "[{fixed: {count: 1}}, {fixed: {count: 2}}]", "no one rule is called 'fixed'", id="a kind that two have"
        ),
        pytest.param("highst", "[{fixed: {count: 1}}]", "no one rule is called 'highst'", id="a word misspelt"),
        pytest.param("max(", "[{fixed: {count: 1}}]", "no value at character 5", id="half a formula"),
        pytest.param(
            "highest", "[{fixed: {count: 1}, name: a}, {fixed: {count: 2}, name: a}]", "two rules are called 'a'", id="a name twice"
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(combine: str, rules: str, says: str) -> None:
    text = f"""apiVersion: autoscaler/v1
clusters: {{shop: {{simulated: {{}}}}}}
policies: {{web: {{workload: shop/web, replicas: {{min: 1, max: 9}}, combine: "{combine}", rules: {rules}}}}}
"""
    with pytest.raises(PolicyErrors) as refused:
        parse((("web.yaml", text),), installed())
    assert says in str(refused.value)
    assert refused.value.problems[0].line == 3


def seen(rule: Rule, fallbacks: dict[MetricName, Fallback], readings: dict[MetricName, Reading], current: int = 4) -> Decision:
    specs = tuple(MetricSpec(name=name, source=SourceName("prom"), fallback=fallbacks.get(name)) for name in (RPS, OTHER, THIRD))
    chosen = replace(policy(), rules=(NamedRule(name="rule[0]", rule=rule),))
    policies = ClusterPolicies(cluster=SHOP, policies=(chosen,), metrics=specs)
    metrics = tuple(MetricReading(metric=name, workload=WEB, reading=reading) for name, reading in readings.items())
    (decision,) = decide(policies, replace(observation(state(workload(current))), metrics=metrics), Histories())
    return decision


TRACKING = TargetTracking(metric=RPS, target=Number(100_000), per=Per.REPLICA)
GONE = Unknown(Code.STALE)


@pytest.mark.parametrize(
    ("fallback", "rps", "count"),
    [
        pytest.param(Fallback(count=2), Sample(600_000, NOW), 6, id="what can be read needs none"),
        pytest.param(Fallback(count=2), GONE, 2, id="a count, also a lower one: somebody said so"),
        pytest.param(Fallback(at_least=2), GONE, 4, id="at least: never less than the present"),
        pytest.param(Fallback(at_least=7), GONE, 7, id="at least: more than the present"),
        pytest.param(Fallback(metric=OTHER), GONE, 9, id="another metric"),
        pytest.param(None, GONE, 4, id="none: it holds"),
    ],
)
def test_fallbacks(fallback: Fallback | None, rps: Reading, count: int) -> None:
    decision = seen(TRACKING, {RPS: fallback} if fallback else {}, {RPS: rps, OTHER: Sample(900_000, NOW)})
    assert decision.count == count


@pytest.mark.parametrize(
    ("as_", "count"),
    [
        pytest.param(Kind.AT_LEAST, 20, id="a floor lifts, and takes nothing away"),
        pytest.param(Kind.AT_MOST, 6, id="a ceiling binds"),
        pytest.param(Kind.WANT, 6, id="a want wants"),
    ],
)
def test_a_bound_falls_back_to_a_bound(as_: Kind, count: int) -> None:
    rule = Expression(formula=Formula.parse("rps / 100"), as_=as_)
    assert seen(rule, {RPS: Fallback(count=6)}, {RPS: GONE}, current=20).count == count


def test_a_rule_that_falls_back_forgets_nothing() -> None:
    rule = WindowMax(metric=RPS, target=Number(100_000), per=Per.REPLICA)
    note = Note("rule[0]", Instant(NOW - 30_000), (NOW - 30_000, 10))
    history = History(subject=str(WEB), began=Instant(0), notes=(note,))
    (vote,) = votes(
        (NamedRule(name="rule[0]", rule=rule),),
        Situation(target=Target(name="w", replicas=4, ready=4), now=NOW, history=history),
        lambda _: GONE,
        {RPS: Fallback(count=3)},
    )
    assert (vote.vote.count, vote.vote.note) == (3, note.numbers)


class Breaks:
    def needs(self) -> tuple[MetricNeed, ...]:
        return ()

    def vote(self, situation: Situation) -> Vote:
        raise ValueError


def test_a_rule_that_failed_is_told_again_what_it_noted() -> None:
    history = History(subject=str(WEB), began=Instant(0), notes=(Note("rule[0]", NOW, (1, 2)),))
    situation = Situation(target=Target(name="w", replicas=4, ready=4), now=NOW, history=history)
    (vote,) = votes((NamedRule(name="rule[0]", rule=Breaks()),), situation, lambda _: GONE)
    assert (vote.vote.kind, vote.vote.note) == (VoteKind.UNKNOWN, (1, 2))


def test_a_fallback_that_cannot_be_read_either_holds() -> None:
    assert seen(TRACKING, {RPS: Fallback(metric=OTHER)}, {RPS: GONE, OTHER: GONE}).count == 4


@pytest.mark.parametrize(
    ("third", "count"),
    [
        pytest.param(Sample(900_000, NOW), 9, id="the first that can be read, however far away"),
        pytest.param(GONE, 6, id="none can: what the last one says"),
    ],
)
def test_fallbacks_are_followed_all_the_way(third: Reading, count: int) -> None:
    fallbacks = {RPS: Fallback(metric=OTHER), OTHER: Fallback(metric=THIRD), THIRD: Fallback(count=6)}
    assert seen(TRACKING, fallbacks, {RPS: GONE, OTHER: GONE, THIRD: third}).count == count


def test_a_metric_that_is_stood_in_for_is_read_and_needs_no_count() -> None:
    rule = Expression(formula=Formula.parse("rps / 100 + third"))
    fallbacks = {RPS: Fallback(metric=OTHER), THIRD: Fallback(count=6)}
    assert seen(rule, fallbacks, {RPS: GONE, OTHER: Sample(900_000, NOW), THIRD: GONE}).count == 6


def test_a_ring_that_no_file_could_hold_ends_too() -> None:
    assert seen(TRACKING, {RPS: Fallback(metric=OTHER), OTHER: Fallback(metric=RPS)}, {RPS: GONE, OTHER: GONE}).count == 4


def test_why_it_wants_what_it_fell_back_to() -> None:
    (vote,) = seen(TRACKING, {RPS: Fallback(count=7)}, {RPS: GONE}).votes
    assert [reason.code for reason in vote.vote.reasons] == [Code.FELL_BACK, Code.STALE]


def test_what_may_stand_in_is_read_too() -> None:
    fallbacks = {RPS: Fallback(metric=OTHER), OTHER: Fallback(metric=THIRD)}
    specs = tuple(MetricSpec(name=name, source=SourceName("p"), fallback=fallbacks.get(name)) for name in (RPS, OTHER, THIRD))
    chosen = replace(policy(), rules=(NamedRule(name="rule[0]", rule=TRACKING),))
    asked = needs(ClusterPolicies(cluster=SHOP, policies=(chosen,), metrics=specs), None)
    assert [query.metric for query in asked] == [RPS, OTHER, THIRD]
