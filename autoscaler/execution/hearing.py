"""Takes what clouds say out of their queues, and drops it once it is kept. What cannot be heard says so, and holds nothing up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from autoscaler.contracts.runtime import Call, Runtime
from autoscaler.errors import AutoscalerError
from autoscaler.execution.hands import Hands
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import QueueName

PATIENCE = Duration(3000)
"""A tick waits no longer for its queues: what is late comes at the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """By queue what it gave, or why it did not."""

    letters: Mapping[QueueName, tuple[Letter, ...]] = field(default_factory=dict)
    deaf: Mapping[QueueName, AutoscalerError] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Letter, ...]:
        """Of all queues."""
        return tuple(one for letters in self.letters.values() for one in letters)


def hear(hands: Hands, runtime: Runtime) -> Heard:
    """What waits in each queue."""
    if not hands.notices:
        return Heard()
    calls = [Call(str(name), partial(queue.take, PATIENCE)) for name, queue in hands.notices.items()]
    found = dict(zip(hands.notices, runtime.gather(calls, PATIENCE), strict=True))
    deaf = {name: one for name, one in found.items() if isinstance(one, AutoscalerError)}
    return Heard(letters={name: one for name, one in found.items() if name not in deaf and one}, deaf=deaf)


def drop(hands: Hands, heard: Heard, runtime: Runtime) -> None:
    """They are kept; one that cannot be dropped comes again, which is harmless."""
    calls = [Call(str(name), partial(hands.notices[name].drop, letters)) for name, letters in heard.letters.items()]
    runtime.gather(calls, PATIENCE)
