"""A lab's state on disk: one fact a file, each with a single writer, so that any process sees the truth at any instant.

`lab.json`: the lab, written by `lab up`. `lab.lock`: held while names are given out. `closing`: `lab down` has begun,
nothing may start any more. And in `engines/N`: `reservation.json`: number N is taken from now on, for ever, written by
`grow`. `release.json`: it was asked to go, by `release`. `state.json`: how far it is, by its keeper. `keeper.lock`:
held by its keeper while that works.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import Field, asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler_lab.layout import EnginePaths, LabSpec
from autoscaler_lab.waiting import wait_until

FORMAT = 1
LAB, LOCK, CLOSING = "lab.json", "lab.lock", "closing"
RESERVATION, RELEASE, STATE, KEEPER = "reservation.json", "release.json", "state.json", "keeper.lock"


class Phase(StrEnum):
    """How far an engine is; a keeper moves it downwards only."""

    RESERVED = "reserved"
    NETWORK = "network"
    ENGINE = "engine"
    IMAGES = "images"
    JOINING = "joining"
    RUNNING = "running"
    FAILED = "failed"
    STOPPING = "stopping"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Number `index` is taken. `incarnation` tells this engine from one of the same name in an earlier lab."""

    index: int
    group: str
    token: str
    incarnation: str
    reserved_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The engine was asked to go."""

    token: str
    released_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a keeper saw: `pid` and `started` name the engine's process, `node` is its id in the Swarm."""

    phase: Phase = Phase.RESERVED
    pid: int = 0
    started: int = 0
    node: str = ""
    why: str = ""
    at: int = 0


Record = TypeVar("Record", Reservation, Release, State)
Made = TypeVar("Made", Reservation, Release, State, LabSpec)


def write_lab(spec: LabSpec) -> None:
    """Founds the lab: from now on `lab down` finds all that is made."""
    spec.folder.mkdir(parents=True, exist_ok=True)
    _write(spec.record, asdict(spec) | {"folder": str(spec.folder)})
    for folder in (spec.engines, spec.images):
        folder.mkdir(exist_ok=True)


def read_lab(folder: Path) -> LabSpec:
    """The lab in that folder; NotFoundError if there is none, SetupError if its file is unreadable."""
    path = folder / LAB
    try:
        found = _read(path)
    except FileNotFoundError as error:
        raise NotFoundError(f"no lab in {folder}", hint=f"start one: autoscaler lab up --folder {folder}") from error
    return _build(path, LabSpec, found | {"folder": folder})


def write(engine: EnginePaths, record: Reservation | Release | State) -> None:
    """Writes one fact about an engine, whole or not at all."""
    engine.notes.mkdir(parents=True, exist_ok=True)
    _write(engine.notes / _name(type(record)), asdict(record))


def read(engine: EnginePaths, kind: type[Record]) -> Record | None:
    """One fact about an engine; None if nobody wrote it yet."""
    path = engine.notes / _name(kind)
    try:
        found = _read(path)
    except FileNotFoundError:
        return None
    return _build(path, kind, found)


def state(engine: EnginePaths) -> State:
    """How far the engine is; nothing written yet is `reserved`."""
    return read(engine, State) or State()


def engines(spec: LabSpec) -> list[EnginePaths]:
    """All engines there ever were, also those that are gone, by number."""
    found = [entry.name for entry in spec.engines.iterdir()] if spec.engines.exists() else []
    return [spec.engine(number) for number in sorted(int(name) for name in found if name.isdigit())]


def closing(spec: LabSpec) -> bool:
    """Whether `lab down` has begun, or is through."""
    return (spec.folder / CLOSING).exists() or not spec.record.exists()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the file's lock; waits for it. The kernel frees it when the holder dies, however it dies."""
    with _opened(path, os.O_RDWR | os.O_CREAT) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_within(path: Path, runtime: Runtime, timeout_ms: int) -> Iterator[bool]:
    """Holds the file's lock if it gets free in time, and says whether."""
    with _opened(path, os.O_RDWR | os.O_CREAT) as handle:
        yield wait_until(lambda: _taken(handle), runtime, timeout_ms)


def kept(engine: EnginePaths) -> bool:
    """Whether a keeper is at work on the engine."""
    try:
        with _opened(engine.notes / KEEPER, os.O_RDONLY) as handle:
            return not _taken(handle)
    except FileNotFoundError:
        return False


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    # Python's descriptors close on exec: an engine started under the lock does not inherit it.
    handle = os.open(path, flags, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)


def _name(kind: type[object]) -> str:
    return {Reservation: RESERVATION, Release: RELEASE, State: STATE}[kind]


def _write(path: Path, record: dict[str, object]) -> None:
    # The name of a file that nobody else writes: a keeper that is replaced may still be at it.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w") as handle:
        json.dump({"format": FORMAT} | record, handle)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise _unreadable(path) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error}", hint="is the lab another user's? try as root") from error
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise _unreadable(path)
    return found


def _build(path: Path, kind: type[Made], found: dict[str, object]) -> Made:
    values = {field.name: found.get(field.name) for field in fields(kind)}
    if values.get("phase") in list(Phase):
        values["phase"] = Phase(str(values["phase"]))
    if not all(isinstance(values[field.name], _type(field)) for field in fields(kind)):
        raise _unreadable(path)
    made: Callable[..., Made] = kind
    return made(**values)


def _type(field: Field[object]) -> type:
    return field.type if isinstance(field.type, type) else object


def _unreadable(path: Path) -> SetupError:
    return SetupError(f"{path} is not what a lab of this version writes", hint="remove the lab by `autoscaler lab down`")
