"""Puts replicas into the slots of one HAProxy and takes them out."""

from autoscaler.contracts.provider import Site
from autoscaler.errors import NoCapacityError, NotFoundError, ProviderError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_haproxy.backends import slots_of
from autoscaler_haproxy.runtime_socket import RuntimeSocket
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.slots import Slot, joined_address, parse_state, split_address
from autoscaler_haproxy.traffic_reader import ALL_STATES

CALL = Duration(5000)
"""The longest an order takes: shorter than a lease lives."""
ACCEPTED = ("changed from", "no need to change")


class HaproxyWriter:
    """Every call reads the slots anew: they are all the memory there is."""

    def __init__(self, settings: HaproxySettings, site: Site) -> None:
        self._settings = settings
        self._socket = RuntimeSocket(settings.socket, site.runtime)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Each in its own slot if it has one; else in the free one that was out of use the longest, which has no session left."""
        for one in addresses:
            self._join(workload, one)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Drains them: HAProxy sends them nothing new."""
        self._each(workload, addresses, "state drain")

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Into maintenance: their slots are free."""
        self._each(workload, addresses, "state maint")

    def _join(self, workload: WorkloadRef, address: str) -> None:
        host, port = split_address(address)
        slots = self._slots(workload)
        held = [slot for slot in slots if not slot.out and slot.address == joined_address(host, port)]
        slot = held[0] if held else _unused(slots, workload)
        if not held:
            # Still in maintenance: a crash before `ready` leaves a free slot.
            self._tell(slot, f"addr {host} port {port}", answered=ACCEPTED)
        self._tell(slot, "state ready")

    def _each(self, workload: WorkloadRef, addresses: tuple[str, ...], order: str) -> None:
        meant = {joined_address(*split_address(one)) for one in addresses}
        for slot in self._slots(workload):
            if not slot.out and slot.address in meant:
                self._tell(slot, order)

    def _slots(self, workload: WorkloadRef) -> tuple[Slot, ...]:
        return slots_of(workload, parse_state(self._socket.ask(ALL_STATES, CALL)), self._settings)

    def _tell(self, slot: Slot, order: str, *, answered: tuple[str, ...] = ()) -> None:
        answer = self._socket.tell(f"set server {slot.backend}/{slot.name} {order}", CALL)
        if answer.startswith(("No such backend", "No such server")):
            raise NotFoundError(f"{slot.backend}/{slot.name} is gone: {answer}", hint="HAProxy was given another configuration: read again")
        if any(word in answer for word in answered) if answered else not answer:
            return
        raise ProviderError(f"HAProxy refuses `{order}` for {slot.backend}/{slot.name}: {answer[:120]}", hint="see HAProxy's log")


def _unused(slots: tuple[Slot, ...], workload: WorkloadRef) -> Slot:
    free = sorted((slot for slot in slots if slot.free), key=lambda slot: (-slot.unused, slot.number))
    if not free:
        raise NoCapacityError(
            f"all {len(slots)} server slots of {workload} are taken at HAProxy",
            hint="raise the numbers of its server-template and reload HAProxy",
        )
    return free[0]
