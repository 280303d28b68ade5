"""What goes wrong, by seeded dice: replies, servers, starts, launches, stocks, samples."""

from dataclasses import dataclass

from autoscaler.contracts.runtime import Rng
from autoscaler.errors import OutcomeUnknownError, StoreError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.simulation.crashes import Fuse
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.state import Fate, Machine, Unit

HUNG = Duration(60_000)
"""Longer than any deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often each thing goes wrong, in thousandths of the calls, starts, launches, ticks it may befall."""

    throttled: int = 0
    lost_before: int = 0
    lost_after: int = 0
    hung: int = 0
    not_a_number: int = 0
    stale: int = 0
    slow: int = 0
    failed: int = 0
    never_healthy: int = 0
    failed_launch: int = 0
    slow_launch: int = 0
    sold_out: int = 0
    crash: int = 0
    skew: int = 0
    node_dies: int = 0
    user_scales: int = 0
    user_deploys: int = 0
    user_fences: int = 0
    store_fails: int = 0
    pauses: int = 0
    freezes: int = 0
    drains: int = 0
    applies: int = 0
    notices: int = 0


CALM = Rates()


class Dice:
    """One seeded stream and the present rates; `calm` stops everything from going wrong."""

    def __init__(self, rng: Rng, rates: Rates) -> None:
        self.rng = rng
        self.rates = rates

    def calm(self) -> None:
        """From now on all goes well."""
        self.rates = CALM

    def roll(self, rate: int) -> bool:
        """Whether it happens."""
        return rate > 0 and self.rng.randrange(1000) < rate


class Storm:
    """The weather of a simulated world: what befalls calls and samples.

    `lies`: metrics and workloads of which something untrue was told, until somebody clears them.
    """

    def __init__(self, dice: Dice, runtime: VirtualRuntime, fuse: Fuse) -> None:
        self._dice = dice
        self._runtime = runtime
        self._fuse = fuse
        self.lies: set[tuple[str, str]] = set()

    def before(self, kind: str, name: str) -> None:
        """Throttled, lost on its way, or we die before it was sent."""
        self._fuse.burn()
        rates = self._dice.rates
        if self._dice.roll(rates.throttled):
            raise UnavailableError(f"{name}: throttled", hint="it is tried again at the next tick")
        if kind == "write" and self._dice.roll(rates.lost_before):
            raise OutcomeUnknownError(f"{name}: no reply", hint="it is read back first")

    def after(self, kind: str, name: str) -> None:
        """It was done; the answer is lost or late, or we die before it came."""
        rates = self._dice.rates
        if kind == "write" and self._dice.roll(rates.lost_after):
            raise OutcomeUnknownError(f"{name}: no reply", hint="it is read back first")
        if self._dice.roll(rates.hung):
            self._runtime.sleep(HUNG)
        self._fuse.burn()

    def store(self) -> None:
        """The store answers nothing, or its answer is lost: whatever was asked was done in whole or not at all."""
        if self._dice.roll(self._dice.rates.store_fails):
            raise StoreError("the store does not answer", hint="it is tried again at the next tick")

    def sample(self, metric: str, path: str, value: int, at: int) -> tuple[int | None, int]:
        """Not a number, old, or the truth."""
        if self._dice.roll(self._dice.rates.not_a_number):
            self.lies.add((metric, path))
            return None, at
        if self._dice.roll(self._dice.rates.stale):
            self.lies.add((metric, path))
            return value, at - HUNG.ms * 10
        return value, at


class Fickle:
    """The fates of starts and launches."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def start(self, unit: Unit) -> Fate:
        """Mostly fine."""
        del unit
        rates = self._dice.rates
        chances = ((rates.slow, Fate.SLOW), (rates.failed, Fate.FAILS), (rates.never_healthy, Fate.NEVER_HEALTHY))
        return next((fate for rate, fate in chances if self._dice.roll(rate)), Fate.FINE)

    def launch(self, machine: Machine) -> Fate:
        """Mostly fine."""
        del machine
        chances = ((self._dice.rates.failed_launch, Fate.FAILS), (self._dice.rates.slow_launch, Fate.SLOW))
        return next((fate for rate, fate in chances if self._dice.roll(rate)), Fate.FINE)

    def sold_out(self, pool: str, offering: str, now: int) -> bool:
        """Now and then."""
        del pool, offering, now
        return self._dice.roll(self._dice.rates.sold_out)
