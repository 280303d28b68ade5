"""The detached process that brings one engine to where its records want it, then ends.

`python -m autoscaler_lab.keeper FOLDER NUMBER`. It holds the engine's lock while it works, so a second one is
harmless, and begins from nothing if one before it was killed half way. Who started it may die: it goes on.
"""

import subprocess
import sys
from pathlib import Path

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, NotFoundError, ProviderError
from autoscaler_lab import engine as engines
from autoscaler_lab import images, network, records, swarm_join
from autoscaler_lab.layout import EnginePaths
from autoscaler_lab.processes import Process
from autoscaler_lab.records import Phase, State

MODULE = "autoscaler_lab.keeper"
PATIENCE_MS = 5000


class Abandoned(Exception):  # noqa: N818  (it tells of a change of mind, not of an error)
    """The engine was asked to go, or the lab to close, while it started."""


def spawn(engine: EnginePaths) -> None:
    """Starts a keeper that outlives us. Also when one seems to be at work: it may be dying, or about to end."""
    # setsid forks: the keeper is nobody's child, so nobody has to wait for its end.
    command = ["setsid", "--fork", sys.executable, "-m", MODULE, str(engine.lab.folder), str(engine.index)]
    with (engine.notes / "keeper.log").open("ab") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", check=True, timeout=20)


def keep(engine: EnginePaths, runtime: Runtime) -> None:
    """Brings the engine to where its records want it, unless another keeper is at it, which sees to the same."""
    with records.locked_within(engine.notes / records.KEEPER, runtime, PATIENCE_MS) as ours:
        if ours:
            _keep(engine, runtime)


def _keep(engine: EnginePaths, runtime: Runtime) -> None:
    seen = records.state(engine)
    if records.closing(engine.lab) or seen.phase == Phase.GONE:
        return
    if records.read(engine, records.Release):
        _retire(engine, seen, runtime)
    elif seen.phase not in (Phase.RUNNING, Phase.FAILED):
        _boot_or_fail(engine, seen, runtime)


def process_of(seen: State) -> Process | None:
    """The engine's own process; None before it was started."""
    return Process(seen.pid, seen.started) if seen.pid else None


def _boot_or_fail(engine: EnginePaths, seen: State, runtime: Runtime) -> None:
    try:
        _boot(engine, seen, runtime)
    except Abandoned:
        if not records.closing(engine.lab):
            _retire(engine, records.state(engine), runtime)
    except (AutoscalerError, OSError) as error:
        failed = records.state(engine)
        engines.remove(engine, process_of(failed), runtime)
        _note(engine, runtime, State(phase=Phase.FAILED, node=failed.node, why=str(error)))


def _boot(engine: EnginePaths, seen: State, runtime: Runtime) -> None:
    _note(engine, runtime, State(phase=Phase.NETWORK))
    engines.remove(engine, process_of(seen), runtime)  # what a keeper that was killed left
    network.attach(engine)
    main = engines.start(engine)
    _step(engine, runtime, main, Phase.ENGINE)
    engines.wait_ready(engine, main, runtime)
    _step(engine, runtime, main, Phase.IMAGES)
    images.load_all(engine)
    _step(engine, runtime, main, Phase.JOINING)
    if engine.index != swarm_join.MANAGER:
        swarm_join.forget(engine, runtime)  # an earlier keeper of it may have come as far as joining
    node = swarm_join.join(engine, runtime)
    _step(engine, runtime, main, Phase.RUNNING, node)


def _retire(engine: EnginePaths, seen: State, runtime: Runtime) -> None:
    stopping = State(phase=Phase.STOPPING, pid=seen.pid, started=seen.started, node=seen.node)
    _note(engine, runtime, stopping)
    try:
        swarm_join.leave(engine)
    except ProviderError as error:
        print(f"{engine.name} did not leave by itself: {error}", file=sys.stderr)  # noqa: T201  (a log of its own)
    engines.remove(engine, process_of(stopping), runtime)
    if not swarm_join.forget(engine, runtime):
        print(f"{engine.name} is still on the manager's list", file=sys.stderr)  # noqa: T201
    _note(engine, runtime, State(phase=Phase.GONE, node=seen.node))


def _step(engine: EnginePaths, runtime: Runtime, main: Process, phase: Phase, node: str = "") -> None:
    _note(engine, runtime, State(phase=phase, pid=main.pid, started=main.started, node=node))
    if records.closing(engine.lab) or records.read(engine, records.Release):
        raise Abandoned


def _note(engine: EnginePaths, runtime: Runtime, seen: State) -> None:
    at = State(phase=seen.phase, pid=seen.pid, started=seen.started, node=seen.node, why=seen.why, at=runtime.now())
    records.write(engine, at)


def main(folder: str, index: str) -> None:
    """Keeps one engine, on the real clock."""
    from autoscaler.service.runtime import SystemRuntime

    try:
        keep(records.read_lab(Path(folder)).engine(int(index)), SystemRuntime())
    except NotFoundError:
        return  # the lab was removed while we started
    except AutoscalerError as error:
        sys.exit(f"{error}; {error.hint}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
