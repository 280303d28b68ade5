"""Changes the simulated balancer."""

from collections.abc import Callable
from functools import partial

from autoscaler.errors import NoCapacityError
from autoscaler.model.refs import WorkloadRef
from autoscaler.simulation.world import rotation, views
from autoscaler.simulation.world.core import Core
from autoscaler_simulated.readers import backend
from autoscaler_simulated.worlds import Handle


class SimulatedTrafficWriter:
    """Who gets new requests."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """New requests for each."""
        self._each("join", workload, addresses, _join)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """No new requests for any."""
        self._each("leave", workload, addresses, lambda core, _, address: rotation.leave(core, address))

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Out at once."""
        self._each("remove", workload, addresses, lambda core, _, address: rotation.remove(core, address))

    def _each(self, name: str, workload: WorkloadRef, addresses: tuple[str, ...], change: Callable[[Core, str, str], None]) -> None:
        """One call for each, so that each may fail by itself."""

        def run(core: Core, address: str) -> None:
            change(core, backend(core, workload), address)

        for one in addresses:
            self._handle.change(name, partial(run, address=one))


def _join(core: Core, path: str, address: str) -> None:
    if core.spec.rotation_slots and address not in core.state.seats and views.slots_left(core, path) < 1:
        raise NoCapacityError(f"the backend of {path} is full", hint="remove members that are gone, or add server slots")
    rotation.join(core, path, address)
