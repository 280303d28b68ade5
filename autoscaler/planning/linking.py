"""Operations into a plan's steps: carried ones with their ids, new ones with ids of the new plan."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from itertools import accumulate, chain
from typing import NamedTuple

from autoscaler.model.commitments import OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.content import digest
from autoscaler.model.plans import Plan, PlannedStep, Withheld
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import PlanId, PoolName, StepId
from autoscaler.model.steps import Fence, Purpose, ReleaseInstance, SetReplicas
from autoscaler.planning.drafts import Draft, DraftStep
from autoscaler.planning.facts import Facts
from autoscaler.planning.implying import ends_early, outlasting, terse

NO_ID = PlanId("p-")
"""Before the content is known. Steps are numbered under it and renamed once it is."""

NO_NAME = StepId("")
"""Of a step that has no place among the others yet."""

GROW = "grow "
"""How operations that launch machines are called, before the pool's name."""


def carried(facts: Facts, kept: dict[str, tuple[PlannedStep, ...]]) -> tuple[PlannedStep, ...]:
    """Steps of the current plan that go on: waiting for nothing that is no longer planned; changes count from the count of now."""
    records = facts.request.commitments.records
    waits = outlasting({one.id for steps in kept.values() for one in steps}, records)
    waiting = {one.planned.id for one in records if one.intent is None}
    steps = (one for steps in kept.values() for one in steps)
    return tuple(_carry(facts, one, waits(one.after), fresh=one.id in waiting) for one in steps)


def linked(drafts: Sequence[Draft], before: Iterable[PlannedStep], commitments: Commitments, first: int = 1) -> tuple[PlannedStep, ...]:
    """The drafts' steps, numbered from `first`, each after all it waits for."""
    pieces, names = _pieces(terse(drafts), _ends_of_carried(before, commitments))
    pieces.sort(key=lambda one: not isinstance(one.drafted.step, Fence))  # before anything new may land there
    own = [-1] * len(names)
    for place, one in enumerate(pieces):
        own[one.number] = place
    ordered = [pieces[place] for place in _in_order([[own[before] for before in one.after] for one in pieces])]
    for place, one in enumerate(ordered, first):
        names[one.number] = _id(place)
    return tuple(_planned(one, names) for one in ordered)


def together(
    before: tuple[PlannedStep, ...], fresh: tuple[PlannedStep, ...], commitments: Commitments, short: Container[PoolName]
) -> tuple[PlannedStep, ...]:
    """Carried steps and new ones as one plan: what waited for a growth that is planned anew waits for that.

    `short`: pools that all closes together leave too small: none of their machines is given back before they have grown.
    """
    grown = (_ends(one for one in steps if one.operation.startswith(GROW)) for steps in (_of_carried(before, commitments), fresh))
    ends = {name: found for some in grown for name, found in some.items()}
    old = {one.planned.id: one for one in commitments.records}
    carried = {one.id for one in before}
    waiting = tuple(_after_growth(one, _others(old[one.id], old, carried), ends, old, short) for one in before) if ends else before
    return before + fresh if waiting == before else _sorted(waiting + fresh)


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
    name = PlanId("p-" + digest(plan)[:12])
    planned = (*plan.steps, *(one.step for one in plan.withheld))
    names = {one.id: StepId(name + one.id[len(NO_ID) :]) for one in planned if one.id.startswith(f"{NO_ID}.")}
    steps = tuple(_rename(one, names) for one in plan.steps)
    out = tuple(Withheld(step=_rename(one.step, names), reasons=one.reasons) for one in plan.withheld)
    return replace(plan, id=name, steps=steps, withheld=out)


def _rename(planned: PlannedStep, names: dict[StepId, StepId]) -> PlannedStep:
    return planned._replace(id=names.get(planned.id, planned.id), after=tuple(map(names.get, planned.after, planned.after)))


def _carry(facts: Facts, planned: PlannedStep, after: tuple[StepId, ...], *, fresh: bool) -> PlannedStep:
    step = planned.step
    # A surge is given back from the count it was booked in: whoever changed that since is seen only while the step remembers it.
    counts_anew = fresh and isinstance(step, SetReplicas) and step.purpose is not Purpose.GIVE_BACK
    if counts_anew and isinstance(step, SetReplicas) and step.workload in facts.workloads:
        step = replace(step, seen=facts.workloads[step.workload].wanted)
    return planned if (after, step) == (planned.after, planned.step) else planned._replace(after=after, step=step)


def _others(record: StepRecord, old: dict[StepId, StepRecord], carried: Container[StepId]) -> set[str]:
    """Other operations that it waited for; beyond one that is given up also those that one waited for."""
    looking, names = list(record.planned.after), set[str]()
    for one in looking:  # grows as it goes
        found = old.get(one)
        if found and found.status in OPEN and found.planned.operation != record.planned.operation:
            names.add(found.planned.operation)
            looking += [] if one in carried else [before for before in found.planned.after if before not in looking]
    return names


def _after_growth(
    planned: PlannedStep, names: set[str], ends: dict[str, tuple[StepId, ...]], old: dict[StepId, StepRecord], short: Container[PoolName]
) -> PlannedStep:
    record = old[planned.id]
    if record.status is not StepStatus.WAITING:
        return planned
    if isinstance(planned.step, ReleaseInstance) and planned.step.pool in short:
        names.add(f"{GROW}{planned.step.pool}")
    more = (end for name in sorted(names & ends.keys()) for end in ends[name])
    after = tuple(dict.fromkeys((*planned.after, *more)))
    return planned if after == planned.after else planned._replace(after=after)


def _sorted(steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """As they are, but for those that wait for a later one."""
    place = {one.id: number for number, one in enumerate(steps)}
    return tuple(steps[one] for one in _in_order([[place[before] for before in one.after if before in place] for one in steps]))


def _ends_of_carried(steps: Iterable[PlannedStep], commitments: Commitments) -> dict[str, tuple[StepId, ...]]:
    return _ends(_of_carried(steps, commitments))


def _of_carried(steps: Iterable[PlannedStep], commitments: Commitments) -> list[PlannedStep]:
    open_ids = {one.planned.id for one in commitments.records if one.status in OPEN}
    return [one for one in steps if one.id in open_ids]


def _ends(steps: Iterable[PlannedStep]) -> dict[str, tuple[StepId, ...]]:
    """Of each operation, the steps that no other of its own waits for."""
    found = tuple(steps)
    waited = {(one.operation, before) for one in found for before in one.after}
    ends: dict[str, tuple[StepId, ...]] = {}
    for one in found:
        if (one.operation, one.id) not in waited:
            ends[one.operation] = (*ends.get(one.operation, ()), one.id)
    return ends


# A named tuple: a plan that closes hundreds of machines has thousands.
class _Piece(NamedTuple):
    """A drafted step, its `number` among all of them, and the numbers of what it waits for."""

    number: int
    draft: Draft
    drafted: DraftStep
    after: tuple[int, ...]


def _pieces(drafts: Sequence[Draft], carried_ends: dict[str, tuple[StepId, ...]]) -> tuple[list[_Piece], list[StepId]]:
    """Each step, and by number the names of all: carried ones come last and have theirs already."""
    *starts, count = accumulate((len(one.steps) for one in drafts), initial=0)
    names = [NO_NAME] * count
    ends: dict[str, tuple[int, ...]] = {}
    for operation, found in carried_ends.items():
        ends[operation] = tuple(range(len(names), len(names) + len(found)))
        names += found
    for draft, start in zip(drafts, starts, strict=True):
        ends[draft.operation] = (*ends.get(draft.operation, ()), *_ends_of_draft(draft, start))
    fences = {draft.operation: start for draft, start in zip(drafts, starts, strict=True) if _fences(draft)}
    shut = {one.fenced for draft in drafts for one in draft.steps}
    fenced = {some: [fences[name] for name in some if name in fences] for some in shut}
    return [piece for draft, start in zip(drafts, starts, strict=True) for piece in _pieces_of(draft, start, ends, fenced)], names


def _pieces_of(draft: Draft, start: int, ends: dict[str, tuple[int, ...]], fenced: dict[tuple[str, ...], list[int]]) -> Iterator[_Piece]:
    for number, one in enumerate(draft.steps, start):
        own = [start + before for before in one.after if before < len(draft.steps)]  # a guard may have left some of them out
        others = chain.from_iterable([ends[name] for name in one.needs if name in ends])
        yield _Piece(number=number, draft=draft, drafted=one, after=tuple(dict.fromkeys([*own, *others, *fenced[one.fenced]])))


def _ends_of_draft(draft: Draft, start: int) -> tuple[int, ...]:
    """The steps none of its own waits for; of one that opens a node again, the opening."""
    if ends_early(draft):
        return (start,)
    waited = {place for one in draft.steps for place in one.after}
    return tuple(start + place for place in range(len(draft.steps)) if place not in waited)


def _fences(draft: Draft) -> bool:
    return bool(draft.steps) and isinstance(draft.steps[0].step, Fence)


def _planned(piece: _Piece, names: list[StepId]) -> PlannedStep:
    one, first = piece.drafted, piece.drafted is piece.draft.steps[0]
    return PlannedStep(
        id=names[piece.number],
        step=one.step,
        operation=piece.draft.operation,
        after=tuple(map(names.__getitem__, piece.after)),
        timeout=one.timeout,
        reasons=one.reasons or (piece.draft.reasons if first else ()),
    )


def _in_order(waits: list[list[int]]) -> Iterable[int]:
    """Places of steps as they are, but for those that wait for one of a later place. What is below 0 is not among them."""
    if all(place > max(before, default=-1) for place, before in enumerate(waits)):
        return range(len(waits))
    waits = [[one for one in before if one >= 0] for before in waits]
    followers: list[list[int]] = [[] for _ in waits]
    for place, before in enumerate(waits):
        for one in before:
            followers[one].append(place)
    return _order(waits, followers)


def _order(waits: list[list[int]], followers: list[list[int]]) -> Iterator[int]:
    """The first of those that wait for nothing any more, again and again; where all wait for each other, the first of them."""
    waiting = [len(before) for before in waits]
    ready = [place for place, many in enumerate(waiting) if not many]
    left = dict.fromkeys(range(len(waits)))
    while left:
        place = heappop(ready) if ready else next(iter(left))
        del left[place]
        yield place
        for one in followers[place]:
            waiting[one] -= 1
            if not waiting[one] and one in left:
                heappush(ready, one)


def _id(number: int) -> StepId:
    return StepId(f"{NO_ID}.{number}")
