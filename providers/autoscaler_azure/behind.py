"""What Azure does behind us on a scale set, and what we may there, from what it says. Pure.

https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets/get, https://learn.microsoft.com/rest/api/authorization/permissions
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from autoscaler_clouds.findings import Findings

Json = Mapping[str, Any]
NOTHING: Json = {}


def of_set(told: Json, found: Findings) -> None:
    """Its own settings."""
    properties, update = under(told, "properties"), f"az vmss update --ids {told.get('id', '')} --set"
    upgrade, resilience = under(properties, "upgradePolicy"), under(properties, "resiliencyPolicy")
    if under(properties, "automaticRepairsPolicy").get("enabled"):
        hint = f"{update} automaticRepairsPolicy.enabled=false"
        found.advise("set", "automatic repairs are on: they replace machines that a health check finds sick", hint)
    if upgrade.get("mode") in ("Automatic", "Rolling"):
        says = f"its upgrade mode is {upgrade['mode']}: a new model replaces machines, whatever stands on them"
        found.advise("set", says, f"{update} upgradePolicy.mode=Manual")
    if under(upgrade, "automaticOSUpgradePolicy").get("enableAutomaticOSUpgrade"):
        hint = f"{update} upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade=false"
        found.advise("set", "it upgrades its machines' systems by itself", hint)
    if properties.get("overprovision"):
        found.advise("set", "it launches more than it is asked for, and ends what is too much", f"{update} overprovision=false")
    notice = under(under(under(properties, "virtualMachineProfile"), "scheduledEventsProfile"), "terminateNotificationProfile")
    if notice.get("enable"):
        says = (
            f"a machine that is given back lingers, paid for, for {notice.get('notBeforeTimeout') or 'PT5M'} or until it approves of that"
        )
        hint = f"{update} virtualMachineProfile.scheduledEventsProfile.terminateNotificationProfile.enable=false: it is empty by then"
        found.advise("set", says, hint)
    if under(resilience, "automaticZoneRebalancingPolicy").get("enabled"):
        hint = f"{update} resiliencyPolicy.automaticZoneRebalancingPolicy.enabled=false"
        found.advise("set", "it moves machines from zone to zone of its own accord", hint)
    if under(properties, "spotRestorePolicy").get("enabled"):
        found.advise("set", "it starts spot machines again that were taken", f"{update} spotRestorePolicy.enabled=false")


def of_standby(told: Json, identity: str, found: Findings) -> None:
    """Its standby pool: whose it is, and in what state machines wait there."""
    properties = under(told, "properties")
    attached, state = str(properties.get("attachedVirtualMachineScaleSetId", "")), properties.get("virtualMachineState")
    if attached.lower() != identity.lower():
        says = f"the standby pool {told.get('name', '?')} is of another set: {attached or 'none'}"
        found.broken("standby", says, "name the set's own as `standby_pool`, as az standby-vm-pool list shows it")
    elif state == "Running":
        hint = f"az standby-vm-pool update --ids {told.get('id', '')} --vm-state Deallocated; or raise `min` of the pool"
        found.advise("standby", "its machines wait running: they cost as those at work do, and none is counted as standing by", hint)
    else:
        found.fine("standby", f"machines wait for the set, {str(state).lower()}")


def of_autoscale(settings: Iterable[Json], identity: str, found: Findings) -> None:
    """Who else sets the capacity; ids are alike in either case."""
    for one in settings:
        properties = under(one, "properties")
        if properties.get("enabled", True) and str(properties.get("targetResourceUri", "")).lower() == identity.lower():
            name = one.get("name", "?")
            hint = f"az monitor autoscale update --ids {one.get('id', '')} --enabled false"
            found.advise("set", f"the autoscale setting {name} sets its capacity as well", hint)


def allowed(told: Iterable[Json], action: str) -> bool:
    """Whether one of these assignments has it and does not take it away again."""
    return any(_matches(one.get("actions"), action) and not _matches(one.get("notActions"), action) for one in told)


def usages_of(told: Iterable[Json]) -> list[tuple[str, int, int]]:
    """Name, use and limit of each quota; what cannot be read is left out."""
    return [
        (str(under(one, "name").get("localizedValue", "?")), one["currentValue"], one["limit"])
        for one in told
        if isinstance(one.get("currentValue"), int) and isinstance(one.get("limit"), int)
    ]


def under(told: Json, key: str) -> Json:
    """The object under a key; an empty one where there is none."""
    found = told.get(key)
    return found if isinstance(found, dict) else NOTHING


def _matches(patterns: object, action: str) -> bool:
    return isinstance(patterns, list) and any(fnmatchcase(action.lower(), str(one).lower()) for one in patterns)
