"""Operations into a plan's steps: carried ones with their ids, new ones with ids of the new plan."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from heapq import heappop, heappush

from autoscaler.model.codec import encode
from autoscaler.model.commitments import OPEN, Commitments
from autoscaler.model.plans import Plan, PlannedStep, Withheld
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import PlanId, StepId
from autoscaler.model.steps import Fence, Purpose, SetReplicas
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts

NO_ID = PlanId("p-")
"""Before the content is known. Steps are numbered under it and renamed once it is."""


def carried(facts: Facts, kept: dict[str, tuple[PlannedStep, ...]]) -> tuple[PlannedStep, ...]:
    """Steps of the current plan that go on: waiting for nothing that is no longer planned; changes count from the count of now."""
    ids = {one.id for steps in kept.values() for one in steps}
    waiting = {one.planned.id for one in facts.request.commitments.records if one.intent is None}
    steps = (one for steps in kept.values() for one in steps)
    return tuple(_carry(facts, one, ids, fresh=one.id in waiting) for one in steps)


def linked(drafts: Sequence[Draft], before: Iterable[PlannedStep], commitments: Commitments, first: int = 1) -> tuple[PlannedStep, ...]:
    """The drafts' steps, numbered from `first`, each after all it waits for."""
    starts: dict[str, int] = {}
    number = first
    for draft in drafts:
        starts[draft.operation] = number
        number += len(draft.steps)
    ends = _ends_of_carried(before, commitments)
    for draft in drafts:
        ends.setdefault(draft.operation, ())
        ends[draft.operation] += _ends(draft, starts[draft.operation])
    fences = {draft.operation: _id(starts[draft.operation]) for draft in drafts if _fences(draft)}
    steps = [step for draft in drafts for step in _steps(draft, starts[draft.operation], ends, fences)]
    steps.sort(key=lambda one: not isinstance(one.step, Fence))  # before anything new may land there
    return _numbered(_in_order(steps), first)


def withheld(out: Iterable[tuple[Draft, tuple[Reason, ...]]], commitments: Commitments, first: int) -> tuple[Withheld, ...]:
    """What guards took out, as the steps they would have been."""
    found: list[Withheld] = []
    for draft, reasons in out:
        steps = linked([draft], (), commitments, first)
        first += len(steps)
        found += [Withheld(step=one, reasons=reasons) for one in steps]
    return tuple(found)


def named(plan: Plan) -> Plan:
    """The plan under the id its content gives it, and its steps under that."""
    text = repr(encode(plan, Plan))
    name = PlanId("p-" + hashlib.sha256(text.encode()).hexdigest()[:12])
    planned = (*plan.steps, *(one.step for one in plan.withheld))
    names = {one.id: StepId(name + one.id[len(NO_ID) :]) for one in planned if one.id.startswith(f"{NO_ID}.")}
    steps = tuple(_rename(one, names) for one in plan.steps)
    out = tuple(replace(one, step=_rename(one.step, names)) for one in plan.withheld)
    return replace(plan, id=name, steps=steps, withheld=out)


def _rename(planned: PlannedStep, names: dict[StepId, StepId]) -> PlannedStep:
    return replace(planned, id=names.get(planned.id, planned.id), after=tuple(names.get(one, one) for one in planned.after))


def _carry(facts: Facts, planned: PlannedStep, ids: set[StepId], *, fresh: bool) -> PlannedStep:
    after = tuple(one for one in planned.after if one in ids)
    step = planned.step
    # A surge is given back from the count it was booked in: whoever changed that since is seen only while the step remembers it.
    counts_anew = fresh and isinstance(step, SetReplicas) and step.purpose is not Purpose.GIVE_BACK
    if counts_anew and isinstance(step, SetReplicas) and step.workload in facts.workloads:
        step = replace(step, seen=facts.workloads[step.workload].wanted)
    return planned if (after, step) == (planned.after, planned.step) else replace(planned, after=after, step=step)


def _ends_of_carried(steps: Iterable[PlannedStep], commitments: Commitments) -> dict[str, tuple[StepId, ...]]:
    open_ids = {one.planned.id for one in commitments.records if one.status in OPEN}
    going = [one for one in steps if one.id in open_ids]
    ends: dict[str, tuple[StepId, ...]] = {}
    for one in going:
        waited = any(one.id in other.after for other in going if other.operation == one.operation)
        if not waited:
            ends[one.operation] = (*ends.get(one.operation, ()), one.id)
    return ends


def _ends(draft: Draft, start: int) -> tuple[StepId, ...]:
    """The steps none of its own waits for; of one that opens a node again, the opening."""
    if draft.verb in ("undo", "mend") and draft.node:
        return (_id(start),)
    waited = {place for one in draft.steps for place in one.after}
    return tuple(_id(start + place) for place in range(len(draft.steps)) if place not in waited)


def _fences(draft: Draft) -> bool:
    return bool(draft.steps) and isinstance(draft.steps[0].step, Fence)


def _steps(draft: Draft, start: int, ends: dict[str, tuple[StepId, ...]], fences: dict[str, StepId]) -> Iterable[PlannedStep]:
    for place, one in enumerate(draft.steps):
        own = [_id(start + before) for before in one.after]
        others = [step for name in one.needs for step in ends.get(name, ())]
        fenced = [fences[name] for name in one.fenced if name in fences]
        yield PlannedStep(
            id=_id(start + place),
            step=one.step,
            operation=draft.operation,
            after=tuple(dict.fromkeys([*own, *others, *fenced])),
            timeout=one.timeout,
            reasons=one.reasons or (draft.reasons if place == 0 else ()),
        )


def _in_order(steps: list[PlannedStep]) -> list[PlannedStep]:
    """As drafted, but for steps that wait for one of a later operation."""
    own = {one.id: place for place, one in enumerate(steps)}
    waits = [{own[before] for before in one.after if before in own} for one in steps]
    followers: list[list[int]] = [[] for _ in steps]
    for place, before in enumerate(waits):
        for one in before:
            followers[one].append(place)
    ready = [place for place, before in enumerate(waits) if not before]
    left, ordered = dict.fromkeys(range(len(steps))), list[PlannedStep]()
    while left:
        place = heappop(ready) if ready else next(iter(left))
        del left[place]
        ordered.append(steps[place])
        for one in followers[place]:
            waits[one].discard(place)
            if not waits[one] and one in left:
                heappush(ready, one)
    return ordered


def _numbered(steps: list[PlannedStep], first: int) -> tuple[PlannedStep, ...]:
    names = {one.id: _id(first + place) for place, one in enumerate(steps)}
    return tuple(replace(one, id=names[one.id], after=tuple(names.get(before, before) for before in one.after)) for one in steps)


def _id(number: int) -> StepId:
    return StepId(f"{NO_ID}.{number}")
