"""Which machines could go: any whose replicas all find a place elsewhere, with the room their move takes meanwhile."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Relocation
from autoscaler.placement.fitting import fit
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Load, Resident

OPEN = (HostState.OPEN,)


def surge_for(load: Load, serving: int) -> int:
    """Extra replicas needed so that `serving` of them may leave at once: what the floor would miss."""
    return 0 if load.gap or not load.doubles else max(0, serving - max(load.spare, 0))


def stuck(ledger: Ledger, residents: Iterable[Resident]) -> tuple[Reason, ...]:
    """Why what stands there cannot be moved, wherever there is room."""
    return tuple(reason for one in residents for reason in _stuck(ledger.loads[one.workload], one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """What moves, and workloads whose surge and replacements do not both fit."""

    moves: tuple[Relocation, ...] = ()
    tight: tuple[WorkloadRef, ...] = ()


def empty(
    ledger: Ledger,
    key: str,
    residents: list[Resident],
    booked: Counter[WorkloadRef],
    *,
    into: tuple[HostState, ...] = OPEN,
    spread: bool,
) -> Emptied | Reason:
    """Move all of it off `key`, on the ledger; or why not, with ledger and `booked` half changed: try it on copies.

    A moved replica counts on both machines. Where its scheduler keeps requests free, what does not fit beside the surge waits
    unharmed until that is given back; else both must fit. Surges stay in the ledger: two machines emptied side by side need the
    room of both. `booked`: surges that stand already, which this uses up.
    """
    ledger.set_state(key, HostState.LEAVING)
    moves: list[Relocation] = []
    tight: list[WorkloadRef] = []
    for one in residents:
        load = ledger.loads[one.workload]
        ledger.put(one.workload, key, -one.count)
        stands = min(booked[one.workload], one.count) if load.sure else 0
        booked[one.workload] -= stands
        extra = surge_for(load, one.serving)
        wanted = one.count + extra - stands
        least = max(one.count, extra) - stands if load.sure else wanted
        went = fit(ledger, load, wanted, into, spread=spread)
        if went.total() < least:
            return Reason(_why_not(load, one, went), (wanted - went.total(),), "replicas", (str(one.workload),))
        tight += [one.workload] if went.total() < wanted else []
        moves += _relocations(one, key, went)
    return Emptied(moves=tuple(moves), tight=tuple(tight))


def _why_not(load: Load, one: Resident, went: Counter[str]) -> Code:
    """A host port with one place left could move, if it may be away meanwhile."""
    if went.total() < one.count:
        return Code.REPLICAS_FIT_NOWHERE_ELSE
    return Code.GAP_NOT_ALLOWED if load.shape.host_ports else Code.SURGE_FITS_NOWHERE


def _relocations(one: Resident, source: str, went: Counter[str]) -> list[Relocation]:
    left, moves = one.count, []
    for target, count in sorted(went.items()):
        here = min(count, left)
        left -= here
        if here:
            moves.append(Relocation(workload=one.workload, count=here, source=source, target=target))
    return moves


def _stuck(load: Load, one: Resident) -> tuple[Reason, ...]:
    if load.stuck or load.gap or not one.serving:
        return load.stuck
    if load.spare < 0:
        return (Reason(Code.FLOOR_BROKEN, (-load.spare,), "replicas", (str(load.workload),)),)
    needed = one.serving - load.spare if load.doubles else min(1, one.serving - load.spare)
    if needed > load.surge:
        return (Reason(Code.HOLDS_FLOOR, (needed, load.surge), "replicas", (str(load.workload),)),)
    return ()
