"""First stage: many votes, one count. The highest wins unless the policy says otherwise, and who cannot see never shrinks.

Rules of one group have one opinion: those that want a change speak for those that hold. A policy that learns damps by what it learned, not
by its rules' tolerance: a vote counts as what the load alone asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import RuleVote, Stage, StageResult
from autoscaler.model.formula import Formula, MissingError, UndefinedError
from autoscaler.model.policies import Combine
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.votes import MOST, VoteKind

COUNTED = frozenset({Code.HIGHEST_WANT, Code.LOWEST_WANT, Code.COMBINED_BY})
"""Reasons that tell the count the votes made."""

OPINIONS = (VoteKind.WANT, VoteKind.HOLD)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rule's, or a group's by the rule that speaks for it. `holds`: the present count is right."""

    rule: str
    count: int
    holds: bool


def combine(case: Case, count: int) -> StageResult:
    """The count the votes make, a hold counting as the present count; without any the present count, and with an unknown never less."""
    how = case.policy.combine
    found, why = _worked_out(case, how) if isinstance(how, Formula) else _picked(case, how)
    unseen = tuple(one.rule for one in case.voted(VoteKind.UNKNOWN))
    reasons = (why, Reason(Code.RULE_UNKNOWN, names=unseen)) if unseen else (why,)
    after = max(found, case.current) if unseen else found
    return StageResult(stage=Stage.COMBINE, before=count, after=after, reasons=reasons)


def unfounded(combined: StageResult, votes: tuple[RuleVote, ...], current: int) -> bool:
    """Whether no count was found because a rule could not see: none of them could, or the others would have fewer."""
    if not any(one.vote.kind is VoteKind.UNKNOWN for one in votes):
        return False
    found = next((one.numbers[0] for one in combined.reasons if one.code in COUNTED), None)
    return found is None or found < current


def _picked(case: Case, how: Combine) -> tuple[int, Reason]:
    opinions = _grouped(case, how)
    lowest = how is Combine.LOWEST
    best = min(opinions, key=_count, default=None) if lowest else max(opinions, key=_count, default=None)
    if best is None:
        return case.current, Reason(Code.NO_WANT)
    return best.count, Reason(Code.LOWEST_WANT if lowest else Code.HIGHEST_WANT, (best.count,), "replicas", (best.rule,))


def _grouped(case: Case, how: Combine) -> Iterator[Opinion]:
    """One opinion of each rule and each group; with ANY all are one group."""
    groups = {rule.name: rule.group for rule in case.policy.rules if rule.group or how is Combine.ANY}
    if not groups:
        yield from _opinions(case)
        return
    members: dict[str, list[Opinion]] = {}
    for one in _opinions(case):
        group = "" if how is Combine.ANY else groups.get(one.rule, f"{one.rule} alone")
        members.setdefault(group, []).append(one)
    for each in members.values():
        yield max([one for one in each if not one.holds] or each, key=_count)


def _opinions(case: Case) -> Iterator[Opinion]:
    return (_opinion(case, one) for one in case.votes if one.vote.kind in OPINIONS)


def _opinion(case: Case, voted: RuleVote) -> Opinion:
    vote = voted.vote
    asks = vote.asks if case.policy.behaviour.learn else None
    count = vote.count_or(case.current if asks is None else asks)
    return Opinion(voted.rule, count, count == case.current)


def _count(opinion: Opinion) -> int:
    return opinion.count


def _worked_out(case: Case, how: Formula) -> tuple[int, Reason]:
    """By the policy's formula over what its rules ask for; the present count where it has no answer."""
    asked = {one.rule: one.count for one in _opinions(case)}
    values: dict[str, Fraction | None] = {"replicas": Fraction(case.current)}
    values |= {rule.called: Fraction(asked[rule.name]) if rule.name in asked else None for rule in case.policy.rules}
    try:
        result = how.of(values)
    except (MissingError, UndefinedError):
        return case.current, Reason(Code.NOT_COMBINED, names=(how.text,))
    count = ceil(max(Fraction(0), min(Fraction(MOST), result)))
    return count, Reason(Code.COMBINED_BY, (count,), "replicas", (how.text,))
