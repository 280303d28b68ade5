"""Which machines could go: any whose replicas all find a place elsewhere, with the room their move takes meanwhile."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.rows import rows
from autoscaler.placement.answer import Relocation
from autoscaler.placement.fitting import fit, starved
from autoscaler.placement.keeping import breaks, broken, hindrance, kept_best
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.naming import named, names
from autoscaler.placement.problem import OPEN, HostState, Load, Resident


def surge_for(load: Load, serving: int) -> int:
    """Extra replicas needed so that `serving` of them may leave at once: what the floor would miss."""
    return 0 if load.gap or not load.doubles else max(0, serving - max(load.spare, 0))


def stuck(ledger: Ledger, key: str, residents: Iterable[Resident]) -> tuple[Reason, ...]:
    """Why what stands there cannot be moved, wherever there is room.

    Surges asked for already, standing or still to come, are for machines that are being closed: another one cannot count on them, for they
    go when those have.
    """
    begun = ledger.hosts[key].state is HostState.CLOSING
    loads = ((ledger.loads[one.workload], one) for one in residents)
    return tuple(reason for load, one in loads for reason in _stuck(load, one, 0 if begun else load.lent))


def immovable(ledger: Ledger, residents: Iterable[Resident]) -> tuple[Reason, ...]:
    """Why what stands there may not be moved at all, floors or not."""
    return tuple(reason for one in residents for reason in ledger.loads[one.workload].stuck)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """What moves, extra replicas meanwhile (which, how many, where), and workloads whose surge and replacements do not both fit."""

    moves: tuple[Relocation, ...] = ()
    surges: tuple[tuple[WorkloadRef, int, str], ...] = ()
    tight: tuple[WorkloadRef, ...] = ()


def empty(
    ledger: Ledger,
    key: str,
    residents: list[Resident],
    booked: Counter[WorkloadRef],
    *,
    into: tuple[HostState, ...] = OPEN,
    spread: bool,
    hoping: bool = False,
) -> Emptied | Reason:
    """Move all of it off `key`, on the ledger; or why not, with ledger and `booked` half changed: try it on copies.

    A moved replica counts on both machines. Where its scheduler keeps requests free, what does not fit beside the surge waits
    unharmed until that is given back; else both must fit. Surges stay in the ledger: two machines emptied side by side need the
    room of both. `booked`: surges that stand already, which this uses up.

    Where somebody else places, what declares nothing must have room everywhere, wherever the rest of what moves may land; or begun, it
    could not be ended. `hoping`: it will land well.
    """
    moving = [*(one.workload for one in residents), *ledger.hosts[key].daemons]
    _end_daemons(ledger, key, taken=True)
    before = broken(ledger, moving)
    ledger.set_state(key, HostState.LEAVING)
    tasks = _begun(ledger, residents, booked)
    wary = _starving(ledger, tasks, into) if spread and not hoping else None
    if wary:
        return Reason(Code.REPLICAS_FIT_NOWHERE_ELSE, (wary.one.count,), "replicas", (str(wary.load.workload),))
    # In the order it happens: all surges, then what must come back, then what may wait for the surges to go.
    for part in (0, 1, 2):
        ledger.count_leaving(but=key if spread and part else None)
        for task in (one for one in tasks if one.counts[part]):
            went = fit(ledger, task.load, task.counts[part], into, spread=spread)
            if part < OPTIONAL and (left := task.counts[part] - went.total()):
                return _nowhere(ledger, task, part, left)
            task.land(went)
        if before and not part:
            before = kept_best(before, broken(ledger, moving))
    ledger.count_leaving()
    # What stands there counts for the rules of all until it has gone; when it has, they must be kept to no less than before, and than
    # with the surges: once these stand, it is from there that the same is asked again.
    for task in tasks:
        ledger.put(task.load.workload, key, -task.one.count)
    _end_daemons(ledger, key, taken=False)
    if before and (why := breaks(before, broken(ledger, moving))):
        return why
    return _emptied(ledger, key, tasks)


def _emptied(ledger: Ledger, key: str, tasks: list["_Task"]) -> Emptied:
    """What became of all of it; room of surges is given back once all is done."""
    moves, surges, tight = list[Relocation](), list[tuple[WorkloadRef, int, str]](), list[WorkloadRef]()
    for task in tasks:
        found = task.went.total()
        over = surplus(task.one.count, task.went) if found > task.one.count else None
        for target, count in over.items() if over else ():
            ledger.lend(task.load.workload, target, count)
            surges.append((task.load.workload, count, target))
        moves += relocations(ledger, task.load, key, task.went - over if over else task.went)
        if found < sum(task.counts):
            tight.append(task.load.workload)
    return Emptied(moves=tuple(moves), surges=tuple(surges), tight=tuple(tight))


def sought_first(ledger: Ledger, residents: list[Resident], booked: Counter[WorkloadRef]) -> tuple[Load, int, Code] | None:
    """What `empty` would look places for before all else, how many, and what it says where too few are found; None where more decides."""
    tasks = [_task(ledger, one, booked) for one in residents]
    if not all(task.load.sure for task in tasks):
        return None
    needs = ((task, part) for part in range(OPTIONAL) for task in tasks if task.counts[part])
    return next(((task.load, task.counts[part], _why_not(task, part)) for task, part in needs), None)


def _end_daemons(ledger: Ledger, key: str, *, taken: bool) -> None:
    """Where its cloud takes the machine they are lost whatever we do, so that breaks no rule of our doing."""
    if taken is (ledger.hosts[key].ends_at is not None):
        ledger.count_daemons(key, -1)


OPTIONAL = 2
"""The last of a task's counts: what may wait."""


@dataclass(slots=True, kw_only=True)
class _Task:
    """One workload on the machine: `counts` are its surge, what must find room beside it, and what may wait until it is given back.

    `stands`: of its surge, what is there already.
    """

    one: Resident
    load: Load
    counts: tuple[int, int, int]
    stands: int
    went: Counter[str] = field(default_factory=Counter)

    def land(self, went: Counter[str]) -> None:
        """So many more of it went there."""
        self.went = self.went + went if self.went else went


def _starving(ledger: Ledger, tasks: list["_Task"], into: tuple[HostState, ...]) -> "_Task | None":
    """One that declares nothing, for which the others could leave too little room on some machine it may come to."""
    if all(task.load.sure for task in tasks):
        return None
    coming = [(task.load, task.load.shape.requests) for task in tasks if task.load.sure for _ in range(sum(task.counts))]
    for task in (one for one in tasks if not one.load.sure and coming):
        needed = task.load.shape.requests.times(sum(task.counts))
        for key in ledger.open_for(task.load, into):
            allowed = [requests for load, requests in coming if ledger.allows(load, key)]
            if needed.fits(ledger.room(key)) and starved(ledger.room(key), allowed, needed):
                return task
    return None


def _begun(ledger: Ledger, residents: list[Resident], booked: Counter[WorkloadRef]) -> list[_Task]:
    """A task for each, which use up surges that stand."""
    tasks = [_task(ledger, one, booked) for one in residents]
    for task in tasks:
        booked[task.load.workload] -= task.stands
    return tasks


def _task(ledger: Ledger, one: Resident, booked: Counter[WorkloadRef]) -> _Task:
    load = ledger.loads[one.workload]
    stands = min(booked[one.workload], one.count) if load.sure else 0
    extra = surge_for(load, one.serving)
    covered = min(one.count, extra + stands) if load.sure else 0
    # What replaces a surge that stands is tried as before it stood, where rules depend on where it comes.
    optional = covered if load.doubles and ledger.relations.concerned((one.workload,)) else covered - stands
    counts = (extra, one.count - covered, optional if load.sure else 0)
    return _Task(one=one, load=load, counts=counts, stands=stands)


def _nowhere(ledger: Ledger, task: _Task, part: int, left: int) -> Reason:
    """Why so many of it found no place."""
    return hindrance(ledger, task.load) or Reason(_why_not(task, part), (left,), "replicas", (str(task.load.workload),))


def _why_not(task: _Task, part: int) -> Code:
    """A host port with one place left could move, if it may be away meanwhile."""
    if task.load.shape.host_ports and sum(task.counts) > task.one.count:
        return Code.GAP_NOT_ALLOWED
    return Code.SURGE_FITS_NOWHERE if part == 0 and task.counts[0] else Code.REPLICAS_FIT_NOWHERE_ELSE


def relocations(ledger: Ledger, load: Load, source: str, went: Counter[str]) -> list[Relocation]:
    """What moves there, one for each target."""
    found, workload = [(target, went[target]) for target in sorted(went) if went[target]], load.workload
    if not names(ledger):
        targets, counts = zip(*found, strict=True) if found else ((), ())
        return rows(Relocation, repeat(workload), counts, repeat(source), targets, repeat(()))
    return [Relocation(workload, count, source, target, named(ledger, load, target, count)) for target, count in found]


def surplus(stays: int, went: Counter[str]) -> Counter[str]:
    """What found room there beside the replicas that come to stay: surges, which are given back."""
    if went.total() <= stays:
        return Counter()
    left, extra = stays, Counter[str]()
    for target, count in sorted(went.items()):
        here = min(count, left)
        left, extra[target] = left - here, count - here
    return +extra


def _stuck(load: Load, one: Resident, lent: int) -> tuple[Reason, ...]:
    """`lent`: how many of the spare replicas others wait for."""
    if load.stuck or load.gap or not one.serving:
        return load.stuck
    if load.spare < 0:
        return (Reason(Code.FLOOR_BROKEN, (-load.spare,), "replicas", (str(load.workload),)),)
    needed = one.serving - max(0, load.spare - lent)
    needed = needed if load.doubles else min(1, needed)
    if needed > load.surge:
        return (Reason(Code.SURGE_TOO_SMALL, (needed, load.surge), "replicas", (str(load.workload),)),)
    return ()
