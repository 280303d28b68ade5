"""A managed instance group's answers, as a pool: pure.

https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers/listManagedInstances
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.refs import InstanceRef, OfferingName
from autoscaler_clouds.launches import AGAIN, FORGET
from autoscaler_sources.moments import moment

if TYPE_CHECKING:
    from google.cloud import compute_v1

GOING = ("DELETING", "ABANDONING")
COMING = ("CREATING", "CREATING_WITHOUT_RETRIES", "RECREATING")
STARTING = ("STARTING", "RESUMING")
ENDING = ("STOPPING", "PENDING_STOP", "DEPROVISIONING", "SUSPENDING")
ENDED = ("TERMINATED", "STOPPED", "SUSPENDED")
BOOTING = ("PENDING", "PROVISIONING", "STAGING", "REPAIRING")
STANDBY = ("STOPPED", "SUSPENDED")
"""What a member is meant to be while it waits to be needed: no machine of the pool yet."""
ZONE = re.compile(r".*/zones/([^/]+)/.*")
NUMBERED = re.compile(r"-?#+(\[[0-9]*\])?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that went wrong with a machine: when, with which, and the vendor's code."""

    at: Instant
    name: str
    code: str
    launch: bool

    @property
    def lacking(self) -> bool:
        """Whether there was no capacity, or no quota."""
        return sold_out(self.code) or over_quota(self.code)


def sold_out(code: str) -> bool:
    """ZONE_RESOURCE_POOL_EXHAUSTED and its kin."""
    return "POOL_EXHAUSTED" in code or "STOCKOUT" in code


def over_quota(code: str) -> bool:
    """QUOTA_EXCEEDED and its kin."""
    return "QUOTA" in code


def ref_of(member: "compute_v1.ManagedInstance") -> InstanceRef:
    """Its name, and the number of its very machine; one that was not made yet has none."""
    return InstanceRef(member.name, str(member.id) if member.id else "")


def state_of(member: "compute_v1.ManagedInstance") -> InstanceState:
    """What the group does to it comes before what it is."""
    action, status = member.current_action, member.instance_status
    if action in GOING or (action not in COMING and status in ENDING):
        return InstanceState.STOPPING
    if action in COMING or starts(member):
        return InstanceState.FAILED if code_of(member) else InstanceState.LAUNCHING
    if action == "RESTARTING" or status in BOOTING:
        return InstanceState.LAUNCHING
    return InstanceState.RUNNING if status == "RUNNING" else InstanceState.FAILED


def starts(member: "compute_v1.ManagedInstance") -> bool:
    """Whether it stood by, and the group starts or resumes it."""
    return member.current_action in STARTING


def going(member: "compute_v1.ManagedInstance") -> bool:
    """Whether the group lets it go already."""
    return member.current_action in GOING


def code_of(member: "compute_v1.ManagedInstance") -> str:
    """Of the last thing that went wrong with it; none where nothing did."""
    return next((one.code for one in member.last_attempt.errors.errors), "")


def words_of(member: "compute_v1.ManagedInstance") -> str:
    """As `code_of`, with the vendor's words."""
    return next((f"{one.code}: {one.message}" for one in member.last_attempt.errors.errors), "")


def active(members: "Iterable[compute_v1.ManagedInstance]") -> "list[compute_v1.ManagedInstance]":
    """Without those that wait to be needed."""
    return [one for one in members if one.target_status not in STANDBY]


def count_of(group: "compute_v1.InstanceGroupManager", members: "Sequence[compute_v1.ManagedInstance]") -> int:
    """Launching and running. What the group's size counts and its list does not show yet is launching."""
    counted = sum(state_of(one) in (InstanceState.LAUNCHING, InstanceState.RUNNING) for one in members)
    shown = sum(one.current_action not in GOING for one in members)
    return counted + max(0, group.target_size - shown)


def templates_of(group: "compute_v1.InstanceGroupManager") -> frozenset[str]:
    """Addresses of what it makes machines from now."""
    return frozenset({one.instance_template for one in group.versions} | {group.instance_template})


def base_of(group: "compute_v1.InstanceGroupManager") -> str:
    """What the names of its members begin with."""
    return NUMBERED.sub("", group.base_instance_name) or group.name


def zone_of(url: str) -> str:
    """Of an instance; none of one that is not in any yet."""
    found = ZONE.fullmatch(url)
    return found[1] if found else ""


def failure_of(told: "compute_v1.InstanceManagedByIgmError") -> Failure:
    """A line of the group's list of errors."""
    at, details = moment(told.timestamp), told.instance_action_details
    return Failure(
        at=Instant(at) if isinstance(at, int) else Instant(0),
        name=details.instance.rpartition("/")[2],
        code=told.error.code,
        launch=details.action in (*COMING, *STARTING),
    )


def failed_launches(failures: Iterable[Failure], born: Instant, now: Instant) -> int:
    """Machines that did not come up, since the last that did, unless that is long ago. No capacity is not a failure."""
    since = max(born, Instant(now - FORGET.ms))
    return len({one.name for one in failures if one.launch and one.at > since and not one.lacking})


def sold_out_until(failures: Iterable[Failure], born: Instant, now: Instant) -> Instant:
    """After there was no capacity, and none came since; zero when it may be asked for."""
    lately = [one.at + AGAIN.ms for one in failures if one.launch and one.lacking and one.at >= born]
    return Instant(max((until for until in lately if until > now), default=0))


def end_of(member: "compute_v1.ManagedInstance") -> Instant | None:
    """When it stops, where that is known: at the end of its time, or of a graceful shutdown that its group did not ask for.

    Until then it runs, and replicas may serve there.
    """
    planned, ends = member.scheduling.termination_timestamp, list[Instant]()
    if planned and isinstance(at := moment(planned), int):
        ends.append(at)
    if member.instance_status == "PENDING_STOP" and not going(member):
        told = member.shutdown_details
        if isinstance(asked := moment(told.request_timestamp), int):
            ends.append(later(asked, Duration(told.max_duration.seconds * 1000)))
    return min(ends, default=None)


def instance_of(member: "compute_v1.ManagedInstance", offering: OfferingName, births: Mapping[int, Instant]) -> Instance:
    """A member; a machine's own name is its node's."""
    return Instance(
        ref=ref_of(member),
        state=state_of(member),
        offering=offering,
        node_name=member.name,
        launched_at=births.get(member.id, Instant(0)),
        ends_at=end_of(member),
    )
