"""What a scale set and its machines look like in Azure's answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from azure.mgmt.compute import models

from autoscaler.model.quantities import Instant
from autoscaler_standins.azure.model import Published, checked
from autoscaler_standins.azure.sets import Model, Operation, ScaleSet, Waiting, hosted
from autoscaler_standins.machines import Condition, Machine

Json = dict[str, Any]
STATES = {
    Condition.BOOTING: "Creating",
    Condition.RUNNING: "Succeeded",
    Condition.STOPPING: "Deleting",
    Condition.FAILED: "Failed",
}
POWERED = {Condition.BOOTING: "starting", Condition.RUNNING: "running", Condition.STOPPING: "stopping"}
WORDS = {
    "AllocationFailed": "Allocation failed. We do not have sufficient capacity for the requested VM size in this region.",
    "ZonalAllocationFailed": "Allocation failed. We do not have sufficient capacity for the requested VM size in this zone.",
    "OSProvisioningTimedOut": "OS Provisioning for VM did not finish in the allotted time.",
}


def moment(at: Instant) -> str:
    """As Azure writes times."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


def sold_as(model: Model) -> Json:
    """Its sku, without the capacity; see https://learn.microsoft.com/azure/virtual-machine-scale-sets/instance-mix-create for a mix."""
    return {"name": "Mix"} if len(model.kinds) > 1 else {"name": model.kinds[0], "tier": "Standard"}


def scale_set(one: ScaleSet) -> Json:
    """The set itself."""
    model, mixed = one.model, len(one.model.kinds) > 1
    profile: Json = {"priority": "Spot", "evictionPolicy": "Delete"} if model.spot else {}
    if one.lingers.ms and not model.spot:
        notice = {"enable": True, "notBeforeTimeout": f"PT{one.lingers.ms // 60_000}M"}
        profile = {"scheduledEventsProfile": {"terminateNotificationProfile": notice}}
    properties: Json = {
        "provisioningState": one.state,
        "orchestrationMode": "Flexible" if model.flexible else "Uniform",
        "singlePlacementGroup": False,
        "platformFaultDomainCount": 1,
        "virtualMachineProfile": {**profile, "osProfile": {"computerNamePrefix": model.name}},
        "uniqueId": identity(model.key),
    }
    properties |= one.others
    if mixed:
        properties["skuProfile"] = {"vmSizes": [{"name": kind} for kind in model.kinds], "allocationStrategy": "CapacityOptimized"}
    shown: Json = {
        "id": model.id,
        "name": model.name,
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": model.location,
        "etag": f'"{one.version}"',
        "sku": {**sold_as(model), "capacity": one.shown},
        "properties": properties,
    }
    if model.zones:
        shown["zones"] = list(model.zones)
    return shown


def instance(one: ScaleSet, machine: Machine, *, view: bool) -> Json:
    """A machine as its set shows it; of a flexible one only which it is."""
    model, name = one.model, one.instance(machine)
    shown: Json = {
        "id": f"{model.id}/virtualMachines/{name}",
        "name": name if model.flexible else f"{model.name}_{name}",
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        "location": model.location,
        "instanceId": name,
    }
    properties: Json = {}
    if not model.flexible:
        shown["sku"] = {"name": machine.kind, "tier": "Standard"}
        shown |= {"zones": [machine.zone]} if machine.zone else {}
        properties = {"latestModelApplied": True, **_common(one, machine, view=view)}
    if machine.id in one.protected:
        properties["protectionPolicy"] = {"protectFromScaleIn": True}
    return {**shown, "properties": properties}


def virtual_machine(one: ScaleSet, machine: Machine, *, view: bool) -> Json:
    """A machine of a flexible set, which is one like any other."""
    model, name = one.model, one.instance(machine)
    shown: Json = {
        "id": f"/subscriptions/{model.subscription}/resourceGroups/{model.group}/providers/Microsoft.Compute/virtualMachines/{name}",
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": model.location,
        "properties": {
            "virtualMachineScaleSet": {"id": model.id},
            "hardwareProfile": {"vmSize": machine.kind},
            "priority": "Spot" if machine.spot else "Regular",
            **_common(one, machine, view=view),
        },
    }
    return {**shown, "zones": [machine.zone]} if machine.zone else shown


def standing_by(one: ScaleSet, waiting: Waiting) -> Json:
    """A machine of its standby pool, which is a machine like any other as well."""
    model = one.model
    group = f"/subscriptions/{model.subscription}/resourceGroups/{model.group}"
    statuses = [{"code": "ProvisioningState/succeeded", "level": "Info"}, {"code": "PowerState/deallocated", "level": "Info"}]
    return {
        "id": f"{group}/providers/Microsoft.Compute/virtualMachines/{waiting.name}",
        "name": waiting.name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": model.location,
        "properties": {
            "virtualMachineScaleSet": {"id": model.id},
            "vmId": identity(f"{model.group}/{waiting.name}/{waiting.made_at}"),
            "provisioningState": "Succeeded",
            "timeCreated": moment(waiting.made_at),
            "osProfile": {"computerName": hosted(waiting.name)},
            "instanceView": {"isVMInStandbyPool": True, "statuses": statuses},
        },
    }


def identity(of: str) -> str:
    """As Azure writes unique ids, the same for the same thing."""
    digits = sha256(of.encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def operation(one: Operation) -> Json:
    """A long-running operation."""
    shown: Json = {"name": one.id, "status": one.status, "startTime": moment(one.started_at)}
    if one.ended_at is not None:
        shown["endTime"] = moment(one.ended_at)
        if one.error:
            shown["error"] = {"code": one.error, "message": WORDS[one.error]}
    return shown


def sku(name: str, location: str, has: Mapping[str, str]) -> Json:
    """A kind of machine, as the list of what is sold shows it."""
    found = [{"name": key, "value": value} for key, value in {**has, "CpuArchitectureType": "x64"}.items()]
    places = [{"location": location, "zones": ["1", "2", "3"]}]
    shown: Json = {"resourceType": "virtualMachines", "name": name, "tier": "Standard", "locations": [location]}
    return {**shown, "locationInfo": places, "capabilities": found, "restrictions": []}


def listed(items: list[Json], model: Published, following: str) -> Json:
    """A page; each item checked."""
    page: Json = {"value": [checked(one, model) for one in items]}
    return {**page, "nextLink": following} if following else page


def failed(code: str, message: str, details: tuple[tuple[str, str], ...] = ()) -> Json:
    """Azure's way to say no."""
    error: Json = {"code": code, "message": message}
    if details:
        error["details"] = [{"code": what, "target": target} for what, target in details]
    checked(error, models.ApiError)
    return {"error": error}


def _common(one: ScaleSet, machine: Machine, *, view: bool) -> Json:
    waited = one.stood_by.get(machine.id)
    made_at = waited.made_at if waited else machine.launched_at
    state = "Updating" if waited and machine.condition is Condition.BOOTING else STATES[machine.condition]
    properties: Json = {
        "vmId": identity(f"{machine.id}/{made_at}"),
        "provisioningState": state,
        "timeCreated": moment(made_at),
        "osProfile": {"computerName": one.host(machine)},
    }
    shown = {"statuses": _statuses(one, machine), **({"isVMInStandbyPool": False} if waited else {})}
    return {**properties, "instanceView": shown} if view else properties


def _statuses(one: ScaleSet, machine: Machine) -> list[Json]:
    if machine.condition is Condition.FAILED:
        code = one.refusals.get(machine.id, "OSProvisioningTimedOut")
        at = moment(machine.launched_at)
        return [{"code": f"ProvisioningState/failed/{code}", "level": "Error", "message": WORDS[code], "time": at}]
    if machine.id in one.stood_by and machine.condition is Condition.BOOTING:
        return [{"code": "ProvisioningState/updating", "level": "Info"}, {"code": "PowerState/deallocated", "level": "Info"}]
    provisioning = f"ProvisioningState/{STATES[machine.condition].lower()}"
    power = "running" if one.running_on(machine) else POWERED[machine.condition]
    at = moment(machine.launched_at)
    return [{"code": provisioning, "level": "Info", "time": at}, {"code": f"PowerState/{power}", "level": "Info"}]
