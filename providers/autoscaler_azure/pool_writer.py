"""Grows a scale set by its capacity, and shrinks it by name.

Azure takes no idempotency token. What keeps a repeat from launching twice: the capacity is absolute, it is reckoned from machines read just
before, and it is written only if the set is still the one that was read (its etag). Whichever of two such calls comes first, the other one
finds the count as it should be, or is refused.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, ConflictError, NoCapacityError, NotFoundError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_azure import scale_set_calls
from autoscaler_azure.compute import Compute, Session
from autoscaler_azure.compute_faults import AGAIN, lacking, read, write
from autoscaler_azure.scale_sets import Count, Machine, ScaleSet, count_of, of_flexible, of_uniform
from autoscaler_azure.settings import AzurePool
from autoscaler_clouds.signing import signing_in_anew

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse

BUDGET = Duration(9000)
"""For all calls of one change together: less than the ten seconds after which the engine takes a call for lost."""
LEAST = Duration(2000)
"""A change is sent only if so much is left for its reply."""
LISTENS, EVERY = Duration(2000), Duration(500)
"""How long a launch is listened to for a refusal, and how often. One that comes later the reader sees."""
AT_ONCE = 5
"""Machines that are protected in one call of ours."""


class ScaleSetWriter:
    """One scale set."""

    def __init__(self, settings: AzurePool, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._compute = Compute(settings, site)

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """A set has one offering. If it is another one than is named, the set was changed."""
        del token
        session, name = self._session(), self._settings.scale_set
        found = scale_set_calls.scale_set(self._settings, session)
        if offering not in (None, found.place.name(found.kind)):
            raise ConflictError(f"{name} offers {found.place.name(found.kind)}, not {offering}", hint=AGAIN)
        machines = scale_set_calls.machines(self._settings, session, found)
        capacity = _capacity(found, name, count_of(found, machines), seen, wanted)
        if capacity is not None:
            operation = self._raise(session, found, capacity)
            self._protect(session, found, machines)
            self._listen(session, operation)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """In one call, by their ids, after each was seen to be the one that is meant. Azure lowers the capacity with them."""
        del token  # exact ids: giving them back twice is giving them back once
        session = self._session()
        found = scale_set_calls.scale_set(self._settings, session)
        meant = sorted(ref.id for ref in gone if self._there(session, found, ref))
        if meant:
            self._delete(session, meant)

    def _session(self) -> Session:
        with signing_in_anew(self._compute.forget):
            return self._compute.within(BUDGET)

    def _raise(self, session: Session, found: ScaleSet, capacity: int) -> str:
        """The address of the operation that this begins."""
        from azure.core import MatchConditions
        from azure.mgmt.compute.models import Sku, VirtualMachineScaleSetUpdate

        sets, told, limits = session.client.virtual_machine_scale_sets, _Headers(), session.limits(LEAST)
        body = VirtualMachineScaleSetUpdate(sku=Sku(name=found.sku, tier=found.tier or None, capacity=capacity))
        only = {"etag": found.etag, "match_condition": MatchConditions.IfNotModified} if found.etag else {}
        asked: dict[str, Any] = {"polling": False, "raw_response_hook": told.keep, **only, **limits}
        write(lambda: sets.begin_update(self._settings.resource_group, self._settings.scale_set, body, **asked))
        return told.found.get("Azure-AsyncOperation", "")

    def _delete(self, session: Session, meant: list[str]) -> None:
        from azure.mgmt.compute.models import VirtualMachineScaleSetVMInstanceRequiredIDs

        sets, limits = session.client.virtual_machine_scale_sets, session.limits(LEAST)
        body = VirtualMachineScaleSetVMInstanceRequiredIDs(instance_ids=meant)
        group, name = self._settings.resource_group, self._settings.scale_set
        try:
            write(lambda: sets.begin_delete_instances(group, name, body, polling=False, **limits))
        except NotFoundError as error:  # one went since it was looked at, and Azure deletes none of them then
            raise ConflictError(str(error), hint=AGAIN) from error

    def _there(self, session: Session, found: ScaleSet, ref: InstanceRef) -> bool:
        """Whether it is the very machine, still in the set and not going already."""
        try:
            machine = self._machine(session, found, ref.id)
        except NotFoundError:
            return False
        return machine is not None and machine.ref == ref and machine.state is not InstanceState.STOPPING

    def _machine(self, session: Session, found: ScaleSet, name: str) -> Machine | None:
        client, group, limits = session.client, self._settings.resource_group, session.limits()
        if not found.flexible:
            return read(lambda: of_uniform(client.virtual_machine_scale_set_vms.get(group, self._settings.scale_set, name, **limits)))
        one = read(lambda: client.virtual_machines.get(group, name, **limits))
        home = one.properties and one.properties.virtual_machine_scale_set
        ours = home and home.id and home.id.lower() == found.id.lower()
        return of_flexible(one) if ours else None

    def _protect(self, session: Session, found: ScaleSet, machines: tuple[Machine, ...]) -> None:
        """A few of those that run and are not yet: from whoever lowers the capacity by a mere number, which we never do.

        After the launch, which it must not hold up; and whatever comes of it, the launch was accepted.
        """
        from azure.mgmt.compute import models

        if found.flexible or not self._settings.protect:
            return
        policy = models.VirtualMachineScaleSetVMProtectionPolicy(protect_from_scale_in=True)
        properties = models.VirtualMachineScaleSetVMProperties(protection_policy=policy)
        body = models.VirtualMachineScaleSetVM(location=found.location, properties=properties)
        bare = [one.ref.id for one in machines if one.state is InstanceState.RUNNING and not one.protected]
        each = partial(session.client.virtual_machine_scale_set_vms.begin_update, self._settings.resource_group, self._settings.scale_set)
        with suppress(AutoscalerError):
            for name in bare[:AT_ONCE]:
                write(partial(each, name, body, polling=False, **session.limits(LEAST)))

    def _listen(self, session: Session, address: str) -> None:
        """NoCapacityError, where Azure says within a moment that there is none. Whatever else it says, the reader sees."""
        ends = self._runtime.monotonic() + LISTENS.ms
        while address and self._runtime.monotonic() < ends:
            told = _operation(session, address)
            error = told.get("error") or {}
            refusal = lacking(str(error.get("code", "")), str(error.get("message", ""))) if told.get("status") == "Failed" else None
            if refusal:
                raise refusal
            if told.get("status") != "InProgress":
                return
            self._runtime.sleep(EVERY)


class _Headers:
    """Of the last reply: where a long-running operation is followed."""

    def __init__(self) -> None:
        self.found: Mapping[str, str] = {}

    def keep(self, reply: "PipelineResponse[Any, Any]") -> None:
        self.found = reply.http_response.headers


def _capacity(found: ScaleSet, name: str, count: Count, seen: int, wanted: int) -> int | None:
    """To which it is to be raised; None where that was done. Never below what it is, whoever asked for that: a lower one ends machines."""
    if count.low == count.high == wanted and seen < wanted:
        return None
    if count.low != count.high:
        raise ConflictError(f"{name} has {count.low} to {count.high} machines while some come and go", hint=AGAIN)
    if count.low != seen or wanted <= seen:
        raise ConflictError(f"{name} has {count.low} machines, not {seen}", hint=AGAIN)
    capacity = count.base + wanted - seen
    if capacity < found.capacity:
        raise NoCapacityError(
            f"{name} is to have {found.capacity} machines, and Azure could not make all of them",
            hint=f"az vmss scale --new-capacity {count.base}, if that many is right; or another pool may do",
        )
    return capacity


def _operation(session: Session, address: str) -> Mapping[str, Any]:
    """How it stands; nothing, where it cannot be asked."""
    from azure.core.rest import HttpRequest

    try:
        found = read(lambda: session.client.send_request(HttpRequest("GET", address), **session.limits()).json())
    except (AutoscalerError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
