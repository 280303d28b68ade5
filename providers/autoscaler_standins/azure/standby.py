"""Standby pools: machines of a flexible set that are made, stopped, and given out first.

The SDK that our other answers are held to has no models of this service:
https://learn.microsoft.com/azure/virtual-machine-scale-sets/standby-pools-get-details
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autoscaler_standins.azure.replies import found_nothing, replied
from autoscaler_standins.azure.routes import Route
from autoscaler_standins.azure.sets import ScaleSet
from autoscaler_standins.serving import Reply

Json = dict[str, Any]
PROVIDER, KIND = "Microsoft.StandbyPool", "standbyVirtualMachinePools"
STATES = ("Creating", "Starting", "Running", "Deallocating", "Deallocated", "Hibernating", "Hibernated", "Deleting")
PATH = rf"/subscriptions/(?P<subscription_id>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/{re.escape(PROVIDER)}/{KIND}/(?P<name>[^/]+)"


def _read(name: str, path: str) -> Route:
    pattern = re.compile(path, re.IGNORECASE)
    return Route(name=name, method="GET", path=pattern, params=frozenset({"api-version"}), version="2025-03-01", takes=None, gives=None)


VIEW = _read("StandbyPools.GetRuntimeView", rf"{PATH}/runtimeViews/latest")
ROUTES = (_read("StandbyPools.Get", PATH), VIEW)


@dataclass(slots=True, kw_only=True)
class StandbyPool:
    """`set`: that it is attached to, which has those that wait. `state`: in which they are to wait."""

    name: str
    set: ScaleSet
    state: str = "Deallocated"

    @property
    def id(self) -> str:
        """Its own, as Azure writes it."""
        model = self.set.model
        return f"/subscriptions/{model.subscription}/resourceGroups/{model.group}/providers/{PROVIDER}/{KIND}/{self.name}"

    def shown(self) -> Json:
        """A standby pool."""
        properties = {
            "attachedVirtualMachineScaleSetId": self.set.model.id,
            "elasticityProfile": {"maxReadyCapacity": 100, "minReadyCapacity": 0},
            "virtualMachineState": self.state,
            "provisioningState": "Succeeded",
        }
        return {
            "id": self.id,
            "name": self.name,
            "type": f"{PROVIDER}/{KIND}",
            "location": self.set.model.location,
            "properties": properties,
        }

    def view(self) -> Json:
        """Its runtime view: those that wait, in each zone, by their state."""
        zones = self.set.model.zones or ("",)
        found = {zone: sum(one.zone == zone for one in self.set.waiting) for zone in zones}
        summary = [
            {
                **({"zone": int(zone)} if zone else {}),
                "instanceCountsByState": [{"state": state, "count": count if state == self.state else 0} for state in STATES],
            }
            for zone, count in found.items()
        ]
        status = {"code": "HealthState/healthy", "message": "The pool is healthy."}
        properties = {"instanceCountSummary": summary, "provisioningState": "Succeeded", "status": status}
        return {
            "id": f"{self.id}/runtimeViews/latest",
            "name": "latest",
            "type": f"{PROVIDER}/{KIND}/runtimeViews",
            "properties": properties,
        }


def answer(pools: Iterable[StandbyPool], route: Route, parts: Mapping[str, str]) -> Reply:
    """Of one of the ROUTES."""
    found = next((one for one in pools if (one.set.model.group.lower(), one.name) == (parts["group"].lower(), parts["name"])), None)
    if found is None:
        raise found_nothing(KIND, parts["name"], parts["group"], provider=PROVIDER)
    return replied(found.view() if route is VIEW else found.shown())
