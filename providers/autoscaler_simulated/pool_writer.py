"""Changes a simulated pool."""

from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler.simulation.world import machines
from autoscaler_simulated.worlds import Handle


class SimulatedPoolWriter:
    """Grows by an absolute count, shrinks by name."""

    def __init__(self, handle: Handle, name: str) -> None:
        self._handle = handle
        self._name = name

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """Launch what is missing."""
        self._handle.change(
            "grow",
            lambda core: machines.grow(core, self._name, seen=seen, wanted=wanted, token=token, offering=offering),
        )

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """Give back exactly these."""
        del token  # exact incarnations: giving them back twice is giving them back once
        self._handle.change("release", lambda core: machines.release(core, self._name, gone))
