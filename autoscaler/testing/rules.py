"""Promises of a rule: pure, constant in what it needs, and never a want from what it cannot see."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace

import pytest

from autoscaler.contracts.rule import PoolRule, Rule, Situation, Target
from autoscaler.model.pool_asks import PoolAsk
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import Vote, VoteKind

NOW = Instant(1_767_225_600_000)
BOUNDS = (VoteKind.UNKNOWN, VoteKind.AT_LEAST, VoteKind.AT_MOST, VoteKind.HOLD)


class RuleContract:
    """Give a fixture `rule`: one configured rule."""

    def situation(self, rule: Rule, reading: Reading, *, replicas: int = 4, ready: int = 4) -> Situation:
        """A situation in which everything the rule needs reads the same."""
        target = Target(name="shop/web", replicas=replicas, ready=ready)
        return Situation(target=target, now=NOW, samples={need.metric: reading for need in rule.needs()})

    def situations(self, rule: Rule) -> Iterator[Situation]:
        """Many kinds of them."""
        for milli in (0, 1, 599, 600, 601, 5000, 10**12):
            for replicas, ready in ((0, 0), (1, 0), (1, 1), (4, 3), (500, 500)):
                sample = Sample(milli, NOW, covers=ready)
                yield self.situation(rule, sample, replicas=replicas, ready=ready)

    def test_its_settings_cannot_change(self, rule: Rule) -> None:
        settings = fields(rule)  # type: ignore[arg-type]  # a Protocol cannot say that it is a dataclass
        if not settings:
            pytest.skip("no settings")
        with pytest.raises(AttributeError):
            setattr(rule, settings[0].name, None)

    def test_its_needs_are_constant(self, rule: Rule) -> None:
        before = rule.needs()
        for situation in self.situations(rule):
            rule.vote(situation)
        assert rule.needs() == before

    def test_the_same_situation_gives_the_same_vote(self, rule: Rule) -> None:
        for situation in self.situations(rule):
            assert rule.vote(situation) == rule.vote(deepcopy(situation))

    def test_it_leaves_the_situation_as_it_was(self, rule: Rule) -> None:
        for situation in self.situations(rule):
            before = deepcopy(situation)
            rule.vote(situation)
            assert situation == before

    def test_every_vote_is_whole_and_says_why(self, rule: Rule) -> None:
        for vote in map(rule.vote, self.situations(rule)):
            assert self._whole(vote)
            assert vote.reasons

    @pytest.mark.parametrize("why", [Code.MISSING, Code.STALE, Code.NOT_A_NUMBER, Code.UNAVAILABLE])
    def test_what_it_cannot_see_never_makes_it_want(self, rule: Rule, why: Code) -> None:
        if not rule.needs():
            pytest.skip("it looks at no metric")
        assert rule.vote(self.situation(rule, Unknown(why))).kind in BOUNDS

    def test_one_unknown_of_many_never_makes_it_want(self, rule: Rule) -> None:
        needs = rule.needs()
        if not needs:
            pytest.skip("it looks at no metric")
        seen = self.situation(rule, Sample(1, NOW, covers=4))
        for need in needs:
            partly = replace(seen, samples={**seen.samples, need.metric: Unknown(Code.MISSING)})
            assert rule.vote(partly).kind in BOUNDS

    def _whole(self, vote: Vote) -> bool:
        counts = vote.kind in (VoteKind.WANT, VoteKind.AT_LEAST, VoteKind.AT_MOST)
        return vote.count is not None and vote.count >= 0 if counts else vote.count is None


class PoolRuleContract:
    """Promises of a rule that only pools have. Give a fixture `rule`: one configured rule."""

    def test_its_settings_cannot_change(self, rule: PoolRule) -> None:
        settings = fields(rule)  # type: ignore[arg-type]  # a Protocol cannot say that it is a dataclass
        with pytest.raises(AttributeError):
            setattr(rule, settings[0].name, None)

    def test_it_asks_for_the_same_every_time(self, rule: PoolRule) -> None:
        assert rule.asks() == deepcopy(rule).asks()

    def test_it_asks_for_something_that_placement_knows(self, rule: PoolRule) -> None:
        asks = rule.asks()
        assert asks
        assert all(isinstance(ask, PoolAsk) for ask in asks)
        assert hash(asks) == hash(deepcopy(asks))
