"""A lab of real engines: up, grown, shrunk, killed half way, and down to nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, NotFoundError, SetupError
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, InstanceRef, Token
from autoscaler.model.resources import Resources
from autoscaler.service.runtime import SystemRuntime
from autoscaler_lab import lab as labs
from autoscaler_lab import processes
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.pool_reader import LabPoolReader
from autoscaler_lab.pool_writer import LabPoolWriter
from autoscaler_lab.settings import LabPool
from tests.real.leftovers import leftovers
from tests.real.reporting import Report
from tests.real.swarm import Swarm
from tests.real.waiting import until

pytestmark = pytest.mark.real
SOON = Duration(5000)


class Pool:
    """The lab's workers, through the two halves of the plugin."""

    def __init__(self, spec: LabSpec) -> None:
        site = Site(name="workers", cluster=ClusterName("lab"), runtime=SystemRuntime())
        settings = LabPool(folder=str(spec.folder))
        self.reader = LabPoolReader(settings, site)
        self.writer = LabPoolWriter(settings, site)

    def count(self) -> int:
        return self.reader.observe(SOON).wanted

    def all(self) -> dict[str, Instance]:
        return {each.ref.id: each for each in self.reader.observe(SOON).instances}

    def states(self) -> dict[str, InstanceState]:
        return {name: each.state for name, each in self.all().items()}

    def newest(self) -> Instance:
        return max(self.all().values(), key=lambda each: each.launched_at)

    def release(self, *gone: InstanceRef) -> None:
        self.writer.release(frozenset(gone), token=Token(f"release-{time.monotonic_ns()}"))


@pytest.fixture
def pool(lab: LabSpec) -> Iterator[Pool]:
    """Two workers before and after each test, all of them running."""
    found = Pool(lab)
    yield found
    extra = [each.ref for each in found.all().values() if each.ref.id not in (f"{lab.prefix}-2", f"{lab.prefix}-3")]
    found.release(*extra)
    until(lambda: set(found.states().values()) == {InstanceState.RUNNING} and found.count() == 2, "two workers again")


def fresh() -> Token:
    return Token(f"grow-{time.monotonic_ns()}")


def test_a_new_engine_is_ready_in_the_swarm_in_thirty_seconds(pool: Pool, swarm: Swarm, report: Report) -> None:
    began = time.monotonic()
    pool.writer.grow(seen=2, wanted=3, token=fresh())
    accepted = time.monotonic() - began
    new = pool.newest()
    assert new.state is InstanceState.LAUNCHING
    ready = until(lambda: swarm.nodes().get(new.node_name) == "ready", "the node is ready", 30)
    until(lambda: pool.states()[new.ref.id] is InstanceState.RUNNING, "its machine runs")
    report(f"grow: accepted in {accepted * 1000:.0f} ms, ready in the Swarm after {ready:.1f} s")


def test_release_removes_exactly_the_one_it_names(pool: Pool, swarm: Swarm, lab: LabSpec, report: Report) -> None:
    pool.writer.grow(seen=2, wanted=4, token=fresh())
    until(lambda: list(pool.states().values()).count(InstanceState.RUNNING) == 4, "four workers")
    before = swarm.nodes()
    gone = sorted(pool.all().values(), key=lambda each: each.launched_at)[2]
    pool.release(gone.ref)
    assert pool.count() == 3
    took = until(lambda: gone.ref.id not in pool.all(), "it is gone")
    until(lambda: set(swarm.nodes()) == set(before) - {gone.node_name}, "it is off the manager's list")
    assert not Path("/run/netns", f"{lab.prefix}-node{gone.ref.id.partition('-')[2]}").exists()
    assert set(swarm.nodes().values()) == {"ready"}
    report(f"release: gone after {took:.1f} s")


def test_a_repeat_changes_nothing(pool: Pool) -> None:
    token = fresh()
    for _ in range(3):
        pool.writer.grow(seen=2, wanted=3, token=token)
    assert pool.count() == 3
    new = pool.newest().ref
    for _ in range(3):
        pool.release(new)
    assert pool.count() == 2
    until(lambda: new.id not in pool.all(), "it is gone")
    pool.release(new)
    pool.writer.grow(seen=2, wanted=3, token=token)  # late, long after
    assert pool.count() == 2


def test_a_name_never_comes_twice(pool: Pool) -> None:
    names = []
    for _ in range(2):
        pool.writer.grow(seen=2, wanted=3, token=fresh())
        names.append(pool.newest().ref.id)
        pool.release(pool.newest().ref)
        until(lambda: pool.count() == 2 and len(pool.all()) == 2, "it is gone")
    assert len(set(names)) == 2


def test_another_incarnation_or_the_manager_is_not_released(pool: Pool, lab: LabSpec) -> None:
    manager = InstanceRef(f"{lab.prefix}-1", "any")
    namesake = InstanceRef(f"{lab.prefix}-2", "an earlier life")
    pool.release(manager, namesake)
    assert list(pool.states().values()) == [InstanceState.RUNNING] * 2


def test_a_count_that_moved_is_a_conflict(pool: Pool) -> None:
    with pytest.raises(ConflictError):
        pool.writer.grow(seen=1, wanted=5, token=fresh())
    pool.writer.grow(seen=1, wanted=2, token=fresh())  # what was wanted is there already
    pool.writer.grow(seen=2, wanted=1, token=fresh())  # never lowered
    assert pool.count() == 2


GROW = """
import sys
from tests.real.test_lab import Pool
from autoscaler_lab import records
from pathlib import Path
print("ready", flush=True)
sys.stdin.readline()
Pool(records.read_lab(Path(sys.argv[1]))).writer.grow(seen=2, wanted=3, token="killed")
"""


@pytest.mark.parametrize("after_ms", [0, 3, 8, *(pytest.param(one, marks=pytest.mark.long) for one in (1, 2, 5, 12))])
def test_killed_while_it_grows_then_repeated_launches_one(pool: Pool, lab: LabSpec, after_ms: int) -> None:
    token = Token("killed")
    script = GROW.replace('"killed"', f'"killed-{after_ms}"')
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lab.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as growing:
        assert growing.stdin
        assert growing.stdout
        assert growing.stdout.readline() == b"ready\n"
        growing.stdin.write(b"\n")
        growing.stdin.flush()
        time.sleep(after_ms / 1000)
        growing.kill()
    pool.writer.grow(seen=2, wanted=3, token=Token(f"{token}-{after_ms}"))
    assert pool.count() == 3
    until(lambda: list(pool.states().values()) == [InstanceState.RUNNING] * 3, "three run", 30)


@pytest.mark.parametrize("phase", ["network", "engine", "images", "joining"])
def test_a_keeper_killed_half_way_is_replaced_and_its_engine_comes_up(pool: Pool, lab: LabSpec, swarm: Swarm, phase: str) -> None:
    token = fresh()
    pool.writer.grow(seen=2, wanted=3, token=token)
    new = pool.newest()
    until(lambda: phase_of(lab, new) == phase, f"its {phase} is in work", 10, pause=0.001)
    for keeper in processes.keepers(lab.folder, "autoscaler_lab.keeper"):
        keeper.end(signal.SIGKILL)
    pool.writer.grow(seen=2, wanted=3, token=token)
    until(lambda: pool.states()[new.ref.id] is InstanceState.RUNNING, "it runs", 30)
    assert pool.count() == 3
    assert swarm.nodes() == {f"{lab.prefix}-1": "ready"} | dict.fromkeys(pool.all(), "ready")


def test_released_while_it_starts_it_is_gone_and_off_the_list(pool: Pool, lab: LabSpec, swarm: Swarm) -> None:
    pool.writer.grow(seen=2, wanted=3, token=fresh())
    new = pool.newest()
    until(lambda: phase_of(lab, new) in ("images", "joining"), "it loads its images", 10)
    pool.release(new.ref)
    until(lambda: new.ref.id not in pool.all(), "it is gone", 40)
    assert new.node_name not in swarm.nodes()


def test_an_engine_that_ended_by_itself_is_failed_and_can_be_released(pool: Pool, lab: LabSpec) -> None:
    pool.writer.grow(seen=2, wanted=3, token=fresh())
    new = pool.newest()
    until(lambda: pool.states()[new.ref.id] is InstanceState.RUNNING, "it runs", 30)
    os.kill(state_of(lab, new)["pid"], signal.SIGKILL)
    until(lambda: pool.states()[new.ref.id] is InstanceState.FAILED, "it is seen to have failed")
    assert pool.count() == 2
    assert pool.reader.observe(SOON).failed_launches == 1
    pool.release(new.ref)
    until(lambda: new.ref.id not in pool.all(), "it is gone", 40)


def test_a_lab_leaves_nothing_even_when_killed_while_it_starts(other: LabSpec, report: Report) -> None:
    runtime = SystemRuntime()
    began = time.monotonic()
    labs.up(other, 3, runtime, print)
    report(f"up: three engines as one Swarm in {time.monotonic() - began:.1f} s")
    Swarm(other).create("left", "app-x:1", 3)
    Pool(other).writer.grow(seen=2, wanted=4, token=fresh())  # still starting when the end comes
    began = time.monotonic()
    labs.down(other.folder, runtime, print)
    report(f"down: {time.monotonic() - began:.1f} s")
    until(lambda: not leftovers(other), "nothing is left", 5)
    with pytest.raises(NotFoundError):
        labs.down(other.folder, runtime, print)


@pytest.mark.parametrize("after_ms", [600, 1300, 2200, *(pytest.param(one, marks=pytest.mark.long) for one in (250, 900, 1500))])
def test_up_killed_anywhere_leaves_what_down_removes_or_a_second_up_completes(other: LabSpec, after_ms: int) -> None:
    words = ["--folder", str(other.folder), "--prefix", other.prefix, "--subnet", other.subnet]
    command = [sys.executable, "-c", "from autoscaler.cli.main import run; run()", "lab"]
    with subprocess.Popen([*command, "up", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starting:
        time.sleep(after_ms / 1000)
        starting.kill()
    if after_ms % 200:
        subprocess.run([*command, "up", *words], check=True, capture_output=True, timeout=60)
        assert Pool(other).count() == 2
    subprocess.run([*command, "down", *words[:2]], check=True, capture_output=True, timeout=60)
    if other.folder.exists():
        other.folder.rmdir()  # killed before it had begun: this test's own empty folder
    until(lambda: not leftovers(other), "nothing is left", 5)


def test_containers_of_engines_that_were_killed_hard_are_removed(other: LabSpec, images: dict[str, Path]) -> None:
    other.images.mkdir()
    (other.images / "app.tar").write_bytes(images["app-x:1"].read_bytes())
    labs.up(other, 2, SystemRuntime(), print)
    swarm = Swarm(other)
    swarm.create("left", "app-x:1", 4)
    until(lambda: len(swarm.running("left")) == 4, "its containers run")
    for index in (1, 2):
        os.kill(json.loads((other.engines / str(index) / "state.json").read_text())["pid"], signal.SIGKILL)
    labs.down(other.folder, SystemRuntime(), print)
    until(lambda: not leftovers(other), "nothing is left", 5)


def test_engines_say_they_are_as_small_as_they_were_made(other: LabSpec) -> None:
    small = replace(other, memory=2**30, cpus=1)
    labs.up(small, 2, SystemRuntime(), print)
    assert Swarm(small).sizes() == {(1_000_000_000, 2**30)}
    assert Pool(small).reader.observe(SOON).offerings[0].capacity == Resources(1000, 2**30)


def test_two_labs_do_not_disturb_each_other(lab: LabSpec, pool: Pool, other: LabSpec) -> None:
    labs.up(other, 2, SystemRuntime(), print)
    with pytest.raises(SetupError):
        labs.up(LabSpec(folder=Path("/tmp/never"), prefix=lab.prefix, subnet="10.99.0.0/24", id="x"), 1, SystemRuntime(), print)
    labs.down(other.folder, SystemRuntime(), print)
    assert not leftovers(other)
    assert list(pool.states().values()) == [InstanceState.RUNNING] * 2


def phase_of(spec: LabSpec, instance: Instance) -> object:
    return state_of(spec, instance).get("phase")


def state_of(spec: LabSpec, instance: Instance) -> dict[str, int]:
    path = spec.engines / instance.ref.id.partition("-")[2] / "state.json"
    found: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return found


BEHIND_A_FIREWALL = """
umount -R -l /run/netns 2>/dev/null
mount -t tmpfs tmpfs /run
ip link set lo up
iptables -P FORWARD DROP
"$@" up --folder "$FOLDER" --prefix "$PREFIX" --subnet "$SUBNET" >&2 || exit 1
running=$("$@" status --folder "$FOLDER" | grep -c running)
"$@" down --folder "$FOLDER" >&2 || exit 1
echo "$running running, then left: $(ls /run | grep -v mount)$(iptables -S FORWARD | grep -c ACCEPT)"
"""


def test_a_lab_comes_up_behind_a_firewall_that_drops_and_leaves_it_as_it_was(other: LabSpec) -> None:
    names = {"FOLDER": str(other.folder), "PREFIX": other.prefix, "SUBNET": other.subnet}
    apart = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", BEHIND_A_FIREWALL, "sh"]
    command = [*apart, sys.executable, "-c", "from autoscaler.cli.main import run; run()", "lab"]
    ran = subprocess.run(command, env=os.environ | names, capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout == "3 running, then left: 0\n", ran.stderr
    until(lambda: not leftovers(other), "nothing is left", 5)
