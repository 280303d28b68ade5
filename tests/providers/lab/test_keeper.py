"""What a keeper does with one engine, with the machine replaced by a list of what was done to it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from autoscaler.errors import ProviderError, UnavailableError
from autoscaler_lab import engine as engines
from autoscaler_lab import fleet, images, keeper, network, records, swarm_join
from autoscaler_lab.fleet import Condition
from autoscaler_lab.layout import EnginePaths
from autoscaler_lab.processes import Process
from autoscaler_lab.records import Phase, State
from tests.providers.lab.paper import PaperLab

UP = ["remove", "attach", "start", "wait_ready", "load_all", "forget", "join"]
DOWN = ["leave", "remove", "forget"]


@dataclass
class Machine:
    """What was done, in order. `disturb` runs at the deed of that name, and may raise."""

    lab: PaperLab
    done: list[str] = field(default_factory=list)
    disturb: dict[str, Callable[[], None]] = field(default_factory=dict)

    @property
    def engine(self) -> EnginePaths:
        """A new one, reserved and not begun."""
        return self.lab.spec.engine(4)

    def does(self, name: str, answer: object = None) -> Callable[..., object]:
        def deed(*_: object) -> object:
            self.done.append(name)
            self.disturb.get(name, lambda: None)()
            return answer

        return deed

    def fail_at(self, name: str) -> None:
        def fail() -> None:
            raise ProviderError("no room on the disk", hint="make some")

        self.disturb[name] = fail

    def keep(self) -> State:
        keeper.keep(self.engine, self.lab.runtime)
        return records.state(self.engine)

    def release(self) -> None:
        mine = [one for one in self.lab.members() if one.paths == self.engine]
        fleet.release(mine, "r", self.lab.runtime, self.lab.spawned.append)


@pytest.fixture
def machine(lab: PaperLab, monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine(lab)
    lab.reserve(2, 3, "a")
    deeds = [
        (engines, "remove", None),
        (engines, "start", Process(1, 2)),
        (engines, "wait_ready", None),
        (network, "attach", None),
        (images, "load_all", None),
        (swarm_join, "join", "node-id"),
        (swarm_join, "leave", None),
        (swarm_join, "forget", True),
    ]
    for module, name, answer in deeds:
        monkeypatch.setattr(module, name, found.does(name, answer))
    return found


def test_a_reserved_engine_is_brought_up_from_nothing(machine: Machine) -> None:
    seen = machine.keep()
    assert machine.done == UP
    assert (seen.phase, seen.pid, seen.started, seen.node) == (Phase.RUNNING, 1, 2, "node-id")


def test_a_second_keeper_finds_nothing_to_do(machine: Machine) -> None:
    machine.keep()
    machine.done.clear()
    machine.keep()
    assert machine.done == []


@pytest.mark.parametrize("phase", [Phase.NETWORK, Phase.ENGINE, Phase.IMAGES, Phase.JOINING])
def test_after_a_killed_keeper_the_next_begins_from_nothing(machine: Machine, phase: Phase) -> None:
    records.write(machine.engine, State(phase=phase, pid=9, started=9))
    assert machine.keep().phase is Phase.RUNNING
    assert machine.done == UP


@pytest.mark.parametrize("deed", UP[1:])
def test_what_fails_is_removed_and_says_why(machine: Machine, deed: str) -> None:
    machine.fail_at(deed)
    seen = machine.keep()
    assert (seen.phase, seen.why) == (Phase.FAILED, "no room on the disk")
    assert machine.done == [*UP[: UP.index(deed) + 1], "remove"]


@pytest.mark.parametrize("deed", ["start", "wait_ready", "load_all", "join"])
def test_asked_to_go_while_it_starts_it_goes_as_soon_as_it_can(machine: Machine, deed: str) -> None:
    machine.disturb[deed] = machine.release
    assert machine.keep().phase is Phase.GONE
    assert machine.done[-3:] == DOWN


def test_a_lab_that_closes_while_it_starts_is_left_to_who_closes_it(machine: Machine) -> None:
    machine.disturb["load_all"] = (machine.lab.spec.folder / records.CLOSING).touch
    assert machine.keep().phase is Phase.JOINING
    assert machine.done == UP[:5]


def test_asked_to_go_it_leaves_first_and_is_forgotten_last(machine: Machine) -> None:
    machine.keep()
    machine.done.clear()
    machine.release()
    assert machine.keep().phase is Phase.GONE
    assert machine.done == DOWN


def test_an_engine_that_does_not_answer_is_removed_all_the_same(machine: Machine) -> None:
    machine.keep()
    machine.release()

    def hang() -> None:
        raise UnavailableError("no engine answers", hint="wait")

    machine.disturb["leave"] = hang
    assert machine.keep().phase is Phase.GONE


def test_what_cannot_be_removed_stays_stopping_and_the_next_keeper_tries_again(machine: Machine) -> None:
    machine.keep()
    machine.release()
    machine.fail_at("remove")
    with pytest.raises(ProviderError):
        machine.keep()
    assert machine.lab.members()[-1].condition is Condition.STOPPING
    machine.disturb.clear()
    assert machine.keep().phase is Phase.GONE


def test_an_engine_that_is_gone_stays_gone(machine: Machine) -> None:
    records.write(machine.engine, State(phase=Phase.GONE))
    machine.release()
    assert machine.keep().phase is Phase.GONE
    assert machine.done == []


def test_while_another_keeper_is_at_work_nothing_is_done(machine: Machine) -> None:
    with records.locked(machine.engine.notes / records.KEEPER):
        machine.keep()
    assert machine.done == []


def test_the_manager_forgets_nobody_before_it_is_there(machine: Machine) -> None:
    first = machine.lab.spec.engine(1)
    records.write(first, State(phase=Phase.RESERVED))
    keeper.keep(first, machine.lab.runtime)
    assert "forget" not in machine.done
