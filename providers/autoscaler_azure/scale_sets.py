"""A scale set and its machines as Azure shows them, and how many of them count. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef
from autoscaler_azure.compute_faults import LATER
from autoscaler_clouds.kinds import Place, called
from autoscaler_sources.moments import instant

if TYPE_CHECKING:
    from azure.mgmt.compute.models import InstanceViewStatus, VirtualMachine, VirtualMachineScaleSet, VirtualMachineScaleSetVM

FAILED, DONE = "ProvisioningState/failed/", "ProvisioningState/succeeded"
POWER = "PowerState/"
STARTED = "Updating"
"""What a machine is while Azure does something to it, such as starting one that stood by."""

POWERED = {
    "starting": InstanceState.LAUNCHING,
    "stopping": InstanceState.STOPPING,
    "deallocating": InstanceState.STOPPING,
    "stopped": InstanceState.FAILED,
    "deallocated": InstanceState.FAILED,
}
"""An evicted spot machine stands deallocated, if its set does not delete it: it will not come back by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleSet:
    """`capacity`: how many machines it is to have. `state`: of its last operation. `mixed`: some of its spot machines are not."""

    id: str
    capacity: int
    state: str
    etag: str
    location: str
    sku: str
    tier: str
    kinds: tuple[str, ...]
    zones: tuple[str, ...] = ()
    flexible: bool = False
    spot: bool = False
    mixed: bool = False

    @property
    def kind(self) -> str:
        """What its machines are called."""
        return called(self.kinds)

    @property
    def zone(self) -> str:
        """Where all of its machines are, as orchestrators write it; none where Azure chooses."""
        return f"{self.location}-{self.zones[0]}" if len(self.zones) == 1 else ""

    @property
    def place(self) -> Place:
        """Where and by which market its machines come, as far as that is sure."""
        return Place(zone=self.zone, spot=self.spot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One VM. `broken`: it failed while it was made, and `refusal` is Azure's code for why. `waits`: in a standby pool."""

    ref: InstanceRef
    host: str
    state: InstanceState
    created: Instant
    broken: bool = False
    refusal: str = ""
    protected: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Machines that launch or run: at least `low`, at most `high`. `base`: the capacity that means `low` of them."""

    low: int
    high: int
    base: int


def scale_set_of(found: "VirtualMachineScaleSet") -> ScaleSet:
    """UnavailableError where the answer is none; SetupError where Azure makes no machines of its own in it."""
    sku, properties = found.sku, found.properties
    if not (found.id and properties and properties.provisioning_state):
        raise UnavailableError("the answer is not as Azure's are", hint=LATER)
    profile, mix = properties.virtual_machine_profile, properties.sku_profile
    if sku is None or sku.capacity is None or not sku.name or profile is None:
        raise SetupError(f"the scale set {found.name} has no scaling profile", hint="give it one: it must know what to launch")
    kinds = tuple(one.name for one in mix.vm_sizes or () if one.name) if mix else ()
    return ScaleSet(
        id=found.id,
        capacity=sku.capacity,
        state=properties.provisioning_state,
        etag=found.etag or "",
        location=found.location,
        sku=sku.name,
        tier=sku.tier or "",
        kinds=kinds or (sku.name,),
        zones=tuple(found.zones or ()),
        flexible=properties.orchestration_mode == "Flexible",
        spot=profile.priority == "Spot",
        mixed=properties.priority_mix_policy is not None,
    )


def of_uniform(found: "VirtualMachineScaleSetVM") -> Machine:
    """A machine of a uniform set: its number there is given once, and its unique id tells it apart all the same."""
    properties = found.properties
    if properties is None or not (found.instance_id and properties.vm_id and properties.provisioning_state):
        raise UnavailableError("the answer is not as Azure's are", hint=LATER)
    view, policy = properties.instance_view, properties.protection_policy
    state, refusal = _state(properties.provisioning_state, (view.statuses or ()) if view else ())
    return Machine(
        ref=InstanceRef(found.instance_id, properties.vm_id),
        host=(properties.os_profile.computer_name if properties.os_profile else None) or found.name or found.instance_id,
        state=state,
        created=instant(properties.time_created) if properties.time_created else Instant(0),
        broken=bool(refusal),
        refusal=refusal,
        protected=bool(policy and policy.protect_from_scale_in),
    )


def of_flexible(found: "VirtualMachine") -> Machine:
    """A machine of a flexible set, by its name. Whether it is protected its own answer does not say.

    One that stood by was made long ago: it is as old as its start, and what of it fails fails now.
    """
    properties = found.properties
    if properties is None or not (found.name and properties.vm_id and properties.provisioning_state):
        raise UnavailableError("the answer is not as Azure's are", hint=LATER)
    view = properties.instance_view
    statuses = (view.statuses or ()) if view else ()
    state, refusal = _state(properties.provisioning_state, statuses)
    stood = view is not None and view.is_vm_in_standby_pool is False
    if stood and properties.provisioning_state == STARTED and state is InstanceState.FAILED:
        state = InstanceState.LAUNCHING
    last = (FAILED,) if refusal else (DONE,) if stood else ()
    times = [instant(one.time) for one in statuses if one.time and (one.code or "").startswith(last)]
    return Machine(
        ref=InstanceRef(found.name, properties.vm_id),
        host=(properties.os_profile.computer_name if properties.os_profile else None) or found.name,
        state=state,
        created=max(times, default=instant(properties.time_created) if properties.time_created else Instant(0)),
        broken=bool(refusal),
        refusal=refusal,
        waits=bool(view and view.is_vm_in_standby_pool),
    )


def _state(provisioning: str, statuses: "Sequence[InstanceViewStatus]") -> tuple[InstanceState, str]:
    """What becomes of it, and why it failed. A machine whose making failed may run none the less: then it counts, for it is paid for."""
    codes = [one.code or "" for one in statuses]
    power = next((code.removeprefix(POWER) for code in codes if code.startswith(POWER)), "")
    if provisioning == "Creating":
        return InstanceState.LAUNCHING, ""
    if provisioning == "Deleting":
        return InstanceState.STOPPING, ""
    if provisioning == "Failed" and power != "running":
        return InstanceState.FAILED, next((code.removeprefix(FAILED) for code in codes if code.startswith(FAILED)), provisioning)
    return POWERED.get(power, InstanceState.RUNNING), ""


def count_of(found: ScaleSet, machines: Iterable[Machine]) -> Count:
    """How many there are, with those that were asked for and are not listed yet.

    Azure does not promise whether the capacity still holds machines that stop or failed. While it is at work, both are possible, and so
    `low` and `high` differ until those are gone. When its last operation failed, it is at work no more: what is not there will not come.
    """
    states = [one.state for one in machines]
    failed, stopping = states.count(InstanceState.FAILED), states.count(InstanceState.STOPPING)
    live = len(states) - failed - stopping
    if found.state == "Failed":
        return Count(low=live, high=live, base=min(found.capacity, live + failed))
    low = live + max(0, found.capacity - live - failed - stopping)
    busy = found.state in ("Updating", "Creating")
    return Count(low=low, high=max(live, found.capacity) if busy else low, base=found.capacity)
