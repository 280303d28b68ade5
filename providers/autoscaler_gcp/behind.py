"""What Google does behind us on a managed instance group, from what it says of the group. Pure.

https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers
"""

from collections.abc import Mapping
from typing import Any

from autoscaler_clouds.findings import Findings

Json = Mapping[str, Any]

MANAGED = "gcloud compute instance-groups managed"
REPAIR = "REPAIR"
PROACTIVE = "PROACTIVE"


def of_group(group: Json, where: str, found: Findings) -> None:
    """`where`: as gcloud takes it, `--zone europe-west4-a`."""
    name, before = group.get("name", ""), len(found.found)
    update = f"{MANAGED} update {name} {where}"
    if _under(group, "status").get("autoscaler"):
        hint = f"{MANAGED} stop-autoscaling {name} {where}"
        found.advise("group", "an autoscaler of Google's sets its size as well", hint)
    if group.get("autoHealingPolicies"):
        found.advise("group", "autohealing is on: it replaces machines that a health check finds sick", f"{update} --clear-autohealing")
    if _under(group, "instanceLifecyclePolicy").get("defaultActionOnFailure", REPAIR) == REPAIR:
        hint = f"{update} --default-action-on-vm-failure=do-nothing"
        found.advise("group", "it repairs machines that fail, by making them again under their names", hint)
    policy = _under(group, "updatePolicy")
    if policy.get("type") == PROACTIVE:
        hint = f"{update} --update-policy-type=opportunistic"
        found.advise("group", "its updates are proactive: a new template replaces machines, whatever stands on them", hint)
    if "region" in group and policy.get("instanceRedistributionType", PROACTIVE) == PROACTIVE:
        hint = f"{update} --instance-redistribution-type=none"
        found.advise("group", "it moves machines from zone to zone of its own accord", hint)
    if len(found.found) == before:
        found.fine("group", "nobody else sets its size or replaces its machines")


def quotas_of(region: Json) -> list[tuple[str, int, int]]:
    """Metric, use and limit of each, in whole numbers; what cannot be read is left out."""
    told = region.get("quotas", [])
    return [
        (str(one.get("metric", "?")), int(one.get("usage", 0)), int(one.get("limit", 0)))
        for one in (told if isinstance(told, list) else [])
        if isinstance(one, dict) and isinstance(one.get("limit", 0), int | float) and isinstance(one.get("usage", 0), int | float)
    ]


def _under(group: Json, key: str) -> Json:
    found = group.get(key, {})
    return found if isinstance(found, dict) else {}
