"""The Runtime of simulations: one thread, virtual time, calls in seeded order, dice and ids that repeat."""

from collections.abc import Sequence
from typing import Any

from autoscaler.contracts.runtime import Call, Rng
from autoscaler.errors import AutoscalerError, ProviderError, UnavailableError
from autoscaler.model.quantities import Duration, Instant

EPOCH = Instant(1_767_225_600_000)
"""2026-01-01 00:00 UTC, a Thursday: where simulations begin unless told otherwise."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: sorts as its numbers do."""


class VirtualRuntime:
    """Time passes only by `sleep`, `advance`, and by what gathered calls sleep.

    `seed` decides the order of gathered calls and every die. `slots`: calls one outside world may have under way.
    """

    def __init__(self, seed: int = 0, *, start: Instant = EPOCH, slots: int = 8) -> None:
        self._seed = seed
        self._start = start
        self._slots = slots
        self._elapsed = 0
        self._gathering: int | None = None
        self._skew = 0
        self._ids = 0
        self._dice: dict[str, Rng] = {}
        self._busy: dict[str, list[int]] = {}

    def now(self) -> Instant:
        """Wall time: the virtual time and the skew it was given."""
        return Instant(self._start + self._elapsed + self._skew)

    def true_now(self) -> Instant:
        """Virtual time as the simulated outside has it, whatever our own clock says.

        While calls are gathered it stands still: they all reach the outside at the instant they began, and only their answers are late.
        """
        return Instant(self._start + (self._elapsed if self._gathering is None else self._gathering))

    @property
    def gathering(self) -> bool:
        """Whether calls are under way."""
        return self._gathering is not None

    def monotonic(self) -> int:
        """Milliseconds since the beginning."""
        return self._elapsed

    def sleep(self, span: Duration) -> None:
        """Let `span` pass at once."""
        self._elapsed += span.ms

    def advance(self, span: Duration) -> None:
        """Let `span` pass: what a test calls between two ticks."""
        self.sleep(span)

    def step_clock(self, ms: int) -> None:
        """Set the wall clock forward or back by `ms`, as an operator or NTP does; `monotonic` does not notice."""
        self._skew += ms

    def gather(self, calls: Sequence[Call], deadline: Duration) -> list[Any | AutoscalerError]:
        """Run each call from the same instant on, in seeded order; time ends at the slowest of them, at most at the deadline."""
        began, longest = self._elapsed, 0
        outer, self._gathering = self._gathering, began if self._gathering is None else self._gathering
        results: list[Any | AutoscalerError] = [None] * len(calls)
        try:
            for index in self._order(len(calls)):
                self._elapsed = began
                results[index], took = self._run(calls[index], deadline)
                longest = max(longest, took)
        finally:
            self._elapsed, self._gathering = began + longest, outer
        return results

    def new_id(self) -> str:
        """Ten characters of time, sixteen of a counter."""
        self._ids += 1
        return _base32(max(0, self.now()), 10) + _base32(self._ids, 16)

    def rng(self, name: str) -> Rng:
        """The dice of this name; asked for again, they roll on."""
        if name not in self._dice:
            self._dice[name] = Rng(f"{self._seed}/{name}")
        return self._dice[name]

    def _order(self, count: int) -> list[int]:
        order = list(range(count))
        self.rng("gather").shuffle(order)
        return order

    def _run(self, call: Call, deadline: Duration) -> tuple[object, int]:
        began = self._elapsed
        busy = self._busy[call.world] = [until for until in self._busy.get(call.world, []) if until > began]
        if len(busy) >= self._slots:
            return UnavailableError(f"{call.world}: all slots busy", hint="wait until the calls under way have ended"), 0
        result = _outcome(call)
        took = self._elapsed - began
        if took > deadline.ms:
            busy.append(self._elapsed)
            return UnavailableError(f"{call.world}: no answer within {deadline}", hint="it is asked again at the next tick"), deadline.ms
        return result, took


def _outcome(call: Call) -> object:
    try:
        return call.run()
    except AutoscalerError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises stays within its own call
        ours = ProviderError(f"{call.world}: {type(error).__name__}", hint="this is a defect of the plugin; report it")
        ours.__cause__ = error
        return ours


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
