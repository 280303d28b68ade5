"""What a tick adds to the histories, so that the next one can stabilise."""

from autoscaler.model.decisions import Decision
from autoscaler.model.history import Note, Recommendation
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import PoolName

Entry = tuple[str, Recommendation]
Noted = tuple[str, tuple[Note, ...]]


def recommendations(decisions: tuple[Decision, ...], needed: tuple[tuple[PoolName, int], ...], at: Instant) -> tuple[Entry, ...]:
    """By history subject: each decision's count before stabilisation, and `needed`, the nodes a plan finds each pool to need."""
    replicas = ((str(one.workload), Recommendation(at, one.recommended, one.ready)) for one in decisions)
    pools = ((f"pool:{pool}", Recommendation(at, count)) for pool, count in needed)
    return (*replicas, *pools)


def notes(decisions: tuple[Decision, ...]) -> tuple[Noted, ...]:
    """By history subject, what its rules ask to be told with their next vote; subjects whose rules ask for nothing are left out."""
    noted = ((str(one.workload), notes_of(one)) for one in decisions)
    return tuple((subject, found) for subject, found in noted if found)


def notes_of(decision: Decision) -> tuple[Note, ...]:
    """The notes of one decision's votes."""
    return tuple(Note(one.rule, decision.at, one.vote.note) for one in decision.votes if one.vote.note)
