"""What a subscription may, uses, and has other services do with its sets, as far as it is shown.

The SDK that our other answers are held to has no models of these services: https://learn.microsoft.com/rest/api/authorization/permissions,
https://learn.microsoft.com/rest/api/monitor/autoscale-settings
"""

import re
from dataclasses import dataclass, field
from typing import Any

from azure.mgmt.compute import models
from azure.mgmt.compute.operations import _operations as built

from autoscaler_standins.azure.routes import Route, route_by
from autoscaler_standins.azure.views import listed

Json = dict[str, Any]
SUBSCRIPTION = r"/subscriptions/(?P<subscription_id>[^/]+)"
GROUP = rf"{SUBSCRIPTION}/resourceGroups/(?P<resource_group_name>[^/]+)"
SET = rf"{GROUP}/providers/[^/]+/[^/]+/[^/]+"
"""A scale set, or whatever else somebody may have permissions on."""

PERMISSIONS = r"/providers/Microsoft\.Authorization/permissions"


def _read(name: str, path: str, version: str) -> Route:
    pattern = re.compile(path, re.IGNORECASE)
    return Route(name=name, method="GET", path=pattern, params=frozenset({"api-version"}), version=version, takes=None, gives=None)


BESIDE = (
    _read("Permissions.ListForResource", SET + PERMISSIONS, "2022-04-01"),
    _read("Permissions.ListForResourceGroup", GROUP + PERMISSIONS, "2022-04-01"),
    _read("AutoscaleSettings.ListBySubscription", rf"{SUBSCRIPTION}/providers/Microsoft\.Insights/autoscalesettings", "2022-10-01"),
    route_by("Usage.List", built.build_usage_list_request),
)


@dataclass(slots=True)
class Behind:
    """`denied`: actions that whoever asks may not. `autoscaled`: ids of what other settings scale. `usages`: use and limit of quotas."""

    denied: list[str] = field(default_factory=list)
    autoscaled: list[str] = field(default_factory=list)
    usages: dict[str, tuple[int, int]] = field(default_factory=lambda: {"Total Regional vCPUs": (16, 5000)})

    def answer(self, name: str) -> Json:
        """Of one of those that are BESIDE the sets."""
        if name == "Usage.List":
            return listed([_usage(quota, *told) for quota, told in self.usages.items()], models.Usage, "")
        if name == "AutoscaleSettings.ListBySubscription":
            return {"value": [_setting(place, one) for place, one in enumerate(self.autoscaled)]}
        return {"value": [{"actions": ["*"], "notActions": self.denied, "dataActions": [], "notDataActions": []}]}


def _usage(name: str, used: int, limit: int) -> Json:
    return {"unit": "Count", "currentValue": used, "limit": limit, "name": {"value": name.replace(" ", ""), "localizedValue": name}}


def _setting(place: int, target: str) -> Json:
    properties = {"enabled": True, "targetResourceUri": target, "profiles": []}
    return {"id": f"{target}/autoscale-{place}", "name": f"autoscale-{place}", "location": "westeurope", "properties": properties}
