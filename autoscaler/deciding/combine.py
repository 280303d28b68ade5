"""First stage: many votes, one count. The highest wins, and who cannot see never shrinks."""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.votes import VoteKind

OPINIONS = (VoteKind.WANT, VoteKind.HOLD)


def combine(case: Case, count: int) -> StageResult:
    """The highest want, a hold counting as the present count; without either the present count, and with an unknown never less."""
    opinions = [one for one in case.votes if one.vote.kind in OPINIONS]
    best = max(opinions, key=lambda one: one.vote.count_or(case.current), default=None)
    highest = best.vote.count_or(case.current) if best else case.current
    unseen = tuple(one.rule for one in case.voted(VoteKind.UNKNOWN))
    reasons = [Reason(Code.HIGHEST_WANT, (highest,), "replicas", (best.rule,)) if best else Reason(Code.NO_WANT)]
    if unseen:
        reasons.append(Reason(Code.RULE_UNKNOWN, names=unseen))
    after = max(highest, case.current) if unseen else highest
    return StageResult(stage=Stage.COMBINE, before=count, after=after, reasons=tuple(reasons))
