"""Sees who stands in rotation at one HAProxy, in two orders for all workloads."""

from dataclasses import replace

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler_haproxy.backends import slots_of
from autoscaler_haproxy.runtime_socket import RuntimeSocket
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.slots import Load, Slot, is_up, parse_stat, parse_state

ALL_STATES = "show servers state"
ALL_SERVERS = "show stat -1 4 -1"


class HaproxyReader:
    """The slots of the workloads' backends. A slot in maintenance is nobody's: it counts as free."""

    def __init__(self, settings: HaproxySettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._socket = RuntimeSocket(settings.socket, site.runtime)

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """Sessions are read after the states: whoever is seen draining had its last sessions counted since."""
        now, began = self._site.runtime.now(), self._site.runtime.monotonic()
        slots = parse_state(self._socket.ask(ALL_STATES, deadline))
        left = Duration(deadline.ms - (self._site.runtime.monotonic() - began))
        loads = parse_stat(self._socket.ask(ALL_SERVERS, left))
        mine = {workload: slots_of(workload, slots, self._settings) for workload in workloads}
        return RotationState(
            traffic=TrafficName(self._site.name),
            read_at=now,
            members=tuple(one for ref, found in mine.items() for one in _members(ref, found, loads)),
            free=tuple((ref, sum(slot.free for slot in found)) for ref, found in mine.items()),
        )


def _members(workload: WorkloadRef, slots: tuple[Slot, ...], loads: dict[tuple[str, str], Load]) -> list[Member]:
    """One per address. Two slots hold the same one where two joined it at once; they leave together too."""
    found: dict[str, Member] = {}
    for slot in slots:
        if not slot.out:
            one = _member(workload, slot, loads)
            found[one.address] = _both(found[one.address], one) if one.address in found else one
    return list(found.values())


def _both(first: Member, second: Member) -> Member:
    """As good as the better one: that is where new requests go."""
    best = max(first, second, key=lambda one: (one.state is MemberState.READY, one.up))
    return replace(best, sessions=(first.sessions or 0) + (second.sessions or 0))


def _member(workload: WorkloadRef, slot: Slot, loads: dict[tuple[str, str], Load]) -> Member:
    load = loads.get((slot.backend, slot.name))
    if load is None:
        raise UnavailableError(f"{slot.backend}/{slot.name} came or went while HAProxy was read", hint="it is read again at the next tick")
    return Member(workload=workload, address=slot.address, state=slot.state, sessions=load.sessions, up=is_up(slot, load))
