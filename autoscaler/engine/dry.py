"""needs -> observe -> decide -> plan + guard: the dry half of a tick, made from readers alone.

Whatever runs dry stops here, and so never loads a writer: execution is not imported, not even for its types.
"""

from dataclasses import dataclass, replace

from autoscaler import deciding, observing, planning
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Store
from autoscaler.engine.handover import asked_drains, asked_reopens
from autoscaler.model.arrivals import awaited
from autoscaler.model.commitments import NO_COMMITMENTS, Commitments
from autoscaler.model.decisions import Decision, PoolBounds
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Histories
from autoscaler.model.lately import lately
from autoscaler.model.notices import warned
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.recordings import Frame
from autoscaler.model.refusals import stocked
from autoscaler.model.samples import Unknown
from autoscaler.placement import KeepGoing, always

DEADLINE = Duration(10_000)
"""All reads of a tick end by then; what did not is unknown."""

SEARCH = Duration(5000)
"""How long it is looked for machines to spare; seconds are for clusters of ten thousand of them, all others have searched to the end."""

MEMORY = Duration(2 * 3600 * 1000)
"""How far back histories are read: the longest rate-limit period (one hour) and any sane window, twice over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the store knows, as arguments; all empty before a first tick."""

    histories: Histories = Histories()
    commitments: Commitments = NO_COMMITMENTS
    freezes: tuple[Freeze, ...] = ()
    drains: frozenset[str] = frozenset()
    reopens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """The pure half of a tick: what was seen, decided and planned, and on which past. `request`: what planning was asked.

    `own`: what we would have thought, where a plan agreed to beforehand is carried out instead.
    """

    policies: ClusterPolicies
    past: Past
    observation: Observation
    decisions: tuple[Decision, ...]
    bounds: tuple[PoolBounds, ...]
    request: planning.PlanRequest
    plan: Plan
    own: "Thought | None" = None

    @property
    def frame(self) -> Frame:
        """This tick, as a recording keeps it: our own thought, for that is what its arguments lead to."""
        if self.own is not None:
            return self.own.frame
        return Frame(
            observation=self.observation,
            histories=self.past.histories,
            commitments=self.past.commitments,
            freezes=self.past.freezes,
            drains=tuple(sorted(self.past.drains)),
            reopens=tuple(sorted(self.past.reopens)),
            decisions=self.decisions,
            plan=self.plan,
        )


def recall(store: Store, policies: ClusterPolicies, now: Instant) -> Past:
    """The past of one cluster."""
    records, pending = store.records(policies.cluster), store.requests(policies.cluster).pending()
    return Past(
        histories=_watched(records.histories(Instant(now - MEMORY.ms)), now),
        commitments=store.journal(policies.cluster).commitments(),
        freezes=tuple(freeze for freeze in records.freezes() if freeze.holds(now)),
        drains=asked_drains(pending),
        reopens=asked_reopens(pending),
    )


def _watched(histories: Histories, now: Instant) -> Histories:
    """What is remembered begins with the first recommendation; whatever is older was not watched, or is not read back."""
    first = ((one, one.recommendations[0].at if one.recommendations else now) for one in histories.entries)
    return Histories(tuple(replace(one, watched=at) for one, at in first))


def look(eyes: observing.Eyes, policies: ClusterPolicies, deadline: Duration) -> Observation:
    """Needs -> observe: every read of the cluster, in parallel, under one deadline."""
    return observing.observe(eyes, policies, lambda state: deciding.needs(policies, state), deadline)


def patience(runtime: Runtime) -> KeepGoing:
    """Until it is time to act, however many candidates are left."""
    ends = runtime.monotonic() + SEARCH.ms
    return lambda _: runtime.monotonic() < ends


def think(
    policies: ClusterPolicies,
    observation: Observation,
    past: Past,
    rebalance: planning.Rebalance | None = None,
    keep_going: KeepGoing = always,
) -> Thought:
    """Decide -> plan + guard: pure, the same input gives the same bytes. `rebalance`: plan that and nothing else.

    `keep_going`: as placement's; only whoever has a clock ties it to one.
    """
    stock = stocked(observation, past.histories, past.commitments.records)
    observation = awaited(warned(stock, past.histories), past.histories, policies.patience)
    state = observation.state
    resolved = policies if isinstance(state, Unknown) else deciding.resolve(policies, state)
    known = lately(past.histories, past.commitments, state)
    decisions = deciding.decide(resolved, observation, known)
    bounds = deciding.bounds(resolved, observation, known)
    request = planning.PlanRequest(
        observation=observation,
        decisions=decisions,
        policies=resolved,
        bounds=bounds,
        histories=past.histories,
        commitments=past.commitments,
        freezes=past.freezes,
        drains=past.drains,
        reopens=past.reopens,
        undecided=deciding.undecided(policies, observation),
        rebalance=rebalance,
    )
    return Thought(
        policies=resolved,
        past=past,
        observation=observation,
        decisions=decisions,
        bounds=bounds,
        request=request,
        plan=planning.plan(request, keep_going),
    )


def past_of(frame: Frame) -> Past:
    """What the store knew when the tick was recorded."""
    return Past(
        histories=frame.histories,
        commitments=frame.commitments,
        freezes=frame.freezes,
        drains=frozenset(frame.drains),
        reopens=frozenset(frame.reopens),
    )


def rethink(policies: ClusterPolicies, frame: Frame) -> Thought:
    """What `think` makes of a recorded tick; where that had no time to search to the end, with as many rounds as it had."""
    found = think(policies, frame.observation, past_of(frame))
    had = frame.plan.rounds if frame.plan else found.plan.rounds
    if found.plan.rounds <= had:
        return found
    return think(policies, frame.observation, past_of(frame), keep_going=lambda rounds: rounds < had)
