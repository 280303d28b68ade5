"""Second stage: the rules' own bounds. Where they contradict each other, at_least wins: too many cost money, too few cost requests."""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import RuleVote, Stage, StageResult
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.votes import VoteKind


def bound(case: Case, count: int) -> StageResult:
    """No more than any at_most, then no fewer than any at_least; while a rule cannot see, at_most takes nothing away."""
    ceiling = min(case.voted(VoteKind.AT_MOST), key=_count, default=None)
    floor = max(case.voted(VoteKind.AT_LEAST), key=_count, default=None)
    after, reasons = count, []
    if ceiling and after > _allowed(case, ceiling):
        after = _allowed(case, ceiling)
        reasons.append(Reason(Code.LOWERED_TO_AT_MOST, (count, after), "replicas", (ceiling.rule,)))
    if floor and after < _count(floor):
        reasons.append(Reason(Code.RAISED_TO_AT_LEAST, (after, _count(floor)), "replicas", (floor.rule,)))
        after = _count(floor)
    return StageResult(stage=Stage.BOUND, before=count, after=after, reasons=tuple(reasons))


def _allowed(case: Case, ceiling: RuleVote) -> int:
    return max(_count(ceiling), case.current) if case.voted(VoteKind.UNKNOWN) else _count(ceiling)


def _count(vote: RuleVote) -> int:
    return vote.vote.count_or(0)
