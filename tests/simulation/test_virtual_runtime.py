"""Virtual time keeps the promises of the Runtime contract."""

import pytest

from autoscaler.contracts.runtime import Call, Runtime
from autoscaler.errors import NotFoundError, ProviderError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.testing.runtime import EPOCH, VirtualRuntime

SECOND = Duration(1000)


def test_it_is_a_runtime() -> None:
    runtime: Runtime = VirtualRuntime()
    assert runtime.now() == EPOCH


def test_time_passes_only_by_sleeping() -> None:
    runtime = VirtualRuntime()
    assert (runtime.now(), runtime.monotonic()) == (EPOCH, 0)
    runtime.sleep(SECOND)
    assert (runtime.now(), runtime.monotonic()) == (EPOCH + 1000, 1000)


def test_a_stepped_wall_clock_leaves_monotonic_alone() -> None:
    runtime = VirtualRuntime()
    runtime.step_clock(-5000)
    assert (runtime.now(), runtime.true_now(), runtime.monotonic()) == (EPOCH - 5000, EPOCH, 0)


def test_gathered_calls_run_side_by_side_and_keep_their_order() -> None:
    runtime = VirtualRuntime()

    def slow(ms: int) -> int:
        runtime.sleep(Duration(ms))
        return ms

    assert runtime.gather([Call("a", lambda: slow(300)), Call("b", lambda: slow(700))], SECOND) == [300, 700]
    assert runtime.monotonic() == 700


def test_the_outside_stands_still_while_answers_are_late() -> None:
    runtime = VirtualRuntime()
    seen: list[int] = []

    def slow() -> None:
        runtime.sleep(SECOND)
        seen.append(runtime.true_now())

    runtime.gather([Call("a", slow), Call("b", slow)], SECOND)
    assert (seen, runtime.true_now()) == ([EPOCH, EPOCH], EPOCH + 1000)


def test_the_seed_decides_who_runs_first() -> None:
    def order(seed: int) -> list[int]:
        ran: list[int] = []
        VirtualRuntime(seed).gather([Call("a", lambda i=i: ran.append(i)) for i in range(6)], SECOND)  # type: ignore[misc]
        return ran

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(9)}) > 1


def test_an_error_of_ours_is_the_result_and_any_other_becomes_the_cause() -> None:
    def fail(error: Exception) -> None:
        raise error

    lost, broken = NotFoundError("gone", hint="look"), ValueError("odd")
    results = VirtualRuntime().gather([Call("a", lambda: fail(lost)), Call("a", lambda: fail(broken))], SECOND)
    assert results[0] is lost
    assert isinstance(results[1], ProviderError)
    assert results[1].__cause__ is broken


def test_a_late_call_is_unavailable_and_keeps_its_slot_until_it_ends() -> None:
    runtime = VirtualRuntime(slots=1)
    hung = Call("prom", lambda: runtime.sleep(Duration(10_000)))
    assert isinstance(runtime.gather([hung], SECOND)[0], UnavailableError)
    assert runtime.monotonic() == 1000
    begun: list[int] = []
    again = Call("prom", lambda: begun.append(1))
    assert isinstance(runtime.gather([again], SECOND)[0], UnavailableError)
    assert not begun
    runtime.sleep(Duration(10_000))
    assert not isinstance(runtime.gather([again], SECOND)[0], UnavailableError)


def test_ids_are_26_characters_sorted_by_time_and_never_repeat() -> None:
    runtime = VirtualRuntime()
    ids = []
    for _ in range(50):
        ids.append(runtime.new_id())
        runtime.sleep(Duration(7))
    assert sorted(set(ids)) == ids
    assert {len(each) for each in ids} == {26}


def test_dice_of_a_name_repeat_with_the_seed_and_differ_between_names() -> None:
    def rolls(seed: int, name: str) -> list[int]:
        runtime = VirtualRuntime(seed)
        return [runtime.rng(name).randrange(1000) for _ in range(5)]

    assert rolls(3, "a") == rolls(3, "a")
    assert rolls(3, "a") != rolls(3, "b")
    assert len(set(rolls(3, "a"))) > 1


@pytest.mark.parametrize("seed", [0, 7])
def test_a_crash_is_no_result_but_ends_the_process(seed: int) -> None:
    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        VirtualRuntime(seed).gather([Call("a", crash)], SECOND)
