"""Reserving and releasing, with a crash at every write."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists

from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_lab import fleet, records
from autoscaler_lab.fleet import Condition
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.records import Phase, State
from tests.providers.lab.paper import PaperLab, short_folder


class Crash(BaseException):
    """The process was killed here."""


@contextmanager
def crash_at(write: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dies instead of the write of that number, counted from 0."""
    left = [write]
    real = records._write

    def counted(path: Path, record: dict[str, object]) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash
        real(path, record)

    with monkeypatch.context() as patch:
        patch.setattr(records, "_write", counted)
        yield


def workers(lab: PaperLab) -> list[fleet.Member]:
    return fleet.of_group(lab.members(), fleet.WORKERS)


@pytest.mark.parametrize("write", range(4))
def test_a_grow_cut_short_anywhere_and_repeated_reaches_the_count(lab: PaperLab, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    with crash_at(write, monkeypatch):
        try:
            lab.reserve(2, 5, "a")
        except Crash:
            lab.spawned.clear()  # who was killed has spawned nothing
    for _ in range(2):
        lab.reserve(2, 5, "a")
    lab.settle()
    assert [one.condition for one in workers(lab)] == [Condition.RUNNING] * 5


def test_a_late_repeat_launches_no_more_although_one_has_left_since(lab: PaperLab) -> None:
    lab.reserve(2, 3, "a")
    lab.settle()
    fleet.release(workers(lab)[-1:], "r", lab.runtime, lab.spawned.append)
    lab.settle()
    lab.reserve(2, 3, "a")
    assert fleet.count(workers(lab)) == 2


def test_a_number_is_never_given_out_twice(lab: PaperLab) -> None:
    for round_ in range(3):
        lab.reserve(2, 3, f"a{round_}")
        fleet.release(workers(lab)[-1:], f"r{round_}", lab.runtime, lab.spawned.append)
        lab.settle()
    assert [one.paths.index for one in lab.members()] == [1, 2, 3, 4, 5, 6]


def test_an_engine_whose_keeper_was_killed_fails_and_a_repeat_revives_it(lab: PaperLab) -> None:
    lab.reserve(2, 3, "a")
    lab.spawned.clear()
    assert workers(lab)[-1].condition is Condition.LAUNCHING
    lab.runtime.advance(Duration(fleet.SPAWN_MS + 1))
    assert workers(lab)[-1].condition is Condition.FAILED
    lab.reserve(2, 3, "a")
    lab.settle()
    assert [one.condition for one in workers(lab)] == [Condition.RUNNING] * 3


def test_an_engine_that_was_reserved_and_no_more_is_gone_on_with(lab: PaperLab) -> None:
    lab.reserve(2, 3, "a")
    lab.spawned.clear()
    lab.runtime.advance(Duration(fleet.SPAWN_MS + 1))
    fleet.resume(lab.spec, lab.runtime, lab.spawned.append)
    lab.settle()
    assert [one.condition for one in workers(lab)] == [Condition.RUNNING] * 3


def test_an_engine_at_work_is_launching_however_long_it_takes(lab: PaperLab) -> None:
    lab.reserve(2, 3, "a")
    lab.runtime.advance(Duration(fleet.SPAWN_MS * 5))
    with records.locked(workers(lab)[-1].paths.notes / records.KEEPER):
        assert workers(lab)[-1].condition is Condition.LAUNCHING


def test_an_engine_whose_process_is_another_by_now_has_failed(lab: PaperLab) -> None:
    records.write(workers(lab)[0].paths, State(phase=Phase.RUNNING, pid=os.getpid(), started=1))
    assert (workers(lab)[0].condition, fleet.count(workers(lab))) == (Condition.FAILED, 1)


def test_a_full_machine_is_no_capacity_and_nothing_is_reserved(lab: PaperLab) -> None:
    with pytest.raises(NoCapacityError):
        lab.reserve(2, fleet.MOST + 1, "a")
    assert len(lab.members()) == 3


def test_a_lab_that_is_closing_gives_out_nothing(lab: PaperLab) -> None:
    (lab.spec.folder / records.CLOSING).touch()
    with pytest.raises(NotFoundError, match="being removed"):
        lab.reserve(2, 3, "a")


def test_the_manager_is_never_released(lab: PaperLab) -> None:
    first = lab.members()[0]
    ref = InstanceRef(first.paths.name, first.reservation.incarnation)
    lab.writer.release(frozenset({ref}), token=Token("r"))
    assert lab.members()[0].condition is Condition.RUNNING


def test_an_offering_there_is_not_is_not_found(lab: PaperLab) -> None:
    with pytest.raises(NotFoundError, match="no offering"):
        lab.writer.grow(seen=2, wanted=3, token=Token("a"), offering=OfferingName("m5.large"))


@settings(max_examples=60)
@given(wishes=lists(integers(0, 8), max_size=6))
def test_whatever_is_asked_one_after_the_other_the_count_is_as_asked_or_as_it_was(
    wishes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lab = PaperLab(LabSpec(folder=short_folder(tmp_path_factory), prefix="pk", subnet="10.77.0.0/24", id="x"))
    records.write_lab(lab.spec)
    for number, wanted in enumerate(wishes):
        have = fleet.count(workers(lab))
        lab.reserve(have, wanted, f"t{number}")
        assert fleet.count(workers(lab)) == max(have, wanted)
        with pytest.raises(ConflictError):
            lab.reserve(max(have, wanted) + 1, max(have, wanted) + 2, f"c{number}")
        lab.settle()
