"""The real Runtime against real time, with spans short enough not to be felt and events instead of guesses."""

import signal
from collections.abc import Iterator
from functools import partial
from queue import SimpleQueue

import pytest

from autoscaler.contracts.runtime import Call
from autoscaler.errors import NotFoundError, ProviderError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.service.daemon import on_signals
from autoscaler.service.runtime import SystemRuntime, Wake, background

LONG, SHORT = Duration(20_000), Duration(20)


def _missing() -> None:
    raise NotFoundError("no such thing", hint="look elsewhere")


def _bug() -> None:
    raise ZeroDivisionError("a bug")


def test_results_come_in_the_order_of_the_calls() -> None:
    calls = [Call("w", partial(int, number)) for number in range(9)]
    assert SystemRuntime().gather(calls, LONG) == list(range(9))


def test_an_error_of_ours_is_a_result_and_stops_no_other_call() -> None:
    missing, fine = SystemRuntime().gather([Call("w", _missing), Call("w", lambda: 1)], LONG)
    assert isinstance(missing, NotFoundError)
    assert fine == 1


def test_a_bug_of_a_plugin_becomes_a_provider_error_with_its_cause() -> None:
    (found,) = SystemRuntime().gather([Call("w", _bug)], LONG)
    assert isinstance(found, ProviderError)
    assert isinstance(found.__cause__, ZeroDivisionError)


def test_a_hung_call_is_late_and_keeps_its_slot_until_it_ends() -> None:
    runtime, gate = SystemRuntime(slots=1), SimpleQueue[int]()
    hung = Call("w", gate.get)
    (late,) = runtime.gather([hung], SHORT)
    (busy,) = runtime.gather([Call("w", lambda: 1)], LONG)
    (other,) = runtime.gather([Call("x", lambda: 2)], LONG)
    assert isinstance(late, UnavailableError)
    assert "hangs" in str(busy)
    assert other == 2
    gate.put(0)
    while isinstance(again := runtime.gather([Call("w", lambda: 3)], LONG)[0], UnavailableError):
        runtime.sleep(Duration(1))
    assert again == 3


def test_ids_are_new_long_enough_and_sorted_by_time() -> None:
    runtime = SystemRuntime()
    first = runtime.new_id()
    runtime.sleep(Duration(2))
    second = runtime.new_id()
    assert (len(first), first < second) == (26, True)


def test_a_ring_before_the_wait_is_heard() -> None:
    wake = Wake()
    wake.ring()
    assert [wake.wait(LONG), wake.wait(SHORT)] == [True, False]


def test_however_often_it_rings_one_wait_ends() -> None:
    wake = Wake()
    for _ in range(100_000):  # more than a pipe holds
        wake.ring()
    assert [wake.wait(LONG), wake.wait(SHORT)] == [True, False]


@pytest.fixture
def signalled() -> Iterator[Wake]:
    """Rung by SIGTERM, as in the service; all is put back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    wake = Wake()
    on_signals(wake)
    yield wake
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_reaches_another_thread_ends_the_wait_at_once(signalled: Wake) -> None:
    """The kernel may hand a signal to any thread: waiting on a lock, the main one sleeps on and may then miss it for good."""
    runtime = SystemRuntime()
    began = runtime.monotonic()

    def hit() -> None:
        runtime.sleep(SHORT)  # by now the main thread waits
        signal.raise_signal(signal.SIGTERM)

    background(hit, "hit")
    assert signalled.wait(LONG)
    assert runtime.monotonic() - began < LONG.ms / 2
