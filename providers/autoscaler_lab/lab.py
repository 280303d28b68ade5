"""A whole lab: up, how it is, and down to nothing."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import ProviderError, SetupError, UsageError
from autoscaler_lab import commands, engine, fleet, keeper, network, processes, records
from autoscaler_lab.fleet import Condition, Member
from autoscaler_lab.layout import EnginePaths, LabSpec
from autoscaler_lab.swarm_join import MANAGER
from autoscaler_lab.waiting import wait_until

UP_MS = 180_000
FIRST = "up-manager"
KEEPERS_MS = 10_000

Say = Callable[[str], None]


def up(spec: LabSpec, nodes: int, runtime: Runtime, say: Say) -> None:
    """A manager and `nodes - 1` workers, all ready; a repeat brings up what is missing."""
    if not 1 <= nodes <= fleet.MOST:
        raise UsageError(f"{nodes} nodes are not possible", hint=f"choose 1 to {fleet.MOST}")
    commands.check_machine()
    spec = _found(spec)
    _make_network(spec)
    say(f"starting the manager {spec.engine(MANAGER).name}")
    fleet.reserve(spec, fleet.MANAGERS, seen=0, wanted=1, token=FIRST, runtime=runtime)
    fleet.resume(spec, runtime)
    _wait(spec, 1, runtime)
    workers = len(fleet.of_group(fleet.members(spec, runtime), fleet.WORKERS))
    if workers < nodes - 1:
        say(f"starting {nodes - 1 - workers} workers")
        token = f"up-{runtime.new_id()}"
        fleet.reserve(spec, fleet.WORKERS, seen=workers, wanted=nodes - 1, token=token, runtime=runtime)
    _wait(spec, nodes, runtime)


def status(folder: Path, runtime: Runtime) -> list[Member]:
    """All engines that are not gone; NotFoundError where there is no lab."""
    found = fleet.members(records.read_lab(folder), runtime)
    return [member for member in found if member.condition is not Condition.GONE]


def down(folder: Path, runtime: Runtime, say: Say) -> None:
    """Ends and removes all that the lab made, however far it had come; a second call finds nothing to do."""
    spec = records.read_lab(folder)
    commands.check_machine()
    with records.locked(spec.folder / records.LOCK):
        (spec.folder / records.CLOSING).touch()
    _end_keepers(spec, runtime)
    known = _with_leftovers(spec)
    say(f"stopping {len([one for one in known if one.home.exists()])} engines")
    _end_engines(known, runtime)
    for one in known:
        engine.remove(one, None, runtime)
    network.remove_bridge(spec)
    _remove_files(spec)


def _found(spec: LabSpec) -> LabSpec:
    # An existing lab keeps its id, which is in the names of its cgroups; also one that another `up` founds just now.
    spec.folder.mkdir(parents=True, exist_ok=True)
    with records.locked(spec.folder / records.LOCK):
        if not spec.record.exists():
            network.check_free(spec)
            records.write_lab(spec)
    there = records.read_lab(spec.folder)
    if records.closing(there):
        raise SetupError(f"the lab in {spec.folder} is half removed", hint="finish it first: autoscaler lab down")
    if (there.prefix, there.subnet) != (spec.prefix, spec.subnet):
        raise SetupError(
            f"the lab in {spec.folder} has the prefix {there.prefix} and the subnet {there.subnet}",
            hint="give the same ones, or another --folder",
        )
    if spec.memory not in (0, there.memory) or spec.cpus not in (0, there.cpus):
        raise SetupError(f"the engines of the lab in {spec.folder} have another size", hint="leave --memory and --cpus out")
    return there


def _make_network(spec: LabSpec) -> None:
    if not network.namespaces_in_use():
        (spec.folder / "made-netns").touch()
    network.make_bridge(spec)


def _wait(spec: LabSpec, nodes: int, runtime: Runtime) -> None:
    seen: list[Member] = []

    def settled() -> bool:
        seen[:] = status(spec.folder, runtime)
        return all(member.condition is not Condition.LAUNCHING for member in seen)

    wait_until(settled, runtime, UP_MS)
    running = [member for member in seen if member.condition is Condition.RUNNING]
    if len(running) < nodes:
        raise ProviderError(f"{len(running)} of {nodes} engines run: {_complaints(seen)}", hint=_where(spec))


def _complaints(seen: list[Member]) -> str:
    bad = [member for member in seen if member.condition is not Condition.RUNNING]
    return "; ".join(f"{member.paths.name} {member.condition} {member.why}".strip() for member in bad)


def _where(spec: LabSpec) -> str:
    return f"see {spec.engines}/*/dockerd.log; `autoscaler lab down --folder {spec.folder}` removes it all"


def _end_keepers(spec: LabSpec, runtime: Runtime) -> None:
    def ended() -> bool:
        left = processes.keepers(spec.folder, keeper.MODULE)
        for process in left:
            process.end(signal.SIGKILL)
        return not left

    if not wait_until(ended, runtime, KEEPERS_MS):
        raise ProviderError("processes that start engines do not end", hint="try `autoscaler lab down` again")


def _with_leftovers(spec: LabSpec) -> list[EnginePaths]:
    homes = [entry.name.removeprefix("node") for entry in spec.folder.glob("node*")]
    numbers = {paths.index for paths in records.engines(spec)} | {int(name) for name in homes if name.isdigit()}
    return [spec.engine(number) for number in sorted(numbers)]


def _end_engines(known: list[EnginePaths], runtime: Runtime) -> None:
    # All asked at once, then waited for: one by one, a lab of many would take minutes.
    mains = [main for one in known if (main := keeper.process_of(_state(one)))]
    for main in mains:
        main.end(signal.SIGTERM)
    wait_until(lambda: not any(main.alive for main in mains), runtime, processes.GRACE_MS)


def _state(one: EnginePaths) -> records.State:
    try:
        return records.state(one)
    except SetupError:
        return records.State()  # unreadable: its processes are found by their namespace and cgroup


def _remove_files(spec: LabSpec) -> None:
    if (spec.folder / "made-netns").exists():
        network.forget_namespaces()
    for folder in (spec.engines, spec.images):
        shutil.rmtree(folder, ignore_errors=True)
    # lab.json last: while it is there, a `down` that was cut short can be repeated.
    for name in ("made-netns", records.LOCK, records.CLOSING, records.LAB):
        (spec.folder / name).unlink(missing_ok=True)
    for draft in spec.folder.glob(".lab.json.*"):
        draft.unlink()
    if not any(spec.folder.iterdir()):
        spec.folder.rmdir()
