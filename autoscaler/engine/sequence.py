"""A recording decided frame by frame, each with the past that those before it left. Nothing is planned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autoscaler import deciding
from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.model.decisions import Condition, Decision, PoolBounds
from autoscaler.model.history import Histories, History
from autoscaler.model.lately import lately
from autoscaler.model.observations import ClusterState
from autoscaler.model.recordings import Frame
from autoscaler.model.refs import ClusterName
from autoscaler.model.samples import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, what it says in the words of Kubernetes HPA, and the past as the next one finds it."""

    decision: Decision
    conditions: tuple[Condition, ...]
    kept: History


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one frame led to."""

    cluster: ClusterName
    decided: tuple[Decided, ...]
    bounds: tuple[PoolBounds, ...]


def in_turn(policies: ClusterPolicies, frames: Iterable[Frame]) -> Iterator[Turn]:
    """One turn per frame, in their order."""
    sequence = Sequence(policies)
    return (sequence.turn(frame) for frame in frames)


@dataclass(slots=True)
class Sequence:
    """Decides one frame after the other. What a frame itself tells of the past goes before what was carried on."""

    policies: ClusterPolicies
    _left: dict[str, Decided] = field(default_factory=dict)

    def turn(self, frame: Frame) -> Turn:
        """What the next frame leads to."""
        turn = _turn(self.policies, frame, self._left)
        self._left.update({str(one.decision.workload): one for one in turn.decided})
        return turn


def _turn(policies: ClusterPolicies, frame: Frame, left: dict[str, Decided]) -> Turn:
    observation = frame.observation
    state = None if isinstance(observation.state, Unknown) else observation.state
    resolved = deciding.resolve(policies, state)
    histories = _past(frame, left, state)
    found = deciding.decide(resolved, observation, histories, frame.proposal)
    by_name = {policy.workload: policy for policy in resolved.policies}
    past = {one.subject: one for one in histories.entries}
    decided = tuple(_decided(one, by_name[one.workload], past, left) for one in found)
    return Turn(cluster=policies.cluster, decided=decided, bounds=deciding.bounds(resolved, observation, histories))


def _decided(decision: Decision, policy: Policy, past: dict[str, History], left: dict[str, Decided]) -> Decided:
    subject = str(decision.workload)
    before = left[subject].conditions if subject in left else ()
    return Decided(
        decision=decision,
        conditions=deciding.conditions(decision, policy, before),
        kept=deciding.carried(past.get(subject) or History(subject=subject), decision, policy.behaviour),
    )


def _past(frame: Frame, left: dict[str, Decided], state: ClusterState | None) -> Histories:
    told = frame.histories.entries
    named = {one.subject for one in told}
    carried = tuple(one.kept for subject, one in left.items() if subject not in named)
    histories = Histories((*told, *carried))
    return lately(histories, frame.commitments, state) if state else histories
