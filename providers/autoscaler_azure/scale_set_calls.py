"""The calls about one scale set: what reader and writer see of it is the same."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Cpu, Memory
from autoscaler_azure.compute import Session
from autoscaler_azure.compute_faults import LATER, read
from autoscaler_azure.scale_sets import Machine, ScaleSet, of_flexible, of_uniform, scale_set_of
from autoscaler_azure.settings import AzurePool
from autoscaler_clouds.kinds import KindSpec

if TYPE_CHECKING:
    from azure.core.paging import ItemPaged
    from azure.mgmt.compute.models import ResourceSku

T = TypeVar("T")

VIEW = "instanceView"
GIB = 2**30


def scale_set(settings: AzurePool, session: Session) -> ScaleSet:
    """The set. NotFoundError without one."""
    sets = session.client.virtual_machine_scale_sets
    return read(lambda: scale_set_of(sets.get(settings.resource_group, settings.scale_set, **session.limits())))


def machines(settings: AzurePool, session: Session, of: ScaleSet) -> tuple[Machine, ...]:
    """All of them, with whether they run. Those that stand by are the standby pool's, not the set's."""
    return tuple(one for one in listed(settings, session, of) if not one.waits)


def listed(settings: AzurePool, session: Session, of: ScaleSet) -> tuple[Machine, ...]:
    """The same with those that stand by: a call for each page of the list."""
    client, group, limits = session.client, settings.resource_group, session.limits()
    if of.flexible:
        # Spelt so: https://learn.microsoft.com/rest/api/compute/virtual-machines/list
        only = f"'virtualMachineScaleSet/id' eq '{of.id}'"
        return tuple(map(of_flexible, _all(session, lambda: client.virtual_machines.list(group, filter=only, expand=VIEW, **limits))))
    each = client.virtual_machine_scale_set_vms
    return tuple(map(of_uniform, _all(session, lambda: each.list(group, settings.scale_set, expand=VIEW, **limits))))


def kinds(session: Session, location: str, names: frozenset[str]) -> dict[str, KindSpec]:
    """What Azure says of kinds of machines; it says no price. SetupError for one it does not know there."""
    limits = session.limits()
    listed = session.client.resource_skus
    found = _all(session, lambda: listed.list(filter=f"location eq '{location}'", **limits))
    known = {one.name: _kind(one) for one in found if one.name in names and one.resource_type == "virtualMachines"}
    if missing := sorted(names - known.keys()):
        raise SetupError(
            f"Azure sells no machine {', '.join(missing)} in {location}",
            hint="write what it has under `types:` of the pool, or mend the set",
        )
    return {name: kind for name, kind in known.items() if name}


def _all(session: Session, listing: "Callable[[], ItemPaged[T]]") -> list[T]:
    return read(lambda: [one for page in _timely(session, listing()) for one in page])


def _timely(session: Session, listing: "ItemPaged[T]") -> "Iterator[Iterator[T]]":
    for page in listing.by_page():
        yield page
        session.limits()


def _kind(found: "ResourceSku") -> KindSpec:
    has = {one.name: one.value or "" for one in found.capabilities or ()}
    whole, _, part = has.get("MemoryGB", "").partition(".")
    try:
        memory = (int(whole) * 10**4 + int(part.ljust(4, "0")[:4])) * GIB // 10**4
        return KindSpec(
            name=found.name or "",
            cpu=Cpu(int(has.get("vCPUsAvailable", has["vCPUs"])) * 1000),
            memory=Memory(memory),
            gpus=int(has.get("GPUs", "0")),
        )
    except (KeyError, ValueError) as error:
        raise UnavailableError(f"Azure does not tell what a {found.name} has", hint=LATER) from error
