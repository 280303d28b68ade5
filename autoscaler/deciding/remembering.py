"""What a tick adds to the histories, so that the next one can stabilise."""

from autoscaler.model.decisions import Decision
from autoscaler.model.history import Recommendation
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import PoolName

Entry = tuple[str, Recommendation]


def recommendations(decisions: tuple[Decision, ...], needed: tuple[tuple[PoolName, int], ...], at: Instant) -> tuple[Entry, ...]:
    """By history subject: each decision's count before stabilisation, and `needed`, the nodes a plan finds each pool to need."""
    replicas = ((str(one.workload), Recommendation(at, one.recommended, one.ready)) for one in decisions)
    pools = ((f"pool:{pool}", Recommendation(at, count)) for pool, count in needed)
    return (*replicas, *pools)
