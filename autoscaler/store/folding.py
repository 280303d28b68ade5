"""What every store does alike, whatever it keeps its rows in: when a decision is news, how decisions are chained, what is old."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import DecisionRecord, Lease
from autoscaler.errors import LostLeaseError, RefusedError, StoreError
from autoscaler.model.codec import dumps
from autoscaler.model.commitments import StepRecord
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import MINUTE
from autoscaler.model.history import Recommendation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import ClusterName, DecisionId

RETENTION = Duration(30 * 86_400_000)
"""How long the past is kept."""

LOADS = Duration(35 * 86_400_000)
"""How long loads are kept: what forecasts look back over, at most."""

PRUNE_EVERY = Duration(3_600_000)
"""How often what is over the retention is dropped."""

GAP = Duration(120_000)
"""Equal recommendations further apart than this are two runs: nobody knows what would have been said between them."""

IDLE_PLANS = 100
"""How many plans without a step are kept: each speaks of every node that stays, and is kept for whoever asks why."""

Essence = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The same recommendation, and as many ready, from `first` to `last`, tick after tick: kept as one row instead of thousands."""

    first: Instant
    last: Instant
    count: int
    ready: int = 0


def lengthened(run: Run | None, one: Recommendation) -> tuple[Run, ...]:
    """The last run with one more recommendation: itself, longer, or followed by a new one."""
    if run and (run.count, run.ready) == (one.count, one.ready) and run.last <= one.at <= run.last + GAP.ms:
        return (replace(run, last=one.at),)
    new = Run(first=one.at, last=one.at, count=one.count, ready=one.ready)
    return (run, new) if run else (new,)


def told(runs: Iterable[Run], since: Instant) -> tuple[Recommendation, ...]:
    """The ends of each run not older than `since`: a window's highest, lowest, first and last stay what they were."""
    ends = [(max(run.first, since), run.last, run) for run in runs if run.last >= since]
    return tuple(Recommendation(at, run.count, run.ready) for first, last, run in ends for at in dict.fromkeys((first, last)))


def minute_of(at: Instant) -> Instant:
    """When the minute of an instant began: what loads are kept by."""
    return Instant(at - at % MINUTE.ms)


def essence(decision: Decision) -> Essence:
    """What makes a decision news: count, mode, votes, and the codes of all reasons. Numbers of reasons change with every sample."""
    votes = tuple((one.rule, one.vote.kind.value, one.vote.count, _codes(one.vote.reasons)) for one in decision.votes)
    stages = tuple((one.stage.value, _codes(one.reasons)) for one in decision.stages)
    return (decision.policy, decision.mode.value, decision.current, decision.count, votes, stages)


def gist(plan: Plan) -> str:
    """What makes a plan that has nothing to do news, in 64 characters; empty for one that has.

    What it leaves as it is and what it did not do, with the reasons and whom they name: their numbers change with every tick.
    """
    if plan.steps:
        return ""
    counts = tuple((str(one.workload), one.after, _whys(one.reasons)) for one in plan.workloads)
    machines = tuple((one.pool, one.after, _whys(one.reasons)) for one in plan.pools)
    remarks = tuple((one.subject, one.count, _whys(one.reasons)) for one in plan.remarks)
    withheld = tuple((one.step.operation, _whys(one.reasons)) for one in plan.withheld)
    return sha256(repr((counts, machines, remarks, withheld)).encode()).hexdigest()


def fingerprint(decision: Decision) -> str:
    """The essence in 64 characters."""
    return sha256(repr(essence(decision)).encode()).hexdigest()


def linked(before: str, number: DecisionId, decision: Decision) -> str:
    """A decision's place in its cluster's chain: the hash of the one before, a dot, its own hash, which covers the one before."""
    tip = before.rpartition(".")[2]
    own = sha256(f"{tip}\n{number}\n{dumps(decision, kind='decision')}".encode()).hexdigest()
    return f"{tip}.{own}"


def verify_chain(newest_first: Sequence[DecisionRecord]) -> DecisionId | None:
    """The oldest decision that was changed since it was recorded, or whose predecessor is not the one it was chained to; None: all sound.

    Give the decisions of one whole cluster, as `Records.decisions(None)` does. Those over the retention may be gone.
    """
    tip: str | None = None
    for record in reversed(newest_first):
        before = record.chain.partition(".")[0]
        if (tip is not None and before != tip) or linked(before, record.id, record.decision) != record.chain:
            return record.id
        tip = record.chain.rpartition(".")[2]
    return None


def timed(lease: Lease, ttl: Duration, asked: int, *, now: Instant, runtime: Runtime) -> Lease:
    """The lease on the monotonic clock of whoever has just got it: `asked` before the store was, `now` the store's time of its answer."""
    answered = runtime.monotonic()
    started = answered - (now - lease.began) if lease.began else None
    return replace(lease, ends=asked + ttl.ms, started=started)


def lost(cluster: ClusterName, term: int) -> LostLeaseError:
    """Raised when a write comes under a term that is over."""
    return LostLeaseError(
        f"the lease on {cluster} of term {term} is over", hint="another process leads; this one starts anew with the next tick"
    )


def taken(held: Lease) -> RefusedError:
    """Raised when somebody else's lease runs."""
    return RefusedError(f"{held.holder} leads {held.cluster} (term {held.term})", hint="wait for it, or hand it a request")


def unknown_step(record: StepRecord) -> StoreError:
    """Raised when a step is written that no adopted plan holds."""
    return StoreError(f"step {record.planned.id} is in no adopted plan", hint="this is a defect of autoscaler: report it")


def _whys(reasons: tuple[Reason, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((reason.code.value, reason.names) for reason in reasons)


def _codes(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(reason.code.value for reason in reasons)
