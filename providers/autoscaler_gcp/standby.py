"""Members that were made beforehand and stopped or suspended, until they are needed.

https://cloud.google.com/compute/docs/instance-groups/suspended-and-stopped-vms-in-mig
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autoscaler_gcp.groups import ENDED, STANDBY, templates_of

if TYPE_CHECKING:
    from google.cloud import compute_v1

SUSPENDED = "SUSPENDED"
SCALE_OUT_POOL = "SCALE_OUT_POOL"
IDLE = ("", "NONE")


def standing_by(members: "Iterable[compute_v1.ManagedInstance]") -> tuple[str, ...]:
    """Names of those that are meant to wait, whether they do already or are still prepared."""
    return tuple(sorted(one.name for one in members if one.target_status in STANDBY))


def ready(group: "compute_v1.InstanceGroupManager", members: "Iterable[compute_v1.ManagedInstance]") -> "list[compute_v1.ManagedInstance]":
    """Those that only have to be started, of what the group would make now; suspended ones first, for these are the quicker."""
    present = templates_of(group)
    able = [one for one in members if one.target_status in STANDBY and one.instance_status in ENDED and one.current_action in IDLE]
    found = [one for one in able if one.version.instance_template in present]
    return sorted(found, key=lambda one: (not suspended(one), one.name))


def suspended(member: "compute_v1.ManagedInstance") -> bool:
    """Whether it is resumed, and not started."""
    return member.target_status == SUSPENDED


def refills(group: "compute_v1.InstanceGroupManager") -> bool:
    """Whether the group itself starts them when its size is raised, and makes others in their place."""
    return group.standby_policy.mode == SCALE_OUT_POOL
