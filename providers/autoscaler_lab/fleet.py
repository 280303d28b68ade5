"""The engines of a lab as a whole: which there are, how they are, and reserving and releasing them by count and name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError
from autoscaler_lab import keeper, records
from autoscaler_lab.layout import EnginePaths, LabSpec
from autoscaler_lab.records import Phase, Release, Reservation, State
from autoscaler_lab.waiting import wait_until

MANAGERS = "manager"
WORKERS = "workers"
MOST = 50
"""Engines at a time: each one takes 150 MB, so more on one machine is a slip of the keyboard."""
SPAWN_MS = 10_000
"""How long after its reservation an engine without a keeper is taken for one whose keeper is only just starting."""


Spawn = Callable[[EnginePaths], None]
"""What sets to work on an engine whose records have changed, and does not wait for it."""


class Condition(StrEnum):
    """How an engine is, seen from outside."""

    LAUNCHING = "launching"
    RUNNING = "running"
    FAILED = "failed"
    STOPPING = "stopping"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One engine with all its records. `why` is empty unless it failed."""

    paths: EnginePaths
    reservation: Reservation
    state: State
    condition: Condition
    why: str = ""


def members(spec: LabSpec, runtime: Runtime) -> list[Member]:
    """All engines there are, by number; those that are gone too."""
    found = (_member(paths, runtime) for paths in records.engines(spec))
    return [member for member in found if member]


def of_group(found: Iterable[Member], group: str) -> list[Member]:
    """Those of one pool that are not gone."""
    return [one for one in found if one.reservation.group == group and one.condition is not Condition.GONE]


def count(found: Iterable[Member]) -> int:
    """How many are usable or will be."""
    return sum(one.condition in (Condition.LAUNCHING, Condition.RUNNING) for one in found)


def reserve(spec: LabSpec, group: str, *, seen: int, wanted: int, token: str, runtime: Runtime, spawn: Spawn = keeper.spawn) -> None:
    """Raises the number of engines of a group from `seen` to `wanted`; a repeat of the token launches no more.

    Returns before they run: a keeper brings each one up. A repeat gives an engine whose keeper was killed a new one.
    The number is neither `seen` nor `wanted`: ConflictError. The machine is full: NoCapacityError.
    """
    with records.locked(spec.folder / records.LOCK):
        if records.closing(spec):
            raise NotFoundError(f"the lab in {spec.folder} is being removed", hint="start another: autoscaler lab up")
        known = members(spec, runtime)
        begun = [one for one in known if one.reservation.token == token]
        missing = _missing(known, group, begun=len(begun), seen=seen, wanted=wanted)
        _check_room(spec, known, missing)
        new = [_reserve(spec, group, token, runtime) for _ in range(missing)]
    for paths in [one.paths for one in begun] + new:
        spawn(paths)


def resume(spec: LabSpec, runtime: Runtime, spawn: Spawn = keeper.spawn) -> None:
    """A keeper for each engine that is not up: whoever reserved it may have been killed before it began one."""
    waiting = [one.paths for one in members(spec, runtime) if one.state.phase not in (Phase.RUNNING, Phase.FAILED, Phase.GONE)]
    for paths in waiting:
        spawn(paths)
    # Until it is at work, one that was reserved long ago looks as if it had failed.
    wait_until(lambda: all(records.kept(one) or records.state(one).phase is Phase.RUNNING for one in waiting), runtime, SPAWN_MS)


def release(found: Iterable[Member], token: str, runtime: Runtime, spawn: Spawn = keeper.spawn) -> None:
    """Asks exactly these engines to go; a repeat is harmless. Returns before they are gone."""
    for member in found:
        if not records.read(member.paths, Release):
            records.write(member.paths, Release(token=token, released_at=runtime.now()))
        spawn(member.paths)


def _missing(known: list[Member], group: str, *, begun: int, seen: int, wanted: int) -> int:
    have = count(of_group(known, group))
    if begun:  # a repeat: the first call may have been cut short between two reservations
        return max(0, wanted - seen - begun)
    if have not in (seen, wanted):
        raise ConflictError(f"the lab has {have} {group}, not {seen}", hint="look again, then decide again")
    return max(0, wanted - have)


def _check_room(spec: LabSpec, known: list[Member], missing: int) -> None:
    live = sum(one.condition is not Condition.GONE for one in known)
    if live + missing > MOST:
        raise NoCapacityError(
            f"the lab in {spec.folder} has {live} engines; with {missing} more it would pass {MOST}",
            hint="lower the pool's max",
        )


def _reserve(spec: LabSpec, group: str, token: str, runtime: Runtime) -> EnginePaths:
    used = [paths.index for paths in records.engines(spec)]
    paths = spec.engine(max(used, default=0) + 1)
    now = runtime.now()
    incarnation = f"{spec.id}-{now}"
    taken = Reservation(index=paths.index, group=group, token=token, incarnation=incarnation, reserved_at=now)
    records.write(paths, taken)
    return paths


def _member(paths: EnginePaths, runtime: Runtime) -> Member | None:
    # The keeper first: one that ends between the two looks has written its state by then.
    kept = records.kept(paths)
    reservation = records.read(paths, Reservation)
    if not reservation:
        return None  # the writer died between making the folder and the file: the number is lost, nothing else
    seen = records.state(paths)
    young = runtime.now() < reservation.reserved_at + SPAWN_MS
    condition, why = _condition(paths, seen, at_work=kept or young)
    return Member(paths=paths, reservation=reservation, state=seen, condition=condition, why=why)


def _condition(paths: EnginePaths, seen: State, *, at_work: bool) -> tuple[Condition, str]:
    if seen.phase is Phase.GONE:
        return Condition.GONE, ""
    if seen.phase is Phase.STOPPING or records.read(paths, Release):
        return Condition.STOPPING, ""
    if seen.phase is Phase.FAILED:
        return Condition.FAILED, seen.why
    if seen.phase is Phase.RUNNING:
        process = keeper.process_of(seen)
        alive = process is not None and process.alive
        return (Condition.RUNNING, "") if alive else (Condition.FAILED, "the engine ended by itself")
    return (Condition.LAUNCHING, "") if at_work else (Condition.FAILED, "what was starting it was killed")
