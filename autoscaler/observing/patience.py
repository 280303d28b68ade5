"""One read, tried again while there is time; and what its failure means as a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, NotFoundError, RefusedError, SetupError, UnavailableError
from autoscaler.model.codec import FormatError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler.observing.budget import Budget

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

TRIES = 3
"""Reads per tick and part: a hiccup is ridden out, an outage is the next tick's."""

FIRST_PAUSE_MS = 200

DETAIL = 200
"""Characters of a source's own words that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a read may spend: until `ends` on the monotonic clock, and what is left in `world`'s bucket."""

    world: str
    runtime: Runtime
    budget: Budget
    ends: int

    def read(self, ask: Callable[[Duration], T]) -> T:
        """What `ask` answers within the time left; asked again only when the world was unavailable."""
        try:
            return self._once(ask)  # mostly the only time: what asks again costs more than a quick answer
        except UnavailableError as problem:
            return self._again(ask, problem)

    def _again(self, ask: Callable[[Duration], T], problem: UnavailableError) -> T:
        """The first time, of which this came, counts."""
        # Here, for half a web server comes with it, and whoever plans on a recording reads nothing.
        from tenacity import Retrying, retry_if_exception_type

        retrying = Retrying(
            sleep=lambda seconds: self.runtime.sleep(Duration(round(seconds * 1000))),
            wait=self._pause,
            stop=self._over,
            retry=retry_if_exception_type(UnavailableError),
            reraise=True,
        )
        earlier = [problem]

        def once_more() -> T:
            if earlier:
                raise earlier.pop()
            return self._once(ask)

        answer: T = retrying(once_more)
        return answer

    def _once(self, ask: Callable[[Duration], T]) -> T:
        now = self.runtime.monotonic()
        self.budget.take(self.world, now)
        return ask(Duration(max(0, self.ends - now)))

    def _pause(self, state: "RetryCallState") -> float:
        """Longer each time, never alike for two readers; in seconds, as tenacity counts."""
        longest = FIRST_PAUSE_MS << state.attempt_number
        return self.runtime.rng("patience").randint(longest // 2, longest) / 1000

    def _over(self, state: "RetryCallState") -> bool:
        spare = self.ends - self.runtime.monotonic() - (FIRST_PAUSE_MS << state.attempt_number)
        return state.attempt_number >= TRIES or spare <= 0


def unknown(error: AutoscalerError, *, late: bool) -> Unknown:
    """Why a part could not be read. `late`: its time was over by then."""
    kinds = (
        (NotFoundError, Code.NOT_FOUND),
        (RefusedError, Code.REFUSED),
        (SetupError, Code.REFUSED),
        (FormatError, Code.MALFORMED),
        (UnavailableError, Code.LATE if late else Code.UNAVAILABLE),
    )
    code = next((code for kind, code in kinds if isinstance(error, kind)), Code.UNAVAILABLE)
    return Unknown(code, str(error)[:DETAIL])
