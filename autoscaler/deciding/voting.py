"""Ask every rule. One that fails has no opinion and stops nobody."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from autoscaler.contracts.policy import NamedRule
from autoscaler.contracts.rule import Situation
from autoscaler.deciding.queries import foreseen_by, needs_of
from autoscaler.model.decisions import RuleVote
from autoscaler.model.forecasts import Forecast
from autoscaler.model.history import Note
from autoscaler.model.policies import Fallbacks, standing_in
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading, Unknown
from autoscaler.model.votes import MOST, Vote, VoteKind

WITH_COUNT = frozenset({VoteKind.WANT, VoteKind.AT_LEAST, VoteKind.AT_MOST})


MADE = {VoteKind.WANT: Vote.want, VoteKind.AT_LEAST: Vote.at_least, VoteKind.AT_MOST: Vote.at_most}

Read = Callable[[MetricName], Reading]


def votes(rules: tuple[NamedRule, ...], situation: Situation, read: Read, fallbacks: Fallbacks | None = None) -> tuple[RuleVote, ...]:
    """Every rule's vote, in the order of the file; each rule sees the samples it asked for and no others.

    A metric that cannot be read is another one, where its fallback says so; a rule that cannot see all the same wants what that says.
    """
    if not fallbacks:
        return tuple(RuleVote(rule=rule.name, vote=_vote(rule, situation, read)) for rule in rules)
    found = (_vote(rule, situation, lambda metric: _read(metric, read, fallbacks)) for rule in rules)
    return tuple(
        RuleVote(rule=rule.name, vote=_fallen_back(rule, vote, situation, read, fallbacks)) for rule, vote in zip(rules, found, strict=True)
    )


def _read(metric: MetricName, read: Read, fallbacks: Fallbacks) -> Reading:
    """The metric's reading, or the first one of what stands in for it; its own where none can be read."""
    own = read(metric)
    if not isinstance(own, Unknown) or metric not in fallbacks:
        return own
    others = (read(other) for other in standing_in(metric, fallbacks)[1:])
    return next((other for other in others if not isinstance(other, Unknown)), own)


def _fallen_back(rule: NamedRule, vote: Vote, situation: Situation, read: Read, fallbacks: Fallbacks) -> Vote:
    """The vote, or for an unknown one the largest count its unread metrics fall back to; what votes but that is a want of its own."""
    if vote.kind is not VoteKind.UNKNOWN:
        return vote
    unread = [need.metric for need in needs_of(rule) if isinstance(_read(need.metric, read, fallbacks), Unknown)]
    last = {name: fallbacks.get(standing_in(name, fallbacks)[-1]) for name in unread}
    counts = {name: fallback.wanted(situation.target.replicas) for name, fallback in last.items() if fallback}
    known = {name: count for name, count in counts.items() if count is not None}
    if not unread or len(known) < len(last):
        return vote
    name = max(known, key=lambda each: known[each])
    fallen = MADE[vote.instead](known[name], Reason(Code.FELL_BACK, (known[name],), "replicas", (name,)), *vote.reasons)
    return replace(fallen, note=vote.note)


def _vote(rule: NamedRule, situation: Situation, read: Read) -> Vote:
    """The rule's vote. One that could not see, or failed, is told again what it noted before."""
    note = next((one for one in situation.history.notes if one.rule == rule.name), None)
    vote = _asked(rule, situation, note, read)
    return replace(vote, note=note.numbers) if note and vote.kind is VoteKind.UNKNOWN and not vote.note else vote


def _asked(rule: NamedRule, situation: Situation, note: Note | None, read: Read) -> Vote:
    samples: Mapping[MetricName, Reading] = {need.metric: read(need.metric) for need in needs_of(rule)}
    try:
        return _sound(rule.rule.vote(_own(rule, samples, note, situation)))
    except Exception as error:  # noqa: BLE001 - plugins may raise anything, and one of them never stops the others
        return _failed(type(error).__name__)


def _own(rule: NamedRule, samples: Mapping[MetricName, Reading], note: Note | None, seen: Situation) -> Situation:
    """The situation as this rule sees it. Written out, for `replace` takes longer than a rule's whole vote."""
    history = seen.history
    forecast = _forecast(rule, history.forecasts) if history.forecasts else None
    return Situation(
        target=seen.target, now=seen.now, samples=samples, history=history, replicas=seen.replicas, note=note, forecast=forecast
    )


def _forecast(rule: NamedRule, forecasts: tuple[Forecast, ...]) -> Forecast | None:
    """The rule's own, as long as it is of what the rule asks for: its settings may have changed since."""
    named = (one for one in forecasts if one.rule == rule.name)
    return next((one for one in named if one.need == foreseen_by(rule)), None)


def _sound(vote: object) -> Vote:
    """The vote, if it is one, and no higher than counts go."""
    if not isinstance(vote, Vote) or (vote.kind in WITH_COUNT) != (vote.count is not None):
        return _failed("no vote")
    if vote.count is None or 0 <= vote.count <= MOST:
        return vote
    return replace(vote, count=MOST) if vote.count > MOST else _failed(f"count {vote.count}")


def _failed(what: str) -> Vote:
    return Vote.unknown(Reason(Code.RULE_FAILED, names=(what,)))
