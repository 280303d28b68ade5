"""Changes the simulated balancer."""

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

    def join(self, workload: WorkloadRef, address: str) -> None:
        """New requests for it."""
        self._handle.change("join", lambda core: _join(core, backend(core, workload), address))

    def leave(self, workload: WorkloadRef, address: str) -> None:
        """No new requests for it."""
        self._handle.change("leave", lambda core: rotation.leave(core, address) if backend(core, workload) else None)

    def remove(self, workload: WorkloadRef, address: str) -> None:
        """Out at once."""
        self._handle.change("remove", lambda core: rotation.remove(core, address) if backend(core, workload) else None)


def _join(core: Core, path: str, address: str) -> None:
    if core.spec.rotation_slots and address not in core.state.seats and views.slots_left(core, path) < 1:
        raise NoCapacityError(f"the backend of {path} is full", hint="remove members that are gone, or add server slots")
    rotation.join(core, path, address)
