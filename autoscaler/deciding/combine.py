"""First stage: many votes, one count. The highest wins, and who cannot see never shrinks.

A policy that learns damps by what it learned, not by its rules' tolerance: a vote counts as what the load alone asks for.
"""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.votes import Vote, VoteKind

OPINIONS = (VoteKind.WANT, VoteKind.HOLD)


def combine(case: Case, count: int) -> StageResult:
    """The highest want, a hold counting as the present count; without either the present count, and with an unknown never less."""
    opinions = [one for one in case.votes if one.vote.kind in OPINIONS]
    best = max(opinions, key=lambda one: _count(case, one.vote), default=None)
    highest = _count(case, best.vote) if best else case.current
    unseen = tuple(one.rule for one in case.voted(VoteKind.UNKNOWN))
    reasons = [Reason(Code.HIGHEST_WANT, (highest,), "replicas", (best.rule,)) if best else Reason(Code.NO_WANT)]
    if unseen:
        reasons.append(Reason(Code.RULE_UNKNOWN, names=unseen))
    after = max(highest, case.current) if unseen else highest
    return StageResult(stage=Stage.COMBINE, before=count, after=after, reasons=tuple(reasons))


def _count(case: Case, vote: Vote) -> int:
    asks = vote.asks if case.policy.behaviour.learn else None
    return vote.count_or(case.current if asks is None else asks)
