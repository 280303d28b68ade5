"""The operations that take replicas to better places, on request, where we choose the place of each.

One per replica: another starts on the chosen node -> wait until it serves -> the old one out of traffic -> stop it. No more of a workload
at once than its surge; who needs the room that another leaves waits until that one has gone.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from autoscaler.model.plans import Remark
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, ReplicaId, WorkloadRef
from autoscaler.model.steps import AwaitHealthy, JoinTraffic, LeaveTraffic, StartReplica, Step, StopReplica
from autoscaler.placement import Problem, Relocation
from autoscaler.planning.closing import as_moves
from autoscaler.planning.drafts import MARGIN, QUICK, START, Draft, DraftStep, last
from autoscaler.planning.facts import Facts
from autoscaler.planning.placing import leaving_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalanced:
    """Operations, what stays as it is and why, and rounds of search done."""

    drafts: tuple[Draft, ...] = ()
    remarks: tuple[Remark, ...] = ()
    rounds: int = 0


def relocate(facts: Facts, problem: Problem, movable: frozenset[WorkloadRef], most: int, how: str) -> Rebalanced:
    """At most `most` moves of these workloads; `how`: by which recipe."""
    from autoscaler.placement.rebalancing.spreading import spread  # brings compiled code with it

    found = spread(problem, movable, most)
    drafting, drafts = _Drafting(facts), list[Draft]()
    for one in found.moves:
        before = tuple(drafts[place].operation for place in one.after)
        reason = _why(one.workload, one.source, one.target, facts, mends=one.workload in found.mending)
        move = Relocation(workload=one.workload, count=1, source=one.source, target=one.target)
        draft = Draft(
            operation=f"rebalance {one.workload} {drafting.next_of(one.workload, one.source)}",
            steps=drafting.steps(move),
            workloads=(one.workload,),
            moves=as_moves(facts, (move,), how),
            reasons=(reason,),
        )
        drafts.append(draft.needing(before))
    remarks = [Remark(subject=str(one.workload), reasons=(why,)) for one, why in found.dropped]
    if found.rounds and not found.compiled:
        why = Reason(Code.SEARCHED_PLAINLY, (found.rounds,), "rounds")
        remarks.append(Remark(subject=facts.request.observation.cluster, reasons=(why,)))
    return Rebalanced(drafts=tuple(drafts), remarks=tuple(remarks), rounds=found.rounds)


def _why(ref: WorkloadRef, source: str, target: str, facts: Facts, *, mends: bool) -> Reason:
    names = (str(ref), facts.nodes[source].name, facts.nodes[target].name)
    return Reason(Code.MENDS_RULE if mends else Code.EVENS_LOAD, names=names)


@dataclass(slots=True)
class _Drafting:
    """`taken`: how many were chosen already of a workload on a node."""

    facts: Facts
    taken: Counter[tuple[WorkloadRef, str]] = field(default_factory=Counter)
    queues: dict[tuple[WorkloadRef, str], list[ReplicaId]] = field(default_factory=lambda: defaultdict(list))

    def next_of(self, ref: WorkloadRef, source: str) -> ReplicaId:
        """Who goes next from there: what serves least and came last."""
        queue = self.queues[ref, source]
        if not queue:
            there = {one.id for one in self.facts.live(ref) if one.node and one.node.id == source}
            queue += [one for one in leaving_order(self.facts, ref) if one in there]
        return queue[self.taken[ref, source]]

    def steps(self, move: Relocation) -> tuple[DraftStep, ...]:
        """Of the next one."""
        ref, facts = move.workload, self.facts
        availability, off, replica = facts.availability(ref), facts.nodes[move.source].ref, self.next_of(ref, move.source)
        new = StartReplica(workload=ref, node=facts.nodes[move.target].ref, instead_of=replica)
        chain: list[tuple[Step, Duration]] = [(new, START), (self._serves(move, off), START)]
        if availability.traffic:
            leave = LeaveTraffic(workload=ref, traffic=availability.traffic, replicas=(replica,))
            chain.append((leave, Duration(availability.drain.ms + MARGIN.ms)))
        chain.append((StopReplica(workload=ref, replica=replica), QUICK))
        self.taken[ref, move.source] += 1
        steps = list[DraftStep]()
        for step, timeout in chain:
            steps.append(DraftStep(step=step, after=last(steps), timeout=timeout))
        return tuple(steps)

    def _serves(self, move: Relocation, off: NodeRef) -> Step:
        """One more than serve elsewhere now, beside those that went from there before. Whoever is ill already is not waited for."""
        ref, facts = move.workload, self.facts
        elsewhere = sum(one.id in facts.serving[ref] and one.node != off for one in facts.live(ref))
        count, traffic = elsewhere + self.taken[ref, move.source] + 1, facts.availability(ref).traffic
        if traffic is None:
            return AwaitHealthy(workload=ref, count=count, off=off)
        return JoinTraffic(workload=ref, traffic=traffic, count=count, off=off)
