"""Replacements that were started by name, where we place each replica ourselves."""

from itertools import islice

from autoscaler.model.commitments import BEGUN, IN_FLIGHT, StepRecord
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.steps import StartReplica
from autoscaler.planning.facts import Facts


def came(facts: Facts, record: StepRecord) -> tuple[ReplicaId, ...]:
    """Whom the step started: by name where its end was journalled, else whoever is seen there and was not before."""
    step, intent = record.planned.step, record.intent
    if intent is None or intent.replicas or not isinstance(step, StartReplica):
        return intent.replicas if intent else ()
    there = (one.id for one in facts.live(step.workload) if one.node == step.node)
    return tuple(replica for replica in there if replica not in intent.before)[:1]


def extra(facts: Facts, ref: WorkloadRef) -> int:
    """How many there are past the count: those that stand beside whom they are to replace, and that no higher count has taken in since."""
    workload = facts.workloads.get(ref)
    return max(0, len(facts.live(ref)) + len(facts.homeless(ref)) - workload.wanted) if workload else 0


def replacing(facts: Facts, ref: WorkloadRef) -> dict[ReplicaId, ReplicaId]:
    """Replicas beside which those stand that are to replace them, and which."""
    live = {one.id for one in facts.live(ref)}
    records = [one for one in facts.request.commitments.records if one.status in BEGUN]
    found = ((old, new) for one in records if (old := _of(one, ref)) in live for new in came(facts, one) if new in live)
    return dict(islice(dict(found).items(), extra(facts, ref)))


def awaited(facts: Facts, ref: WorkloadRef) -> frozenset[ReplicaId]:
    """Replicas in whose place another one was asked for that may still come."""
    records = (one for one in facts.request.commitments.records if one.status in IN_FLIGHT)
    return frozenset(old for one in records if (old := _of(one, ref)) is not None)


def _of(record: StepRecord, ref: WorkloadRef) -> ReplicaId | None:
    step = record.planned.step
    return step.instead_of if isinstance(step, StartReplica) and step.workload == ref else None
