"""One workload's case: all that the stages look at, and the count on its way through them."""

from collections.abc import Callable
from dataclasses import dataclass

from autoscaler.contracts.policy import Policy
from autoscaler.model.decisions import RuleVote, StageResult
from autoscaler.model.history import History
from autoscaler.model.quantities import Instant
from autoscaler.model.votes import VoteKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`current` is the count to be changed, without replicas that a move of ours has added for a while."""

    policy: Policy
    current: int
    votes: tuple[RuleVote, ...]
    history: History
    now: Instant

    def changed_by_others(self, since: int) -> bool:
        """Whether somebody else changed the count later than `since`."""
        return any(event.foreign and event.at > since for event in self.history.events)

    def under_ceilings(self, count: int, asked: int) -> int:
        """A count that a window or a lesson made of what was asked for: no rule's at_most is passed for it."""
        ceilings = [one.vote.count_or(count) for one in self.voted(VoteKind.AT_MOST)]
        return max(asked, min(count, *ceilings)) if ceilings else count

    def voted(self, kind: VoteKind) -> tuple[RuleVote, ...]:
        """The votes of one kind, in the order of the file."""
        return tuple(one for one in self.votes if one.vote.kind is kind)


Judge = Callable[[Case, int], StageResult]
"""A stage: the case, and the count the stage before it arrived at."""
