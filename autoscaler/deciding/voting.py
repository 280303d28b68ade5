"""Ask every rule. One that fails has no opinion and stops nobody."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from autoscaler.contracts.policy import NamedRule
from autoscaler.contracts.rule import Situation
from autoscaler.deciding.queries import needs_of
from autoscaler.model.decisions import RuleVote
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading
from autoscaler.model.votes import MOST, Vote, VoteKind

WITH_COUNT = frozenset({VoteKind.WANT, VoteKind.AT_LEAST, VoteKind.AT_MOST})


def votes(rules: tuple[NamedRule, ...], situation: Situation, read: Callable[[MetricName], Reading]) -> tuple[RuleVote, ...]:
    """Every rule's vote, in the order of the file; each rule sees the samples it asked for and no others."""
    return tuple(RuleVote(rule=rule.name, vote=_vote(rule, situation, read)) for rule in rules)


def _vote(rule: NamedRule, situation: Situation, read: Callable[[MetricName], Reading]) -> Vote:
    samples: Mapping[MetricName, Reading] = {need.metric: read(need.metric) for need in needs_of(rule)}
    try:
        return _sound(rule.rule.vote(_own(rule.name, samples, situation)))
    except Exception as error:  # noqa: BLE001 - plugins may raise anything, and one of them never stops the others
        return _failed(type(error).__name__)


def _own(rule: str, samples: Mapping[MetricName, Reading], seen: Situation) -> Situation:
    """The situation as this rule sees it. Written out, for `replace` takes longer than a rule's whole vote."""
    note = next((one for one in seen.history.notes if one.rule == rule), None)
    return Situation(target=seen.target, now=seen.now, samples=samples, history=seen.history, replicas=seen.replicas, note=note)


def _sound(vote: object) -> Vote:
    """The vote, if it is one, and no higher than counts go."""
    if not isinstance(vote, Vote) or (vote.kind in WITH_COUNT) != (vote.count is not None):
        return _failed("no vote")
    if vote.count is None:
        return vote
    return replace(vote, count=min(vote.count, MOST)) if vote.count >= 0 else _failed(f"count {vote.count}")


def _failed(what: str) -> Vote:
    return Vote.unknown(Reason(Code.RULE_FAILED, names=(what,)))
