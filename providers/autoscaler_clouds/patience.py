"""Long readings of a cloud: call after call, never in a hurry, each asked again some times where the cloud was busy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration

T = TypeVar("T")

PAUSES = tuple(Duration(1000 << times) for times in range(5))
"""Between tries, half a minute in all: buckets of the clouds' APIs fill within seconds."""

PACE = Duration(100)
"""From one call to the next: a tenth of what the slowest of these APIs lets an account do, which its pools need as well."""

MOST_PAGES = 2000


@dataclass(slots=True)
class Patience:
    """`next_at`: on the monotonic clock, when the next call may begin."""

    runtime: Runtime
    next_at: int = field(default=0)

    def ask(self, call: Callable[[], T]) -> T:
        """Its answer. UnavailableError once it was asked often enough; any other error at once."""
        for pause in PAUSES:
            try:
                return self._paced(call)
            except UnavailableError:
                longest = pause.ms
                self.runtime.sleep(Duration(self.runtime.rng("patience").randint(longest // 2, longest)))
        return self._paced(call)

    def pages(self, ask: Callable[[str], tuple[Sequence[T], str]]) -> Iterator[T]:
        """All items of a list. `ask`: a page and the token of the next one, by a token; empty for the first, and after the last."""
        return chain.from_iterable(self._each(ask))

    def _each(self, ask: Callable[[str], tuple[Sequence[T], str]]) -> Iterator[Sequence[T]]:
        token = ""
        for _ in range(MOST_PAGES):
            asked = token
            items, token = self.ask(lambda: ask(asked))  # noqa: B023 - called before the next turn
            yield items
            if not token:
                return
        raise UnavailableError(f"the list has more than {MOST_PAGES} pages", hint="see whether what answers is the cloud")

    def _paced(self, call: Callable[[], T]) -> T:
        now = self.runtime.monotonic()
        if self.next_at > now:
            self.runtime.sleep(Duration(self.next_at - now))
        self.next_at = max(now, self.next_at) + PACE.ms
        return call()
