"""Real time in which nobody waits."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime


class Hurried(SystemRuntime):
    """`slept`: how long it was asked to wait, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[Duration] = []

    def monotonic(self) -> int:
        """As if it had waited."""
        return super().monotonic() + sum(one.ms for one in self.slept)

    def sleep(self, span: Duration) -> None:
        """Not at all."""
        self.slept.append(span)


def unheard(words: str) -> None:
    """Nobody watches."""


def hurried() -> Site:
    """Where nothing waits."""
    return Site(name="catalogue", cluster=ClusterName("catalogue"), runtime=Hurried())
