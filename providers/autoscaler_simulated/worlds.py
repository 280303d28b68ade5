"""Which world a cluster's name leads to: one per name and process, or one per file."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError
from autoscaler.model.codec import FormatError
from autoscaler.model.refs import ClusterName
from autoscaler.simulation.world import snapshot
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.gate import Weather
from autoscaler.simulation.world.guests import receive
from autoscaler.simulation.world.specs import WorldPool
from autoscaler.simulation.world.state import Cause
from autoscaler.simulation.world.world import World, build, restore
from autoscaler_simulated.guests import guests
from autoscaler_simulated.settings import ClusterSettings, PoolSettings

Result = TypeVar("Result")


class Handle(Protocol):
    """The way readers and writers reach a world."""

    @property
    def weather(self) -> Weather:
        """What may befall a call, and a sample."""
        ...

    @property
    def bound(self) -> bool:
        """Whether replicas are placed by us; known without a call."""
        ...

    def now(self) -> int:
        """The time we think it is."""
        ...

    def look(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Read something, as the call `name`."""
        ...

    def change(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Change something, as the call `name`."""
        ...


class Live:
    """A world in this process, given. `clock`: the world's own time, whatever ours says."""

    def __init__(self, world: World, runtime: Runtime, clock: Callable[[], int] | None = None) -> None:
        self.world = world
        self._runtime = runtime
        self._clock = clock or runtime.now

    @property
    def weather(self) -> Weather:
        """The world's."""
        return self.world.gate.weather

    @property
    def bound(self) -> bool:
        """The world's."""
        return self.world.core.spec.bound

    def now(self) -> int:
        """Our own clock."""
        return self._runtime.now()

    def look(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Let the world come up to now, then read."""
        return self.world.gate.read(name, lambda: do(self._current().core))

    def change(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Let the world come up to now, then change it as ours."""
        return self.world.gate.write(name, lambda: _act(self._current(), do))

    def _current(self) -> World:
        self.world.advance(self._clock())
        return self.world


class Kept:
    """A world that is built at its first call, once all its pools are known, and may live in a file.

    With a file, every change reads it, acts and writes it under a lock; reading leaves the file alone once it is there. One thread at a
    time is let in: a service reads cluster, pools, balancer and metrics all at once.
    """

    def __init__(self, settings: ClusterSettings, cluster: ClusterName, runtime: Runtime) -> None:
        self._settings = settings
        self._cluster = cluster
        self._runtime = runtime
        self._pools: dict[str, WorldPool] = {}
        self._world: World | None = None
        self._turn = threading.RLock()

    @property
    def weather(self) -> Weather:
        """Fair, unless somebody changed it."""
        with self._turn:
            return self.world().gate.weather

    @property
    def bound(self) -> bool:
        """As the settings say."""
        return self._settings.bound

    def now(self) -> int:
        """Our own clock."""
        return self._runtime.now()

    def add_pool(self, name: str, settings: PoolSettings) -> None:
        """A pool of this world was opened."""
        with self._turn:
            self._pools[name] = settings.pool(name, self._settings.speed)

    def look(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Read the world of now."""
        with self._turn:
            world = self.world()
            return world.gate.read(name, lambda: do(world.core))

    def watch(self, do: Callable[[World], Result]) -> Result:
        """Look at the world as it truly is, which no call of a provider could; nothing befalls this one."""
        with self._turn:
            return do(self.world())

    def change(self, name: str, do: Callable[[Core], Result]) -> Result:
        """Change the world of now, and keep it."""
        with self._turn, self._locked():
            world = self.world()
            try:
                return world.gate.write(name, lambda: _act(world, do))
            finally:
                self._save(world)

    def world(self) -> World:
        """The world as it is now."""
        world = self._load() if self._settings.state else self._world
        if world is None:
            spec = replace(self._settings.spec, pools=tuple(self._pools.values()))
            world = build(spec, self._cluster, self.now())
        fresh = self._world is None
        self._world = world
        for pool in self._pools.values():
            world.add_pool(pool)
        world.advance(self.now())
        if self._settings.clouds:
            receive(world, (one for cloud in self._settings.clouds for one in guests(cloud)))
        if fresh:
            self._save(world, only_new=True)
        return world

    def _load(self) -> World | None:
        path = Path(self._settings.state)
        if not path.exists():
            return None
        try:
            state, pools = snapshot.read(path.read_text())
        except (OSError, FormatError) as error:
            raise SetupError(f"{path}: no simulated world in it", hint="name another file under state, or remove it") from error
        if set(state.services) != {each.name for each in self._settings.workloads}:
            raise SetupError(f"{path}: another world's workloads", hint="name another file under state, or remove it")
        return restore(replace(self._settings.spec, pools=pools), self._cluster, state)

    def _save(self, world: World, *, only_new: bool = False) -> None:
        path = Path(self._settings.state)
        if not self._settings.state or (only_new and path.exists()):
            return
        scratch = path.with_name(f"{path.name}.new")
        scratch.write_text(snapshot.write(world.state, tuple(world.core.pools.values())))
        scratch.replace(path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self._settings.state:
            yield
            return
        with Path(f"{self._settings.state}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_WORLDS: WeakKeyDictionary[Runtime, dict[str, Kept]] = WeakKeyDictionary()


def world_of(settings: ClusterSettings, site: Site) -> Kept:
    """The world the settings name, the same for every object opened on the same runtime."""
    worlds = _WORLDS.setdefault(site.runtime, {})
    return worlds.setdefault(settings.state or settings.world, Kept(settings, site.cluster, site.runtime))


def world_at(site: Site) -> Kept:
    """The world of the site's cluster; SetupError when that is no simulated one."""
    if not isinstance(site.settings, ClusterSettings):
        raise SetupError(f"{site.name}: its cluster {site.cluster} is not simulated", hint="simulated objects live in a simulated cluster")
    return world_of(site.settings, site)


def _act(world: World, do: Callable[[Core], Result]) -> Result:
    with world.acting(Cause.OURS) as core:
        return do(core)
