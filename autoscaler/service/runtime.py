"""The real Runtime: the only place that knows the machine's clock, threads, ids and dice.

Threads and not asyncio, because every SDK we speak through is synchronous. A call that hangs keeps its slot until it ends; when all
slots of a world hang, the world is unavailable and nothing queues behind it.
"""

import os
import queue
import random
import secrets
import select
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from autoscaler.contracts.runtime import Call, Rng
from autoscaler.errors import AutoscalerError, ProviderError, UnavailableError
from autoscaler.model.quantities import Duration, Instant

SLOTS = 16
"""Calls that one outside world may have open at once: enough for a cluster's reads, few enough to bound what can hang."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads like a digit."""


class SystemRuntime:
    """This machine's clock and threads."""

    def __init__(self, slots: int = SLOTS) -> None:
        self._slots = slots
        self._worlds: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def now(self) -> Instant:
        """Wall time."""
        return Instant(time.time_ns() // 1_000_000)

    def monotonic(self) -> int:
        """Milliseconds since some start."""
        return _passed()

    def sleep(self, span: Duration) -> None:
        """Wait."""
        time.sleep(span.ms / 1000)

    def gather(self, calls: Sequence[Call], deadline: Duration) -> list[Any | AutoscalerError]:
        """Run all at once; see the contract."""
        ends = _passed() + deadline.ms
        results: list[Any | AutoscalerError] = [_late(call, deadline) for call in calls]
        answers: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        waiting = 0
        for index, call in enumerate(calls):
            if self._begin(index, call, answers):
                waiting += 1
            else:
                results[index] = _busy(call)
        while waiting and (left := ends - _passed()) > 0:
            try:
                index, results_of_one = answers.get(timeout=left / 1000)
            except queue.Empty:
                break
            results[index], waiting = results_of_one, waiting - 1
        return results

    def new_id(self) -> str:
        """48 bits of time, 80 bits of chance."""
        number = (self.now() << 80) | secrets.randbits(80)
        return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))

    def rng(self, name: str) -> Rng:
        """Fresh dice; the name only matters in a simulation."""
        del name
        return random.SystemRandom()

    def _begin(self, index: int, call: Call, answers: "queue.SimpleQueue[tuple[int, Any]]") -> bool:
        slots = self._slots_of(call.world)
        if not slots.acquire(blocking=False):
            return False

        def work() -> None:
            try:
                answers.put((index, _outcome(call.run)))
            finally:
                slots.release()

        # Daemon: a read that hangs for ever must not keep the process from ending.
        threading.Thread(target=work, name=f"call-{call.world}", daemon=True).start()
        return True

    def _slots_of(self, world: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._worlds.setdefault(world, threading.BoundedSemaphore(self._slots))


def _passed() -> int:
    """Real milliseconds, whatever a subclass makes of time: what hangs, hangs for real."""
    return time.monotonic_ns() // 1_000_000


def _outcome(run: Callable[[], object]) -> object:
    try:
        return run()
    except AutoscalerError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and one broken plugin never stops the others
        wrapped = ProviderError(f"{type(error).__name__}: {error}"[:200], hint="a fault of the plugin: report it with its log")
        wrapped.__cause__ = error
        return wrapped


def _late(call: Call, deadline: Duration) -> UnavailableError:
    return UnavailableError(f"{call.world} did not answer within {deadline}", hint="it is read again at the next tick")


def _busy(call: Call) -> UnavailableError:
    return UnavailableError(
        f"every slot of {call.world} hangs in an earlier call",
        hint="see whether it answers at all; slots free themselves when the calls end",
    )


class LeaseKeeper:
    """A thread that does only one thing: call `renew` every `span` until stopped. A failing renewal is `renew`'s own business."""

    def __init__(self, renew: Callable[[], None], span: Duration) -> None:
        self._renew = renew
        self._span = span
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _keep(self) -> None:
        while not self._stop.wait(self._span.ms / 1000):
            self._renew()


class Wake:
    """A latch between threads: somebody rings, the waiting loop goes on at once.

    A pipe, not an Event: a signal handler that runs while its own thread holds the Event's lock never returns, and a ring between the end
    of a wait and its `clear` would be lost.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
            weakref.finalize(self, os.close, end)

    def fileno(self) -> int:
        """Where a byte written is a ring, for `signal.set_wakeup_fd`: whichever thread a signal reaches, the one that waits hears of it."""
        return self._writer

    def ring(self) -> None:
        """End the present or the next wait. Safe from a signal handler."""
        with suppress(BlockingIOError):  # full of rings nobody has heard yet: one more tells nothing new
            os.write(self._writer, b"!")

    def wait(self, span: Duration) -> bool:
        """Wait at most `span`; whether it was rung. However often it was, one wait ends."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        rung = bool(poll.poll(span.ms))
        if rung:
            os.read(self._reader, 1 << 16)  # all that a pipe holds
        return rung


def background(run: Callable[[], object], name: str) -> threading.Thread:
    """Start `run` in a thread that does not keep the process from ending."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
